/**
 * Recipe U as it is written, in plain arithmetic: sorted rings of a thousand, tables of 288 slots, every context a row of its own.
 *
 * What `src/core/novelty` computes in 2 KiB is measured against this; this is held to numbers that a Python prototype wrote.
 */

const streams = {
  W10: { floor: 0.2, decay: 4e-4, x1: -0.008, x2: 0.1839, minus: 0 },
  W60: { floor: 0.1, decay: 4e-4, x1: -0.0036, x2: 0.0741, minus: 0.3 },
  up: { floor: 0.2, decay: 1e-4, x1: 0.033, x2: 0.2208, minus: 0 },
  down: { floor: 0.2, decay: 1e-4, x1: 0.033, x2: 0.2208, minus: 0 },
  ctx: { floor: 0, decay: 5e-4, x1: 0.1059, x2: 0.281, minus: 0.3 },
}

/** @param {readonly number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * @param {ArrayLike<number>} values
 * @returns {number}
 */
function median(values) {
  const sorted = Float64Array.from(values).sort()
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? Number(sorted[half]) : (Number(sorted[half - 1]) + Number(sorted[half])) / 2
}

/** The upper median of the last values, kept sorted. */
class RunningMedian {
  /** @type {number[]} */
  #ring = []
  /** @type {number[]} */
  #sorted = []

  get value() {
    return Number(this.#sorted[this.#sorted.length >> 1])
  }

  /** @param {number} value */
  push(value) {
    this.#sorted.splice(this.#place(value), 0, value)
    this.#ring.push(value)
    if (this.#ring.length > 1000) this.#sorted.splice(this.#place(Number(this.#ring.shift())), 1)
  }

  /** @param {number} value */
  #place(value) {
    let [from, to] = [0, this.#sorted.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (Number(this.#sorted[middle]) < value) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** How far a stream goes beyond its decaying record. */
class DecayingRecord {
  #record = Number.NEGATIVE_INFINITY
  #median = new RunningMedian()

  /**
   * @param {typeof streams.W10} stream
   * @param {number} u
   * @param {number} range
   * @param {boolean} isWarm
   */
  take({ floor, decay }, u, range, isWarm) {
    if (!isWarm) {
      this.#record = Math.max(this.#record, u)
      this.#median.push(u)
      return -1
    }
    const middle = this.#median.value
    const spread = Math.max(this.#record - middle, 1e-12 + 1e-6 * Math.abs(middle))
    const unit = Math.max(spread, floor * range)
    const r = (u - this.#record) / unit
    this.#record = middle + (this.#record - middle) * (1 - decay)
    if (u > this.#record) this.#record = Math.min(u, middle + 2 * unit)
    this.#median.push(u)
    return r
  }
}

/** Means of each slot of a day, of working days and weekends, and of weekdays. */
class Week {
  #errors = [1, 1, 1]
  /** @type {Map<string, { mean: number, count: number }>} */
  #cells = new Map()

  /**
   * @param {number} slot
   * @param {number} weekday 0 Monday
   */
  #rows(slot, weekday) {
    return [`${slot}`, `${slot} ${weekday >= 5}`, `${slot} on ${weekday}`].map((name, table) => ({
      name,
      table,
      ...(this.#cells.get(name) ?? { mean: 0, count: 0 }),
    }))
  }

  /**
   * @param {number} slot
   * @param {number} weekday
   */
  usual(slot, weekday) {
    const known = this.#rows(slot, weekday).filter(({ table, count }) => count >= (table === 0 ? 1 : 2))
    known.sort((a, b) => Number(this.#errors[a.table]) - Number(this.#errors[b.table]) || a.table - b.table)
    return known[0]?.mean
  }

  /**
   * @param {number} slot
   * @param {number} weekday
   * @param {number} y
   */
  learn(slot, weekday, y) {
    const rows = this.#rows(slot, weekday)
    const isKnown = rows.every(({ count }) => count > 0)
    for (const { name, table, mean: before, count } of rows) {
      const error = Number(this.#errors[table])
      if (isKnown) this.#errors[table] = error + 0.005 * (Math.min(Math.abs(y - before), 5 * error + 1e-9) - error)
      const value = count === 0 ? y : before + Math.max(0.3, 1 / (count + 1)) * (y - before)
      this.#cells.set(name, { mean: value, count: count + 1 })
    }
  }
}

/** Robust recursive least squares of y on [1, slow, usual]. */
class LeastSquares {
  scale = 1
  #weights = [0, 0, 0]
  #p = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]

  /**
   * @param {number} y
   * @param {readonly number[]} phi
   * @param {number} t
   */
  take(y, phi, t) {
    if (t === 0) return 0
    const dot = (/** @type {readonly number[]} */ row) => row.reduce((sum, one, i) => sum + one * Number(phi[i]), 0)
    const e = y - dot(this.#weights)
    const size = Math.abs(e)
    let weight = t < 50 ? 1 : Math.min(1, (3 * this.scale) / Math.max(size, 1e-300))
    if (t >= 50 && size > 6 * this.scale) weight = Math.min(weight, 0.05)
    const g = this.#p.map(dot)
    const gain = g.map((one) => one / (0.9998 / weight + dot(g)))
    this.#weights = this.#weights.map((one, i) => one + Number(gain[i]) * e)
    this.#p = this.#p.map((row, i) => row.map((one, j) => (one - Number(gain[i]) * Number(g[j])) / 0.9998))
    const trace = this.#p.reduce((sum, row, i) => sum + Number(row[i]), 0)
    if (trace > 30) this.#p = this.#p.map((row) => row.map((one) => (one * 30) / trace))
    const counted = t < 50 ? size : Math.min(size, 4 * this.scale)
    this.scale = Math.max(this.scale + Math.max(0.005, 1 / (t + 5)) * (1.25 * counted - this.scale), 1e-6)
    return e
  }
}

/** Surprise of the next symbol, in bits, in four contexts. */
class Contexts {
  /** @type {Map<string, number[]>} */
  #rows = new Map()
  #last = [0, 0, 0]

  /**
   * @param {number} symbol
   * @param {number} hour
   */
  take(symbol, hour) {
    const [a, b, c] = this.#last
    this.#last = [symbol, Number(a), Number(b)]
    return mean([`1 ${a}`, `2 ${b} ${a}`, `3 ${c} ${b} ${a}`, `h ${hour}`].map((name) => this.#surprise(name, symbol)))
  }

  /**
   * @param {string} name
   * @param {number} symbol
   */
  #surprise(name, symbol) {
    const row = this.#rows.get(name) ?? Array(17).fill(0)
    this.#rows.set(name, row)
    const bits = -Math.log2((row[symbol] + 0.05) / (row[16] + 0.8))
    row[symbol]++
    row[16]++
    return bits
  }
}

/**
 * @param {typeof streams.W10} stream
 * @param {number} r
 */
function calibrated({ x1, x2, minus }, r) {
  const l = Math.log(1 + Math.min(Math.max(r, -0.95), 1e6))
  return Math.max(0, 1 + (l - x1) / (x2 - x1)) - minus
}

/**
 * Runs a whole series, row by row.
 *
 * @param {ArrayLike<number>} timeMs local time
 * @param {ArrayLike<number>} values
 * @param {number} theta
 */
export function recipeU(timeMs, values, theta) {
  const first = Array.from({ length: Math.min(200, values.length) }, (_, i) => Number(values[i]))
  const steps = first.slice(1).map((_, i) => Number(timeMs[i + 1]) - Number(timeMs[i]))
  const ns = Math.min(Math.max(Math.round(86_400_000 / median(steps)), 1), 288)
  const c = median(first)
  const deviation = Math.sqrt(mean(first.map((value) => (value - mean(first)) ** 2)))
  const sd = Math.max(deviation, 1e-3 * Math.abs(c), 1e-9)
  const scaled = (/** @type {number} */ value) => Math.min(Math.max((value - c) / sd, -1e4), 1e4)
  const sorted = first.map(scaled).sort((a, b) => a - b)
  const low = Number(sorted[2])
  const symbolRange = Math.max(Number(sorted[198]) - low, 1e-6)
  const [week, model, contexts] = [new Week(), new LeastSquares(), new Contexts()]
  const records = { W10: new DecayingRecord(), W60: new DecayingRecord(), up: new DecayingRecord() }
  const others = { down: new DecayingRecord(), ctx: new DecayingRecord() }
  /** @type {number[]} */
  const residuals = []
  /** @type {number[]} */
  const surprises = []
  let [slow, least, most, alarms, until, last] = [scaled(Number(first[0])), Infinity, -Infinity, 0, 0, -Infinity]
  return Array.from(values, (value, t) => {
    const y = scaled(value)
    const range = t === 0 ? 0 : most - least
    least = Math.min(least, y)
    most = Math.max(most, y)
    const slowBefore = t === 0 ? y : slow
    slow = slowBefore + Math.max(0.01, 1 / (t + 1)) * (y - slowBefore)
    const day = Math.floor(Number(timeMs[t]) / 86_400_000)
    const slot = Math.floor(((Number(timeMs[t]) - 86_400_000 * day) / 86_400_000) * ns)
    const weekday = (((day + 3) % 7) + 7) % 7
    const habit = week.usual(slot, weekday) ?? slowBefore
    const ew = model.take(y, [1, slowBefore, habit], t)
    week.learn(slot, weekday, y)
    const symbol = Math.min(Math.max(Math.floor((8 * (y - low)) / symbolRange) + 4, 0), 15)
    const surprise = contexts.take(symbol, Math.floor((24 * slot) / ns))
    residuals.push(ew)
    surprises.push(surprise)
    const u = {
      W10: Math.abs(mean(residuals.slice(-10))),
      W60: Math.abs(mean(residuals.slice(-60))),
      ctx: mean(surprises.slice(-5)),
    }
    const isWarm = t >= 200
    const r = {
      W10: records.W10.take(streams.W10, u.W10, range, isWarm),
      W60: records.W60.take(streams.W60, u.W60, range, isWarm),
      x: Math.max(records.up.take(streams.up, y, range, isWarm), others.down.take(streams.down, -y, range, isWarm)),
      ctx: others.ctx.take(streams.ctx, u.ctx, 0, isWarm),
    }
    const parts = [calibrated(streams.W10, r.W10), calibrated(streams.up, r.x)]
    parts.push(calibrated(streams.W60, r.W60), calibrated(streams.ctx, r.ctx))
    const e = isWarm ? Math.max(...parts) : 0
    const threshold = theta + 0.3 * Math.log10((t + 1) / 2000) + 0.2 * alarms
    const isOver = isWarm && e > threshold
    alarms *= Math.exp(-1 / 1500)
    let score = 1 / (1 + 10 ** (threshold - e))
    const isAlarm = isOver && (t >= until || e >= last + 1)
    if (isAlarm) {
      ;[last, until] = [e, t + 100]
      alarms += 1
      score = Math.max(score, 0.5000001)
    } else if (t < until) score = Math.min(score, 0.499)
    if (!isWarm) score = Math.min(score, 0.1)
    return { y, slow, week: habit, ew, ctx: surprise, u, range, r, e, threshold, isOver, score }
  })
}

import { math } from '../built.mjs'
import { dayPart, timeOf } from './clock.mjs'
import { lagged, logBetween, remembering, rhythm, waiting } from './noise.mjs'

/** @typedef {import('./kinds.mjs').Make} Make */
/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */

const { exp } = math

/** Heat up, hold, cool, wait: batches of nearly equal length. @type {Make} */
const batch = ({ random, grid: { rows } }) => {
  const length = logBetween(random, 60, 150)
  const parts = [0.25, 0.35, 0.2, 0.2]
  const target = new Float64Array(rows)
  let t = -Math.floor(length * random.uniform())
  while (t < rows) {
    const hold = 150 + 2 * random.normal()
    for (const [phase, part] of parts.entries()) {
      const phaseRows = Math.max(2, Math.round(part * length * (1 + 0.04 * random.normal())))
      for (let i = 0; i < phaseRows; i++, t++) {
        if (t < 0 || t >= rows) continue
        const done = i / phaseRows
        target[t] = [20 + (hold - 20) * done, hold, hold - (hold - 20) * done, 20][phase] ?? 20
      }
    }
  }
  const values = lagged(target, 4).map((x) => x + 0.6 * random.normal())
  return { values, periodRows: length }
}

/** A conveyor's current: on and off in a nearly fixed duty. @type {Make} */
const conveyor = ({ random, grid: { rows } }) => {
  const [on, off] = [logBetween(random, 10, 60), logBetween(random, 8, 40)]
  const values = new Float64Array(rows)
  let isOn = false
  let left = 0
  for (let t = 0; t < rows; t++) {
    if (--left <= 0) {
      isOn = !isOn
      left = (isOn ? on : off) * (1 + 0.05 * random.normal())
    }
    values[t] = isOn ? 12 + 0.4 * random.normal() : 0.3 + 0.05 * random.normal()
  }
  return { values, periodRows: on + off }
}

/** A room: a thermostat heats against a day outside, with thermal lag. @type {Make} */
const thermalLag = ({ random, grid }) => {
  const day = rhythm(random)
  const minutes = grid.stepMs / 60_000
  const lag = Math.max(2, logBetween(random, 60, 240) / minutes)
  const values = new Float64Array(grid.rows)
  let inside = 21
  let heater = 0
  for (let t = 0; t < grid.rows; t++) {
    const outside = 8 + 6 * day(dayPart(timeOf(grid, t)))
    if (inside < 20.5) heater = 1
    if (inside > 21.5) heater = 0
    inside += (outside + 26 * heater - inside) / lag
    values[t] = inside + 0.08 * random.normal()
  }
  return { values }
}

/** A valve's position: set points that are moved now and then, followed with a lag. @type {Make} */
const setPoints = ({ random, grid: { rows } }) => {
  const places = Array.from({ length: 5 }, () => random.between(10, 90))
  const dwell = logBetween(random, 40, 150)
  const target = new Float64Array(rows)
  let at = random.integer(places.length)
  let left = waiting(random, dwell)
  for (let t = 0; t < rows; t++) {
    if (--left <= 0) {
      at = random.integer(places.length)
      left = 10 + waiting(random, dwell)
    }
    target[t] = places[at] ?? 50
  }
  return { values: lagged(target, logBetween(random, 1, 8)).map((x) => x + 0.4 * random.normal()) }
}

/** A tap: nothing most of the time, then drawn for a while. @type {Make} */
const intermittent = ({ random, grid: { rows } }) => {
  const values = new Float64Array(rows)
  let left = 0
  let flow = 0
  for (let t = 0; t < rows; t++) {
    if (left <= 0 && random.uniform() < 0.02) {
      left = 2 + waiting(random, 8)
      flow = random.between(4, 9)
    }
    values[t] = left > 0 ? flow + 0.2 * random.normal() : 0
    left--
  }
  return { values, isNonNegative: true }
}

/** A steady signal with a short event of its own now and then: a defrost, a rinse. @type {Make} */
const ownEvents = ({ random, grid: { rows } }) => {
  const shape = rhythm(random)
  const eventRows = 12 + random.integer(20)
  const noise = remembering(random, rows, 10)
  const values = noise.map((x) => -18 + 0.3 * x)
  for (let t = 20 + random.integer(60); t + eventRows < rows; t += eventRows + 40 + Math.floor(waiting(random, 60))) {
    for (let i = 0; i < eventRows; i++) {
      const done = i / eventRows
      values[t + i] = (values[t + i] ?? 0) + 6 * math.sin(Math.PI * done) * (1 + 0.2 * shape(done / 2))
    }
  }
  return { values }
}

/** A tank that is filled and emptied between two levels. @type {Make} */
const tank = ({ random, grid: { rows } }) => {
  const [up, down] = [1 / logBetween(random, 20, 80), 1 / logBetween(random, 20, 80)]
  const values = new Float64Array(rows)
  let rising = true
  let level = random.uniform()
  let edge = 1
  for (let t = 0; t < rows; t++) {
    level += (rising ? up : -down) * (1 + 0.15 * random.normal())
    if (rising ? level > edge : level < 1 - edge) {
      rising = !rising
      edge = 1 + 0.03 * random.normal()
    }
    values[t] = 2 + 3 * level + 0.02 * random.normal()
  }
  return { values, periodRows: 1 / up + 1 / down }
}

/** The power of a machine that changes between few states. @type {Make} */
const states = ({ random, grid: { rows } }) => {
  const levels = [0.4, 3, 7.5, 11].map((level) => level * random.between(0.9, 1.1))
  const dwell = [60, 30, 80, 25]
  const values = new Float64Array(rows)
  let at = 0
  let left = 0
  for (let t = 0; t < rows; t++) {
    if (--left <= 0) {
      at = at === 0 ? 1 : (at + (random.uniform() < 0.7 ? 1 : 3)) % 4
      left = 5 + waiting(random, dwell[at] ?? 40)
    }
    const level = levels[at] ?? 0
    values[t] = level * (1 + 0.03 * random.normal()) + 0.05 * random.normal()
  }
  return { values, isNonNegative: true }
}

/** A compressor that keeps a pressure, with readings lost for hours now and then. @type {Make} */
const gaps = ({ random, grid: { rows } }) => {
  const slow = remembering(random, rows, 30)
  const values = slow.map((x) => 7 + 0.15 * x + 0.05 * random.normal())
  const isMissing = new Uint8Array(rows)
  for (let t = 300 + random.integer(200); t < rows; t += 400 + random.integer(800)) {
    isMissing.fill(1, t, t + 15 + random.integer(60))
  }
  return { values, isMissing }
}

/** Current of a motor that wears in: its level falls slowly towards a rest. @type {Make} */
const wearingIn = ({ random, grid: { rows } }) => {
  const noise = remembering(random, rows, 15)
  const rest = logBetween(random, 400, 1500)
  return { values: noise.map((x, t) => 5 + 2 * exp(-t / rest) + 0.15 * x) }
}

/** Kinds of machines, whose rhythm is no calendar. */
export const machineKinds = {
  batch,
  conveyor,
  thermalLag,
  setPoints,
  intermittent,
  ownEvents,
  tank,
  states,
  gaps,
  wearingIn,
}

import { createPrng, math } from '../built.mjs'
import { logBetween, remembering, waiting } from './noise.mjs'

/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */
/**
 * A machine with commands: what it is told is context, what it does is measured. Rows of the first half are normal.
 * @typedef {object} MachineSeries
 * @property {string} name
 * @property {number} stepMs
 * @property {Float64Array} timeMs
 * @property {Record<string, Float64Array>} context commands and loads, never scored
 * @property {Record<string, Float64Array>} channels
 * @property {[first: number, last: number][]} windows
 * @property {number} learnRows rows known to be normal
 */
/** @typedef {{ random: Prng, rows: number, fault: (row: number) => number }} Run fault: 0 healthy … 1 faulty, by row */
/** @typedef {(run: Run) => { context: Record<string, Float64Array>, channels: Record<string, Float64Array> }} Machine */

const { exp } = math

/**
 * A command that jumps between levels.
 * @param {Prng} random
 * @param {number} rows
 * @param {readonly number[]} levels
 * @param {number} dwell
 */
function commands(random, rows, levels, dwell) {
  const out = new Float64Array(rows)
  let [at, left] = [0, 0]
  for (let t = 0; t < rows; t++) {
    if (--left <= 0) {
      at = random.integer(levels.length)
      left = dwell / 3 + waiting(random, dwell)
    }
    out[t] = levels[at] ?? 0
  }
  return out
}

/** An oven: switched power, losses by radiation; the fault takes a fifth of its power. @type {Machine} */
const oven = ({ random, rows, fault }) => {
  const power = commands(random, rows, [0, 0.4, 0.7, 1], 60)
  const temperature = new Float64Array(rows)
  let kelvin = 320
  for (let t = 0; t < rows; t++) {
    const given = (power[t] ?? 0) * (1 - 0.2 * fault(t))
    kelvin += 9 * given - 1.6e-10 * (kelvin ** 4 - 293 ** 4) * 0.35 + 0.4 * random.normal()
    temperature[t] = kelvin - 273 + 0.5 * random.normal()
  }
  return { context: { power }, channels: { temperature } }
}

/** A pump by its affinity laws: flow ~ n, pressure ~ n², power ~ n³; the fault is a leak. @type {Machine} */
const pump = ({ random, rows, fault }) => {
  const speed = commands(random, rows, [0.3, 0.55, 0.8, 1], 80)
  const valve = commands(random, rows, [0.5, 1], 200)
  const [flow, pressure, current] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)]
  const wander = remembering(random, rows, 50)
  let n = 0.5
  for (let t = 0; t < rows; t++) {
    n += ((speed[t] ?? 0) - n) / 6
    const open = valve[t] ?? 1
    const leak = 0.12 * fault(t)
    flow[t] = 60 * n * open * (1 - leak) * (1 + 0.01 * (wander[t] ?? 0)) + 0.3 * random.normal()
    pressure[t] = 8 * n * n * (1.25 - 0.5 * open) * (1 - 1.2 * leak) + 0.04 * random.normal()
    current[t] = 3 + 22 * n ** 3 * (0.6 + 0.4 * open) + 0.15 * random.normal()
  }
  return { context: { speed, valve }, channels: { flow, pressure, current } }
}

/** A press whose force saturates with the stroke and the hardness of the part; the fault is a slow valve. @type {Machine} */
const press = ({ random, rows, fault }) => {
  const stroke = new Float64Array(rows)
  const recipe = commands(random, rows, [0.7, 1, 1.4], 120)
  const force = new Float64Array(rows)
  const oil = new Float64Array(rows)
  const length = 24
  let [position, heat] = [0, 45]
  for (let t = 0; t < rows; t++) {
    const step = t % length
    stroke[t] = step < 8 ? 1 : step < 14 ? 0.4 : 0
    position += ((stroke[t] ?? 0) - position) / (2 + 2.5 * fault(t))
    const deep = position * (recipe[t] ?? 1)
    force[t] = 120 * (1 / (1 + exp(-8 * (deep - 0.6))) - 1 / (1 + exp(4.8))) + 1.2 * random.normal()
    heat += 0.02 * deep - 0.004 * (heat - 40) + 0.02 * random.normal()
    oil[t] = heat + 0.1 * random.normal()
  }
  return { context: { stroke, recipe }, channels: { force, oil } }
}

/** A compressor with two modes and hysteresis; the fault is a filter that clogs. @type {Machine} */
const compressor = ({ random, rows, fault }) => {
  const demand = commands(random, rows, [0.2, 0.5, 0.75, 0.95], 90)
  const [pressure, power] = [new Float64Array(rows), new Float64Array(rows)]
  let [bar, isLoaded] = [7, true]
  for (let t = 0; t < rows; t++) {
    if (bar < 6.6) isLoaded = true
    if (bar > 7.4) isLoaded = false
    const delivery = isLoaded ? 1.05 * (1 - 0.15 * fault(t)) : 0
    bar += 0.12 * (delivery - (demand[t] ?? 0) * Math.sqrt(Math.max(0, bar) / 7)) + 0.008 * random.normal()
    pressure[t] = bar + 0.02 * random.normal()
    power[t] = (isLoaded ? 55 + 2.2 * bar + 6 * fault(t) : 18) + 0.6 * random.normal()
  }
  return { context: { demand }, channels: { pressure, power } }
}

const machines = { oven, pump, press, compressor }
/** Names of the machines. */
export const machineNames = /** @type {readonly (keyof typeof machines)[]} */ (Object.keys(machines))

/**
 * A machine that runs healthy for its first 3,000 rows and fails once after row 3,600.
 * @param {keyof typeof machines} name
 * @param {number} seed
 * @param {number} [faultSize] 0: a healthy machine, without a label
 * @returns {MachineSeries}
 */
export function machineSeries(name, seed, faultSize = 1) {
  const random = createPrng(7_001 + 97 * seed + machineNames.indexOf(name))
  const rows = 6_000
  const first = 3_600 + random.integer(1_500)
  const last = first + 300 + random.integer(300)
  const fault = (/** @type {number} */ row) => (row >= first && row <= last ? faultSize : 0)
  const { context, channels } = machines[name]({ random, rows, fault })
  const stepMs = 10_000
  const startMs = Date.UTC(2023, 4, 1)
  return {
    name: `machine/${name}/${seed}`,
    stepMs,
    timeMs: Float64Array.from({ length: rows }, (_, row) => startMs + row * stepMs),
    context,
    channels,
    windows: faultSize === 0 ? [] : [[first, last]],
    learnRows: 3_000,
  }
}

/**
 * Many machines of one make, each with its own size, offset, lag and noise, and a short history of 400 normal rows; one
 * in three fails.
 * @param {number} count
 * @param {number} seed
 * @returns {MachineSeries[]}
 */
export function fleetSeries(count, seed) {
  return Array.from({ length: count }, (_, index) => {
    const random = createPrng(9_001 + 1_009 * seed + index)
    const rows = 1_200
    const [gain, offset, lag] = [random.between(0.8, 1.2), random.between(-5, 5), logBetween(random, 4, 9)]
    const speed = commands(random, rows, [0, 0.35, 0.7, 1], 25)
    const isFaulty = index % 3 === 0
    const first = 600 + random.integer(350)
    const last = first + 150
    const torque = new Float64Array(rows)
    const winding = new Float64Array(rows)
    let [n, heat] = [0, 0.2]
    for (let t = 0; t < rows; t++) {
      const sick = isFaulty && t >= first && t <= last ? 1 : 0
      n += ((speed[t] ?? 0) - n) / lag
      // Friction that sticks at low speed, air that resists with its square; the fault is a dry bearing.
      const friction = 0.25 / (1 + 12 * n) + 0.12 * sick
      const load = n > 0.02 ? friction + 0.9 * n * n : 0
      heat += (load * load - 0.25 * heat) / 40
      torque[t] = offset + gain * (20 * load + 0.3 * random.normal())
      winding[t] = 30 + offset + gain * (60 * heat + 0.4 * random.normal())
    }
    const startMs = Date.UTC(2023, 7, 1)
    return {
      name: `fleet/${seed}/${index}`,
      stepMs: 10_000,
      timeMs: Float64Array.from({ length: rows }, (_row, row) => startMs + row * 10_000),
      context: { speed },
      channels: { torque, winding },
      windows: isFaulty ? [[first, last]] : [],
      learnRows: 400,
    }
  })
}

import { math } from '../built.mjs'
import { dayPart, dayRows, timeOf } from './clock.mjs'
import { logBetween, remembering, rhythm, waiting } from './noise.mjs'

/** @typedef {import('./kinds.mjs').Make} Make */

const { exp } = math

/** A reading that never moves: a closed valve, an idle line. @type {Make} */
const constant = ({ random, grid: { rows } }) => ({ values: new Float64Array(rows).fill(random.between(-50, 200)) })

/** Few steps of a coarse converter, with noise about one step. @type {Make} */
const quantised = ({ random, grid: { rows } }) => {
  const slow = remembering(random, rows, logBetween(random, 20, 200))
  const quantum = 0.5
  const values = slow.map((x) => Math.round((20 + 0.6 * x + 0.3 * random.normal()) / quantum) * quantum)
  return { values, quantum }
}

/** White noise around a level. @type {Make} */
const noisy = ({ random, grid: { rows } }) => {
  const level = random.between(-100, 100)
  return { values: remembering(random, rows, 1).map((x) => level + 3 * x) }
}

/** Noise with memory. @type {Make} */
const autoregressive = ({ random, grid: { rows } }) => {
  const values = remembering(random, rows, logBetween(random, 5, 80))
  return { values: values.map((x) => 50 + 4 * x) }
}

/** A walk between two walls. @type {Make} */
const boundedWalk = ({ random, grid: { rows } }) => {
  const values = new Float64Array(rows)
  const step = logBetween(random, 0.02, 0.1)
  let x = random.between(-1, 1)
  for (let t = 0; t < rows; t++) {
    x += step * random.normal()
    if (x > 1) x = 2 - x
    if (x < -1) x = -2 - x
    values[t] = 10 + 5 * x
  }
  return { values }
}

/** Noise with wild values now and then, as electrical measurements have it. @type {Make} */
const heavyTail = ({ random, grid: { rows } }) => {
  const values = new Float64Array(rows)
  for (let t = 0; t < rows; t++) {
    // Student's t with three degrees of freedom.
    const squares = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2
    values[t] = 30 + (2 * random.normal()) / Math.sqrt(squares / 3)
  }
  return { values }
}

/** A level that follows the season of the year, with a weak day in it. @type {Make} */
const seasonalDrift = ({ random, grid }) => {
  const slow = rhythm(random)
  const day = rhythm(random)
  const years = random.between(2.5, 5)
  const noise = remembering(random, grid.rows, 6)
  const from = random.uniform()
  const values = noise.map((x, t) => {
    const season = slow(from + t / grid.rows / years)
    return 15 + 8 * season + 1.2 * day(dayPart(timeOf(grid, t))) + 0.4 * x
  })
  return { values, periodRows: dayRows(grid) }
}

/** A control loop that hunts around its set point. @type {Make} */
const hunting = ({ random, grid: { rows } }) => {
  const period = logBetween(random, 12, 60)
  const damping = 1 - 1 / logBetween(random, 10, 60)
  const a = 2 * damping * math.cos((2 * Math.PI) / period)
  const b = -damping * damping
  const values = new Float64Array(rows)
  let [x, before] = [0, 0]
  const unit = (1 - damping) ** 0.5
  for (let t = -300; t < rows; t++) {
    const next = a * x + b * before + unit * random.normal()
    before = x
    x = next
    if (t >= 0) values[t] = 6 + 0.3 * x
  }
  return { values }
}

/** Vibration: lognormal around the level of the load of the moment. @type {Make} */
const vibration = ({ random, grid: { rows } }) => {
  const slow = remembering(random, rows, 40)
  const values = new Float64Array(rows)
  let load = random.uniform() < 0.5 ? 0.6 : 1.4
  let left = waiting(random, 250)
  for (let t = 0; t < rows; t++) {
    if (--left <= 0) {
      load = load > 1 ? 0.6 : 1.4
      left = waiting(random, 250)
    }
    values[t] = load * exp(0.15 * (slow[t] ?? 0) + 0.12 * random.normal())
  }
  return { values, isNonNegative: true }
}

/** Noise that grows with the load. @type {Make} */
const multiplicative = ({ random, grid }) => {
  const day = rhythm(random)
  const noise = remembering(random, grid.rows, 4)
  const values = noise.map((x, t) => exp(1 + 0.8 * day(dayPart(timeOf(grid, t))) + 0.15 * x))
  return { values, periodRows: dayRows(grid), isNonNegative: true }
}

/** Kinds without, or with a weak, rhythm. */
export const steadyKinds = {
  constant,
  quantised,
  noisy,
  autoregressive,
  boundedWalk,
  heavyTail,
  seasonalDrift,
  hunting,
  vibration,
  multiplicative,
}

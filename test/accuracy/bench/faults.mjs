import { math } from '../built.mjs'
import { turn } from './noise.mjs'

/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */
/** @typedef {import('./kinds.mjs').Normal} Normal */
/**
 * @typedef {object} Place
 * @property {number} first row
 * @property {number} spread of the normal signal: about its deviation
 * @property {number} size 1 is plain, less is subtle
 * @property {1 | -1} sign
 * @property {number} periodRows 0 without a rhythm
 * @property {Prng} random
 */
/** @typedef {(values: Float64Array, place: Place) => number} Inject changes the values, answers the last row that is faulty */
/** @typedef {{ inject: Inject, applies: (normal: Normal) => boolean }} Fault */

const { sin } = math

/**
 * @param {Float64Array} values
 * @param {Place} place
 * @param {number} rows
 * @param {(i: number, value: number) => number} change
 */
function over(values, { first }, rows, change) {
  const last = Math.min(values.length, first + Math.round(rows)) - 1
  for (let t = first; t <= last; t++) values[t] = change(t - first, values[t] ?? 0)
  return last
}

/** @type {Inject} */
function level(values, place) {
  const { spread, size, sign, random } = place
  return over(values, place, random.between(150, 400), (_, x) => x + sign * 3 * size * spread)
}

/** @type {Inject} */
function drift(values, place) {
  const { spread, size, sign, random } = place
  const rows = random.between(300, 500)
  return over(values, place, rows, (i, x) => x + (sign * 4 * size * spread * i) / rows)
}

/** @type {Inject} */
function spike(values, place) {
  const { spread, size, sign, random } = place
  return over(values, place, 1 + random.integer(3), (_, x) => x + sign * 8 * size * spread)
}

/** @type {Inject} */
function burst(values, place) {
  const { spread, size, sign, random } = place
  return over(values, place, random.between(30, 80), (_, x) =>
    random.uniform() < 0.35 ? x + sign * random.between(3, 7) * size * spread : x,
  )
}

/** @type {Inject} */
function varianceUp(values, place) {
  const { spread, size, random } = place
  return over(values, place, random.between(150, 400), (_, x) => x + 1.6 * size * spread * random.normal())
}

/** The mean of up to nine rows around each. @param {Float64Array} values */
function smoothed(values) {
  return values.map((_, t) => {
    const around = values.subarray(Math.max(0, t - 4), t + 5)
    return around.reduce((sum, x) => sum + x, 0) / around.length
  })
}

/** @type {Inject} */
function varianceDown(values, place) {
  const smooth = smoothed(values)
  const left = 0.2 / place.size
  return over(values, place, place.random.between(250, 500), (i, x) => {
    const around = smooth[place.first + i] ?? x
    return around + left * (x - around)
  })
}

/** @type {Inject} */
function stuck(values, place) {
  const held = values[place.first - 1] ?? 0
  return over(values, place, place.size * place.random.between(100, 300), () => held)
}

/** @type {Inject} */
function oscillation(values, place) {
  const { spread, size, random } = place
  const period = random.between(8, 40)
  return over(values, place, random.between(150, 400), (i, x) => x + 1.8 * size * spread * sin((turn * i) / period))
}

/** For a period (a subtle fault: half of the way) the top is missing. @type {Inject} */
function missingPeak(values, place) {
  const { periodRows, first, size } = place
  const known = values.slice(Math.max(0, first - Math.round(6 * periodRows)), first).sort()
  const [low = 0, middle = 0] = [known[Math.floor(known.length / 10)], known[Math.floor(known.length / 2)]]
  const keep = size < 1 ? 0.5 : 0.1
  return over(values, place, periodRows, (_, x) => (x > middle ? low + keep * (x - low) : x))
}

/** The rhythm runs early or late for two periods. @type {Inject} */
function phase(values, place) {
  const { periodRows, size, sign, first } = place
  const shift = sign * Math.round(0.35 * size * periodRows)
  const before = Float64Array.from(values)
  return over(values, place, 2 * periodRows, (i, x) => before[first + i - shift] ?? x)
}

/** The rhythm is too weak or too strong for two periods, within or beyond its range. @type {Inject} */
function amplitude(values, place) {
  const { periodRows, size, sign, first } = place
  const known = values.slice(Math.max(0, first - Math.round(2 * periodRows)), first)
  const mean = known.reduce((sum, x) => sum + x, 0) / Math.max(1, known.length)
  const factor = sign > 0 ? 1 + 0.9 * size : 1 - 0.7 * size
  return over(values, place, 2 * periodRows, (_, x) => mean + factor * (x - mean))
}

/** A bump as high as the peaks, at the time of the trough. @type {Inject} */
function oddHour(values, place) {
  const { periodRows, size, first } = place
  const known = values.slice(Math.max(0, first - Math.round(6 * periodRows)), first).sort()
  const [low = 0, high = 0] = [known[Math.floor(known.length / 20)], known[Math.floor(known.length * 0.95)]]
  const rows = Math.max(4, periodRows / 6)
  // The lowest stretch of the coming period.
  let [at, lowest] = [first, Number.POSITIVE_INFINITY]
  for (let t = first; t + rows < Math.min(values.length, first + periodRows); t++) {
    const sum = values.subarray(t, t + Math.ceil(rows)).reduce((total, x) => total + x, 0)
    if (sum < lowest) [at, lowest] = [t, sum]
  }
  place.first = at
  const height = (0.5 + 0.5 * size) * (high - low)
  return over(values, place, rows, (i, x) => x + height * sin((Math.PI * (i + 0.5)) / rows))
}

/** Nothing arrives: the builder of series leaves these rows out. @type {Inject} */
function silent(values, place) {
  return over(values, place, place.size * place.random.between(100, 250), (_, x) => x)
}

/**
 * How much of the signal's deviation is noise from row to row: where it is little, nobody could see it vanish.
 * @param {Normal} normal
 */
function noiseShare({ values }) {
  const smooth = smoothed(values)
  const deviation = (/** @type {Float64Array} */ of) => {
    const mean = of.reduce((sum, x) => sum + x, 0) / of.length
    return Math.sqrt(of.reduce((sum, x) => sum + (x - mean) ** 2, 0) / of.length)
  }
  const whole = deviation(values)
  return whole === 0 ? 0 : deviation(values.map((x, t) => x - (smooth[t] ?? x))) / whole
}

/** The share of rows that differ from the one before. @param {Normal} normal */
function moving({ values }) {
  return values.reduce((sum, x, t) => sum + (t > 0 && x !== values[t - 1] ? 1 : 0), 0) / values.length
}

const always = () => true
/** Rhythms of which a fault's place shows several periods. @param {Normal} normal */
const hasRhythm = ({ values, periodRows = 0 }) => periodRows >= 12 && periodRows * 6 <= values.length

/** Faults by name: what each does, and where it means something. @satisfies {Record<string, Fault>} */
export const faults = {
  level: { inject: level, applies: always },
  drift: { inject: drift, applies: always },
  spike: { inject: spike, applies: always },
  burst: { inject: burst, applies: always },
  varianceUp: { inject: varianceUp, applies: always },
  varianceDown: { inject: varianceDown, applies: (/** @type {Normal} */ normal) => noiseShare(normal) > 0.25 },
  stuck: { inject: stuck, applies: (/** @type {Normal} */ normal) => moving(normal) > 0.6 },
  oscillation: { inject: oscillation, applies: always },
  missingPeak: { inject: missingPeak, applies: hasRhythm },
  phase: { inject: phase, applies: hasRhythm },
  amplitude: { inject: amplitude, applies: hasRhythm },
  oddHour: { inject: oddHour, applies: hasRhythm },
  silent: { inject: silent, applies: always },
}

/** @typedef {keyof typeof faults} FaultName */
/** Names of the faults, always in this order. */
export const faultNames = /** @type {readonly FaultName[]} */ (Object.keys(faults))

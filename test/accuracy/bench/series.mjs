import { createPrng } from '../built.mjs'
import { timeOf } from './clock.mjs'
import { faultNames, faults } from './faults.mjs'
import { kindNames, kinds, stepsOf } from './kinds.mjs'

/** @typedef {import('./kinds.mjs').Kind} Kind */
/** @typedef {import('./kinds.mjs').Normal} Normal */
/** @typedef {import('./faults.mjs').FaultName} FaultName */
/** @typedef {import('./clock.mjs').Grid} Grid */
/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */
/** @typedef {'subtle' | 'plain'} Severity */
/** @typedef {'choose' | 'report'} Half constants are chosen on one half, figures reported on the other */
/**
 * @typedef {object} BenchSeries
 * @property {string} name
 * @property {Kind} kind
 * @property {FaultName | 'none'} fault
 * @property {Severity | 'none'} severity
 * @property {Half} half
 * @property {number} stepMs
 * @property {Float64Array} timeMs of the readings that arrive
 * @property {Float64Array} values
 * @property {[first: number, last: number][]} windows by row of the readings that arrive
 */

/** Rows of a series with a fault: two weeks at five minutes. */
const faultyRows = 4_032
/** Rows of a clean one: 30 days at five minutes. */
const cleanRows = 8_640
const cleanStepMs = 300_000
const hourMs = 3_600_000
/** Rows after a fault in which a detector may still find it: its statistics look back. */
const tailRows = 10

/** @type {Readonly<Record<Severity, number>>} */
const sizes = { subtle: 0.5, plain: 1 }
/** Names of the severities. */
export const severities = /** @type {readonly Severity[]} */ (Object.keys(sizes))

/**
 * One seed of several numbers.
 * @param {readonly number[]} parts
 */
function seedOf(...parts) {
  return (
    parts.reduce((hash, part) => Math.imul(hash ^ (part + 0x9e3779b9), 0x85ebca6b) ^ (hash >>> 15), 0x1234567) >>> 0
  )
}

/**
 * About the deviation of the signal, robust, and never 0.
 * @param {Float64Array} values
 */
function spreadOf(values) {
  const sorted = values.slice().sort()
  const at = (/** @type {number} */ share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
  const spread = Math.max((at(0.975) - at(0.025)) / 3.92, 0.5 * deviation)
  // A constant's deviation is what rounding leaves of it.
  return spread > 1e-9 * Math.abs(mean) ? spread : Math.max(0.02 * Math.abs(mean), 1e-3)
}

/**
 * A grid that begins at some hour of some day.
 * @param {Prng} random
 * @param {number} rows
 * @param {number} stepMs
 * @returns {Grid}
 */
function gridOf(random, rows, stepMs) {
  return { rows, stepMs, startMs: Date.UTC(2022, 0, 3) + random.integer(700 * 24) * hourMs }
}

/**
 * The readings that arrive: missing ones left out, values on their quantum, times jittered.
 * @param {Grid} grid
 * @param {Normal} normal
 * @param {Float64Array} values
 * @param {(row: number) => boolean} isLost
 * @param {Prng} random
 */
function delivered(grid, { quantum = 0, isNonNegative = false, isMissing, jitter = 0 }, values, isLost, random) {
  /** @type {number[]} */
  const rows = []
  for (let row = 0; row < values.length; row++) if (isMissing?.[row] !== 1 && !isLost(row)) rows.push(row)
  const readingOf = (/** @type {number} */ row) => {
    const value = values[row] ?? 0
    const bounded = isNonNegative ? Math.max(0, value) : value
    return quantum > 0 ? Math.round(bounded / quantum) * quantum : bounded
  }
  const shift = () => (jitter === 0 ? 0 : Math.round(random.between(-jitter, jitter) * grid.stepMs))
  return {
    rows,
    timeMs: Float64Array.from(rows, (row) => timeOf(grid, row) + shift()),
    values: Float64Array.from(rows, readingOf),
  }
}

/**
 * A month of five-minute data without a fault.
 * @param {Kind} kind
 * @param {number} seed
 * @returns {BenchSeries}
 */
export function cleanSeries(kind, seed) {
  const random = createPrng(seedOf(101, kindNames.indexOf(kind), seed))
  const grid = gridOf(random, cleanRows, cleanStepMs)
  const normal = kinds[kind]({ random, grid })
  const { timeMs, values } = delivered(grid, normal, normal.values, () => false, random)
  const half = seed % 2 === 0 ? 'choose' : 'report'
  return {
    name: `clean/${kind}/${seed}`,
    kind,
    fault: 'none',
    severity: 'none',
    half,
    stepMs: cleanStepMs,
    timeMs,
    values,
    windows: [],
  }
}

/**
 * Puts the fault where it shows: it must change its rows by a good part of the spread. `silent` always shows.
 * @param {Normal} normal
 * @param {FaultName} fault
 * @param {Severity} severity
 * @param {Prng} random
 */
function injected(normal, fault, severity, random) {
  const spread = spreadOf(normal.values)
  const isUpOnly = normal.isNonNegative === true
  for (let attempt = 0; attempt < 50; attempt++) {
    const values = Float64Array.from(normal.values)
    const place = {
      first: Math.floor(values.length * random.between(0.55, 0.85)),
      spread,
      size: sizes[severity],
      sign: /** @type {1 | -1} */ (isUpOnly || random.uniform() < 0.5 ? 1 : -1),
      periodRows: normal.periodRows ?? 0,
      random,
    }
    const last = faults[fault].inject(values, place)
    const first = place.first
    let changed = 0
    for (let t = first; t <= last; t++) changed += Math.abs((values[t] ?? 0) - (normal.values[t] ?? 0))
    const least = fault === 'varianceDown' ? 0 : 0.15 * spread * (last - first + 1)
    if (fault === 'silent' || changed > least) return { values, first, last }
  }
  return null
}

/**
 * A series with one fault in its second half, or null where the fault means nothing for the kind.
 * @param {Kind} kind
 * @param {FaultName} fault
 * @param {Severity} severity
 * @param {number} seed
 * @returns {BenchSeries | null}
 */
export function faultySeries(kind, fault, severity, seed) {
  const parts = [kindNames.indexOf(kind), faultNames.indexOf(fault), severities.indexOf(severity), seed]
  const random = createPrng(seedOf(202, ...parts))
  const steps = stepsOf(kind)
  const grid = gridOf(random, faultyRows, steps[random.integer(steps.length)] ?? cleanStepMs)
  const normal = kinds[kind]({ random, grid })
  if (!faults[fault].applies(normal)) return null
  const faulty = injected(normal, fault, severity, random)
  if (faulty === null) return null
  const isLost = (/** @type {number} */ row) => fault === 'silent' && row >= faulty.first && row <= faulty.last
  const { rows, timeMs, values } = delivered(grid, normal, faulty.values, isLost, random)
  // Silence is found at the first reading after it; every other fault may be found a little after its end.
  const first = rows.findIndex((row) => row >= faulty.first)
  const last = rows.findLastIndex((row) => row <= faulty.last + tailRows)
  return {
    name: `${kind}/${fault}/${severity}/${seed}`,
    kind,
    fault,
    severity,
    half: seed % 2 === 0 ? 'choose' : 'report',
    stepMs: grid.stepMs,
    timeMs,
    values,
    windows: [[first, Math.max(first, last)]],
  }
}

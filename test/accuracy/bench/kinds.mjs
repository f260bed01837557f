import { calendarKinds } from './kinds-calendar.mjs'
import { machineKinds } from './kinds-machines.mjs'
import { steadyKinds } from './kinds-steady.mjs'

/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */
/** @typedef {import('./clock.mjs').Grid} Grid */
/** @typedef {{ readonly random: Prng, readonly grid: Grid }} Draw */
/**
 * @typedef {object} Normal
 * @property {Float64Array} values by row of the grid
 * @property {number} [periodRows] of its rhythm, where it has one
 * @property {number} [quantum] step of the values
 * @property {boolean} [isNonNegative]
 * @property {Uint8Array} [isMissing] 1: no reading arrives
 * @property {number} [jitter] largest shift of a reading, in steps
 */
/** @typedef {(draw: Draw) => Normal} Make */
/** @typedef {keyof typeof kinds} Kind */

/** Everything normal that the bench knows, by name. */
export const kinds = { ...steadyKinds, ...calendarKinds, ...machineKinds }

/** Names of the kinds, always in this order. */
export const kindNames = /** @type {readonly Kind[]} */ (Object.keys(kinds))

const second = 1_000
const minute = 60 * second

/** Kinds whose rhythm needs other steps than the fast ones between readings. @type {Partial<Record<Kind, readonly number[]>>} */
const slowKinds = {
  ...Object.fromEntries(Object.keys(calendarKinds).map((kind) => [kind, [5 * minute, 10 * minute, 15 * minute]])),
  weekly: [15 * minute, 30 * minute, 60 * minute],
  dailyWeekend: [15 * minute, 30 * minute, 60 * minute],
  twoShifts: [10 * minute, 15 * minute, 30 * minute],
  seasonalDrift: [5 * minute, 15 * minute, 60 * minute],
  multiplicative: [5 * minute, 15 * minute],
  thermalLag: [minute, 5 * minute],
}

/**
 * ms between two readings that a kind may have in the bench.
 * @param {Kind} kind
 */
export function stepsOf(kind) {
  return slowKinds[kind] ?? [second, 10 * second, minute, 5 * minute]
}

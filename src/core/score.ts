import type { Sensitivity } from '../domain/sensor.ts'
import { C } from './columns.ts'
import { recipe } from './recipe.ts'
import type { Residual } from './residual.ts'
import { limitFloor } from './threshold.ts'

/** What the score stage finds for one reading; one object, used again for every row. */
export interface Scored {
  /** Error averages with this reading in them, relative to their limits; 1 is the limit. */
  slow: number
  fast: number
  /** Distance outside the range ever seen, in units of a fifth of it; signed: above is positive. */
  novelty: number
  /** The statistic; 1 is the alarm boundary. */
  r: number
  /** r^8 / (1 + r^8). */
  score: number
}

/**
 * Takes a reading's errors into the running averages: EWMA .05 of |E_1|, EWMA .01 of the mean over horizons.
 *
 * A single error counts at most `cap`; averages that just started are plain means. Without errors nothing changes.
 */
export function average(f: Float64Array, at: number, residual: Residual, slowCap: number, fastCap: number): void {
  if (Number.isNaN(residual.first)) return
  const rows = f[at + C.errorRows]! + 1
  const start = 1 / rows
  const first = clip(residual.first, fastCap)
  const mean = Math.min(residual.mean, slowCap)
  f[at + C.errorRows] = rows
  f[at + C.fast] = f[at + C.fast]! + Math.max(recipe.fastWeight, start) * (Math.abs(first) - f[at + C.fast]!)
  f[at + C.slow] = f[at + C.slow]! + Math.max(recipe.slowWeight, start) * (mean - f[at + C.slow]!)
  f[at + C.signed] = f[at + C.signed]! + Math.max(recipe.fastWeight, start) * (first - f[at + C.signed]!)
}

function clip(value: number, bound: number): number {
  return value > bound ? bound : value < -bound ? -bound : value
}

/** Largest error that counts in the fast average; see `recipe.errorCap`. */
export function fastCap(f: Float64Array, at: number): number {
  return recipe.errorCap * (f[at + C.fastLimit]! - f[at + C.fastMedian]!)
}

/** Largest error that counts in the slow average. */
export function slowCap(f: Float64Array, at: number): number {
  return recipe.errorCap * (f[at + C.slowLimit]! - f[at + C.slowMedian]!)
}

/**
 * The score of a reading whose errors are already averaged: recipe T.
 *
 * r = max(√(r_slow·r_fast) / f, r_range); score = r⁸/(1+r⁸), so 0.5 is the boundary whatever the sensitivity. In the
 * first rows of a session no alarm is possible: r stays below it.
 */
export function score(f: Float64Array, at: number, value: number, sensitivity: Sensitivity, out: Scored): void {
  out.slow = relative(f[at + C.slow]!, f[at + C.slowMedian]!, f[at + C.slowLimit]!)
  out.fast = relative(f[at + C.fast]!, f[at + C.fastMedian]!, f[at + C.fastLimit]!)
  out.novelty = novelty(f, at, value)
  let r = Math.max(Math.sqrt(out.slow * out.fast) / recipe.factor[sensitivity], Math.abs(out.novelty))
  if (f[at + C.sessionRows]! < recipe.sessionRows) r = Math.min(r, 0.9)
  out.r = r
  out.score = squash(r)
}

function relative(u: number, median: number, limit: number): number {
  return Math.max(u - median, 0) / (limit - median)
}

/** Signed distance of a value outside the range ever seen, in units of a fifth of it. */
function novelty(f: Float64Array, at: number, value: number): number {
  const low = f[at + C.low]!
  const high = f[at + C.high]!
  const distance = value > high ? value - high : value < low ? value - low : 0
  return distance === 0 ? 0 : distance / noveltyUnit(f, at)
}

/** One unit of range novelty, in engineering units. */
export function noveltyUnit(f: Float64Array, at: number): number {
  const range = f[at + C.high]! - f[at + C.low]!
  return recipe.noveltyShare * Math.max(range, limitFloor(f, at) * f[at + C.unit]!)
}

/** The running scale of the residual, in scaled units, never below a tenth of the limit's floor. */
export function runningScale(f: Float64Array, at: number): number {
  return Math.max(f[at + C.running]!, 0.1 * limitFloor(f, at))
}

/** r⁸/(1+r⁸) by multiplication, written so that neither 0 nor Infinity gives NaN. */
export function squash(r: number): number {
  const q = 1 / r
  const q2 = q * q
  const q4 = q2 * q2
  return 1 / (1 + q4 * q4)
}

import { C } from './columns.ts'
import { recipe } from './recipe.ts'
import type { Residual } from './residual.ts'
import { limitFloor } from './threshold.ts'

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

/** The running scale of the residual, in scaled units, never below a tenth of the limit's floor. */
export function runningScale(f: Float64Array, at: number): number {
  return Math.max(f[at + C.running]!, 0.1 * limitFloor(f, at))
}

import type { Sensitivity } from '../domain/sensor.ts'
import { C } from './columns.ts'
import { novelty } from './range.ts'
import { recipe } from './recipe.ts'

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

/** r⁸/(1+r⁸) by multiplication, written so that neither 0 nor Infinity gives NaN. */
export function squash(r: number): number {
  const q = 1 / r
  const q2 = q * q
  const q4 = q2 * q2
  return 1 / (1 + q4 * q4)
}

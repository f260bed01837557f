import { novelty } from './constants.ts'
import type { Records } from './evidence.ts'
import { N } from './layout.ts'
import type { OwnResidual } from './residual.ts'

/** How far a reading and the mean of the last ten lie off what is expected, in y. */
export interface Deviation {
  reading: number
  mean: number
  /** The slow mean before the reading. */
  slow: number
  /** How far the expectation has followed since the hold began. */
  followed: number
}

/**
 * Measures a reading against what is expected, and how far that has followed the readings since a hold began.
 *
 * The linear model follows a new level by its slow mean within some hundred readings; what hour it is it still knows.
 * `own`: what it expected and its error; `short`: mean of its last ten errors; `habit`: NaN where the week knows nothing.
 */
export function deviate(
  f: Float64Array,
  at: number,
  y: number,
  slow: number,
  habit: number,
  own: OwnResidual,
  short: number,
  out: Deviation,
): void {
  out.slow = slow
  const isHeld = f[at + N.holdRows]! > 0
  const moved = isHeld ? slow - f[at + N.holdSlow]! : 0
  out.followed = moved * (f[at + N.weights + 1]! + (Number.isNaN(habit) ? f[at + N.weights + 2]! : 0))
  out.reading = y - own.predicted
  out.mean = short
}

/** Begins: the evidence is of a deviation of this size, or about none where a sequence was new. */
export function startHold(f: Float64Array, at: number, by: keyof Records, deviation: Deviation): void {
  const isLevel = by === 'above' || by === 'below'
  f[at + N.holdSize] = by === 'surprise' ? 0 : isLevel ? deviation.reading : deviation.mean
  f[at + N.holdSlow] = deviation.slow
  f[at + N.holdRows] = by === 'surprise' ? 0 : novelty.holdRows
}

/**
 * Whether a condition stands although its evidence is gone: a record that stands is no longer new, but a machine that fails hot and
 * stays hot is still failing. It stands while the reading, or the mean of ten, is at least half as far off, the same way;
 * for at most a thousand readings: then the new level is accepted.
 */
export function holds(f: Float64Array, at: number, { reading, mean, followed }: Deviation): boolean {
  if (!(f[at + N.holdRows]! > 0)) return false
  const size = f[at + N.holdSize]!
  const off = size > 0 ? Math.max(reading, mean) + followed : -Math.min(reading, mean) - followed
  const isHeld = off >= Math.abs(size) / 2 && f[at + N.holdRows]! > 1
  f[at + N.holdRows] = isHeld ? f[at + N.holdRows]! - 1 : 0
  return isHeld
}

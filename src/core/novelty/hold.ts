import type { Acceptance } from '../../domain/sensor.ts'
import type { Records } from './evidence.ts'
import { N, streamColumns as S } from './layout.ts'
import type { OwnResidual } from './residual.ts'
import { standardised } from './scale.ts'

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
  const isHeld = f[at + N.holdFrom]! > 0
  const moved = isHeld ? slow - f[at + N.holdSlow]! : 0
  out.followed = moved * (f[at + N.weights + 1]! + (Number.isNaN(habit) ? f[at + N.weights + 2]! : 0))
  out.reading = y - own.predicted
  out.mean = short
}

/** Begins: the evidence is of a deviation of this size, or about none where a sequence was new. */
export function startHold(f: Float64Array, at: number, by: keyof Records, timeMs: number, deviation: Deviation): void {
  const isLevel = by === 'above' || by === 'below'
  f[at + N.holdSize] = by === 'surprise' ? 0 : isLevel ? deviation.reading : deviation.mean
  f[at + N.holdSlow] = deviation.slow
  f[at + N.holdFrom] = by === 'surprise' ? 0 : f[at + N.rows]!
  f[at + N.holdMs] = timeMs
}

/**
 * Whether a condition stands although its evidence is gone: a record that stands is no longer new, but a machine that fails hot and
 * stays hot is still failing. It stands while the reading, or the mean of ten, is at least half as far off, the same way;
 * until the stated time is over: then the new level is accepted.
 */
export function holds(
  f: Float64Array,
  at: number,
  timeMs: number,
  { rows, ms }: Acceptance,
  { reading, mean, followed }: Deviation,
): boolean {
  const from = f[at + N.holdFrom]!
  if (!(from > 0)) return false
  const size = f[at + N.holdSize]!
  const off = size > 0 ? Math.max(reading, mean) + followed : -Math.min(reading, mean) - followed
  const isOff = off >= Math.abs(size) / 2
  const isDue = f[at + N.rows]! - from >= rows || timeMs - f[at + N.holdMs]! >= ms
  if (isOff && !isDue) return true
  f[at + N.holdFrom] = isOff ? accepted : 0
  return false
}

/** In the place of the rows when a hold began: its level was taken as normal. */
const accepted = -1

/** Whether the last hold ended because its level was taken as normal, not because the level came back; forgets it. */
export function wasAccepted(f: Float64Array, at: number): boolean {
  if (f[at + N.holdFrom] !== accepted) return false
  f[at + N.holdFrom] = 0
  return true
}

/**
 * Takes the level of a reading as normal now: the hold ends, and the records are at least what this level gives.
 *
 * A mean of ten or sixty will yet come to the whole distance from the slow mean, which would else be new again.
 */
export function acceptLevel(f: Float64Array, at: number, value: number): void {
  const y = standardised(f, at, value)
  const off = Math.max(Math.abs(y - f[at + N.slow]!), f[at + N.holdFrom]! > 0 ? Math.abs(f[at + N.holdSize]!) : 0)
  for (const [stream, u] of [
    [N.short, off],
    [N.long, off],
    [N.above, y],
    [N.below, -y],
  ] as const) {
    f[at + stream + S.record] = Math.max(f[at + stream + S.record]!, u)
  }
  f[at + N.holdFrom] = 0
}

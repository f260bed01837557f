import { novelty } from './constants.ts'
import { N } from './layout.ts'

/** RANGE: how far the readings before this one lie apart, in y; 0 before the second. Takes this one in. */
export function takeRange(f: Float64Array, at: number, y: number): number {
  if (f[at + N.rows] === 0) {
    f[at + N.low] = y
    f[at + N.high] = y
    return 0
  }
  const range = f[at + N.high]! - f[at + N.low]!
  if (y < f[at + N.low]!) f[at + N.low] = y
  if (y > f[at + N.high]!) f[at + N.high] = y
  return range
}

/** SLOW: the slow mean before this reading (the reading itself, the first time). Takes it in. */
export function takeSlow(f: Float64Array, at: number, y: number): number {
  const rows = f[at + N.rows]!
  const before = rows === 0 ? y : f[at + N.slow]!
  f[at + N.slow] = before + Math.max(novelty.slowWeight, 1 / (rows + 1)) * (y - before)
  return before
}

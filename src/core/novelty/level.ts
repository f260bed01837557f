import { novelty } from './constants.ts'
import { N } from './layout.ts'

/**
 * RANGE: how far the readings before this one lie apart, in y; 0 before the second. Takes this one in.
 *
 * Once the scale is fixed the range grows by a quarter of itself (at least one deviation) a reading, so that one reading of 10⁹
 * leaves the sensor's sense of far and near as it was.
 */
export function takeRange(f: Float64Array, at: number, y: number): number {
  const rows = f[at + N.rows]!
  if (rows === 0) {
    f[at + N.low] = y
    f[at + N.high] = y
    return 0
  }
  const [low, high] = [f[at + N.low]!, f[at + N.high]!]
  const most = rows < novelty.scaleRows ? Infinity : margin(f, at) / 4
  if (y < low) f[at + N.low] = Math.max(y, low - most)
  if (y > high) f[at + N.high] = Math.min(y, high + most)
  return high - low
}

/** The reading as it counts: at most one range beyond all that was seen, once the scale is fixed. */
export function held(f: Float64Array, at: number, y: number): number {
  if (f[at + N.rows]! < novelty.scaleRows) return y
  const most = margin(f, at)
  return Math.min(Math.max(y, f[at + N.low]! - most), f[at + N.high]! + most)
}

/** The reading as habits learn it: within the range seen, this reading's share in it included. */
export function inRange(f: Float64Array, at: number, y: number): number {
  return Math.min(Math.max(y, f[at + N.low]!), f[at + N.high]!)
}

function margin(f: Float64Array, at: number): number {
  return Math.max(f[at + N.high]! - f[at + N.low]!, novelty.marginLeast)
}

/** SLOW: the slow mean before this reading (the reading itself, the first time). Takes it in. */
export function takeSlow(f: Float64Array, at: number, y: number): number {
  const rows = f[at + N.rows]!
  const before = rows === 0 ? y : f[at + N.slow]!
  f[at + N.slow] = before + Math.max(novelty.slowWeight, 1 / (rows + 1)) * (y - before)
  return before
}

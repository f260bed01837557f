import { novelty, type Stream } from './constants.ts'
import { N, streamColumns as S } from './layout.ts'

/** Weight of a reading in a running median: as slow as a window of a thousand readings. */
const medianWeight = 0.002

/**
 * RECORD: how far a stream goes beyond its decaying record, in units of the distance from its median to the record; −1 at the median
 * is usual, 0 the record itself. Then the record decays towards the median, and follows what went beyond it.
 *
 * `range`: how far the readings before lie apart, in y; the unit is at least the stream's share of it. `at`: the stream's columns.
 */
export function takeRecord(f: Float64Array, row: number, at: number, stream: Stream, u: number, range: number): number {
  const rows = f[row + N.rows]!
  const record = f[at + S.record]!
  if (rows < novelty.scaleRows) {
    if (rows === 0 || u > record) f[at + S.record] = u
    followMedian(f, at, u, rows)
    return -1
  }
  const median = f[at + S.median]!
  const unit = Math.max(record - median, 1e-12 + 1e-6 * Math.abs(median), stream.floor * range)
  // Of a stream that never moved, its one value is no record.
  const isStill = record === median && u === record
  const decayed = median + (record - median) * (1 - stream.decay)
  f[at + S.record] = u > decayed ? Math.min(u, median + 2 * unit) : decayed
  followMedian(f, at, u, rows)
  return isStill ? -1 : (u - record) / unit
}

/**
 * A running median in two numbers: a step of fixed size towards each value, the size a share of the mean distance from it.
 *
 * Works when: the median moves slowly, as over a thousand readings. Fails when: the stream jumps to a new level for good: it goes
 * there in some hundreds of readings, as the median of a window would. It takes the place of a sorted ring of a thousand.
 */
function followMedian(f: Float64Array, at: number, u: number, rows: number): void {
  if (rows === 0) {
    f[at + S.median] = u
    return
  }
  const weight = Math.max(medianWeight, 1 / (rows + 1))
  const distance = u - f[at + S.median]!
  const spread = f[at + S.spread]! + weight * (Math.abs(distance) - f[at + S.spread]!)
  f[at + S.spread] = spread
  const step = 1.5 * weight * spread
  f[at + S.median] = f[at + S.median]! + (distance > 0 ? step : distance < 0 ? -step : 0)
}

import { exp, log } from '../../base/math.ts'
import { type Stream, streams } from './constants.ts'

/** Distances of the streams beyond their records; see `takeRecord`. */
export interface Records {
  short: number
  long: number
  above: number
  below: number
  surprise: number
}

/** How new a reading is, and in what: 1 is what one in ten blocks of a hundred normal readings reaches, 2 what one in a hundred does. */
export interface Evidence {
  e: number
  by: keyof Records
}

/** The r below which a stream's evidence is 0, so that its logarithm need not be taken. */
const idle = Object.fromEntries(
  Object.entries(streams).map(([name, { usual, rare }]) => [name, exp(2 * usual - rare) - 1]),
) as Record<keyof Records, number>

/**
 * CALIB and FUSE: the largest evidence of the streams; the long mean and the surprise count 0.3 less.
 *
 * e is linear in l = ln(1 + clip(r, −0.95, 10⁶)): 1 at the stream's usual level of l and 2 at its rare one; never below 0.
 */
export function weigh(records: Records, out: Evidence): void {
  out.e = 0
  out.by = 'short'
  consider('short', records.short, out)
  consider(records.above >= records.below ? 'above' : 'below', Math.max(records.above, records.below), out)
  consider('long', records.long, out)
  consider('surprise', records.surprise, out)
}

function consider(by: keyof Records, r: number, out: Evidence): void {
  if (r <= idle[by]) return
  const { usual, rare, handicap }: Stream = streams[by]
  const e = 1 + (log(1 + Math.min(r, 1e6)) - usual) / (rare - usual) - handicap
  if (e <= out.e) return
  out.e = e
  out.by = by
}

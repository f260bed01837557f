import type { RowRange } from '../data/history.ts'
import type { LinearSaid, Prepared } from '../data/prepare.ts'

/** A gate below this is closed: what so small a share of a network adds is not worth its steps. */
const gateLeast = 0.1

/** A network that lowers no horizon's squared error by this share is not worth its steps either, however wide its gate. */
const gainLeast = 0.01

/** A history with what its linear part and its network said, and the rows that neither was fitted on. */
export interface Corrected {
  readonly prepared: Prepared
  readonly linear: LinearSaid
  /** (T,H) what the network gives at every row, in the unit of what the linear part leaves. */
  readonly network: Float32Array
  readonly held: RowRange
}

/** What is known of one row and horizon, in scaled units: the value, what the ridge says of it, what the network would add. */
type Judge = (truth: number, linear: number, correction: number, now: number, horizon: number) => void

/** Calls back with every value of the held rows that was forecast within one stretch without a gap. Horizons count from 1. */
export function eachHeld({ prepared, linear, network, held }: Corrected, judge: Judge): void {
  const { scale } = linear.part
  const horizons = scale.length
  const { gapBefore } = prepared.history
  let start = 0
  for (let row = 0; row < held.to; row++) {
    if (gapBefore[row] === 1) start = row
    const truth = prepared.scaled[row]!
    if (row < held.from || Number.isNaN(truth)) continue
    for (let h = 1; h <= horizons && row - h >= start; h++) {
      const at = (row - h) * horizons + h - 1
      judge(truth, linear.said[at]!, scale[h - 1]! * network[at]!, row - h, h)
    }
  }
}

/**
 * How far the network may speak, by horizon: the share of its correction that lowers the squared error on held-back normal rows
 * most, within 0…1. All are 0 where none reaches 0.1, or where none lowers the squared error by 1 %: then the linear model is
 * enough. (A gate knows no size: a network that says next to nothing may have a wide one.)
 *
 * Shapes: (H). Source: `detection.md`, recipe T; w_h = clip(⟨what the ridge leaves, g_h⟩ / ⟨g_h, g_h⟩, 0, 1).
 */
export function gatesOf(corrected: readonly Corrected[]): Float32Array {
  const horizons = corrected[0]!.linear.part.scale.length
  const product = new Float64Array(horizons)
  const square = new Float64Array(horizons)
  const left = new Float64Array(horizons)
  for (const one of corrected) {
    eachHeld(one, (truth, linear, correction, _now, h) => {
      product[h - 1] = product[h - 1]! + (truth - linear) * correction
      square[h - 1] = square[h - 1]! + correction * correction
      left[h - 1] = left[h - 1]! + (truth - linear) ** 2
    })
  }
  const gates = Float32Array.from(product, (sum, h) => {
    return square[h]! > 0 ? Math.min(Math.max(sum / square[h]!, 0), 1) : 0
  })
  const gain = (gate: number, h: number): number => gate * (2 * product[h]! - gate * square[h]!)
  const helps = gates.some((gate, h) => gate >= gateLeast && gain(gate, h) >= gainLeast * left[h]!)
  return helps ? gates : new Float32Array(horizons)
}

import { sortedQuantile } from '../../model/stats/sorted-quantile.ts'
import { novelty } from './constants.ts'
import { N } from './layout.ts'

/**
 * SCALE: fixes a sensor's scale, its symbols and its slots from its first readings, for ever.
 *
 * y = clip((x − median) / max(deviation, 10⁻³·|median|, 10⁻⁹), ±10⁴). Symbols lie around the range between the third smallest
 * and the third largest y. A mean of the week goes 0.3 of the way to what it sees in one visit of its slot, however many readings
 * that is. `sorted` are the readings in order of size, at least three; `stepMs` is their median distance.
 */
export function fixScale(f: Float64Array, at: number, sorted: Float64Array, stepMs: number): void {
  const rows = sorted.length
  const center = sortedQuantile(sorted, 0.5)
  let sum = 0
  for (const value of sorted) sum += value - center
  const mean = sum / rows
  let squares = 0
  for (const value of sorted) squares += (value - center - mean) * (value - center - mean)
  const least = Math.max(novelty.deviationShare * Math.abs(center), novelty.deviationLeast)
  f[at + N.center] = center
  f[at + N.deviation] = Math.max(Math.sqrt(squares / rows), least)
  const low = standardised(f, at, sorted[Math.min(novelty.symbolLow, rows - 1)]!)
  const high = standardised(f, at, sorted[Math.min(novelty.symbolHigh, rows - 1)]!)
  f[at + N.symbolFrom] = low
  f[at + N.symbolRange] = Math.max(high - low, 1e-6)
  const slots = Math.floor(86_400_000 / Math.max(stepMs, 1) + 0.5)
  f[at + N.slots] = Math.min(Math.max(slots, 1), novelty.slotsMost)
  const perSlot = 86_400_000 / f[at + N.slots]! / Math.max(stepMs, 1)
  f[at + N.weekWeight] = Math.max(novelty.weekWeight / Math.max(perSlot, 1), novelty.weekWeightLeast)
}

/** A reading in the sensor's own scale, −10⁴ … 10⁴. */
export function standardised(f: Float64Array, at: number, value: number): number {
  const y = (value - f[at + N.center]!) / f[at + N.deviation]!
  return y > novelty.valueMost ? novelty.valueMost : y < -novelty.valueMost ? -novelty.valueMost : y
}

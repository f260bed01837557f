import { OperatingError } from '../../base/errors.ts'
import type { Scale, ScalerKind } from '../../model/model.ts'
import { sortedQuantile } from '../../model/stats/sorted-quantile.ts'

/** Smallest scale, as a share of the span seen: a flat sensor with a rare step is not blown up. As in recipe T. */
const floorShare = 0.025

/**
 * Fits the scale of a channel on rows of the training part only.
 *
 * standard: mean and standard deviation; robust: median and interquartile range / 1.349 (a normal distribution's
 * deviation), for histories with outliers; minmax: 0…1 between the smallest and the largest; none: as it is.
 * Errors: `OperatingError('read')` when no row has a value.
 */
export function fitScale(kind: ScalerKind, values: readonly number[], name: string): Scale {
  const known = Float64Array.from(values.filter((value) => Number.isFinite(value))).sort()
  if (known.length === 0)
    throw new OperatingError('read', `${name}: no good reading in the training part; give more history`)
  if (kind === 'none') return { center: 0, scale: 1 }
  const low = known[0]!
  const span = Math.max(known[known.length - 1]! - low, 1e-4 * Math.abs(low), 1e-9)
  if (kind === 'minmax') return { center: low, scale: span }
  if (kind === 'robust') {
    const iqr = sortedQuantile(known, 0.75) - sortedQuantile(known, 0.25)
    // The floor is of the span without outliers, which would else decide the scale; of all where the rest is flat.
    const middle = sortedQuantile(known, 0.99) - sortedQuantile(known, 0.01)
    const scale = Math.max(iqr / 1.349, floorShare * (middle > 0 ? middle : span))
    return { center: sortedQuantile(known, 0.5), scale }
  }
  let mean = 0
  for (const [i, value] of known.entries()) mean += (value - mean) / (i + 1)
  let squares = 0
  for (const value of known) squares += (value - mean) ** 2
  return { center: mean, scale: Math.max(Math.sqrt(squares / known.length), floorShare * span) }
}

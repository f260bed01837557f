/**
 * A quantile of numbers in rising order, by linear interpolation between order statistics; NaN of none.
 *
 * Source: Hyndman and Fan, The American Statistician 50 (1996), definition 7.
 */
export function sortedQuantile(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!)
}

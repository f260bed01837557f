/** What recipe A learned of an asset. C channels, in their order; everything but centre and unit in scaled units. */
export interface JointModel {
  readonly channels: number
  /** (C) in the channels' units. */
  readonly center: Float64Array
  readonly unit: Float64Array
  /** (C) of channels that went somewhere while they were learned, 0 for others: see `JointLevels`. From here on "scaled units" are
   *  distances from the level for them. */
  readonly gain: Float64Array
  readonly levelLimit: Float64Array
  /** (C, 1 + 2·C): a channel from the constant and two ticks of all. */
  readonly weights: Float64Array
  /** Moments of the residuals out of fold: (C), (C,C). */
  readonly mean: Float64Array
  readonly covariance: Float64Array
  /** Ticks that it was learned from. */
  readonly ticks: number
  /** Out of sample: the median Mahalanobis distance of a residual, the 99 % quantiles of its two smoothed forms and of the farthest
   *  channel, and the largest distance that the slow centre of a block went from that of the others. */
  readonly medianDistance: number
  readonly distanceLimit: number
  readonly residualLimit: number
  readonly aloneLimit: number
  readonly driftLimit: number
}

/** A model as columns of numbers, for a snapshot. */
export function columnsOf(model: JointModel): Float64Array[] {
  const { center, unit, gain, levelLimit, weights, mean, covariance } = model
  const { ticks, medianDistance, distanceLimit, residualLimit, aloneLimit, driftLimit } = model
  const figures = Float64Array.of(ticks, medianDistance, distanceLimit, residualLimit, aloneLimit, driftLimit)
  return [center, unit, gain, levelLimit, weights, mean, covariance, figures]
}

/** What `columnsOf` made columns of. */
export function modelOf(columns: readonly Float64Array[]): JointModel {
  const [center, unit, gain, levelLimit, weights, mean, covariance, figures] = columns
  const [ticks, medianDistance, distanceLimit, residualLimit, aloneLimit, driftLimit] = figures!
  return {
    channels: center!.length,
    center: center!,
    unit: unit!,
    gain: gain!,
    levelLimit: levelLimit!,
    weights: weights!,
    mean: mean!,
    covariance: covariance!,
    ticks: ticks!,
    medianDistance: medianDistance!,
    distanceLimit: distanceLimit!,
    residualLimit: residualLimit!,
    aloneLimit: aloneLimit!,
    driftLimit: driftLimit!,
  }
}

/** What recipe A learned of an asset. C channels, in their order; everything but centre and unit in scaled units. */
export interface JointModel {
  readonly channels: number
  /** (C) in the channels' units. */
  readonly center: Float64Array
  readonly unit: Float64Array
  /** (C, 1 + 2·C): a channel from the constant and two ticks of all. */
  readonly weights: Float64Array
  /** Moments of the residuals out of fold: (C), (C,C). */
  readonly mean: Float64Array
  readonly covariance: Float64Array
  /** Out of sample: the median Mahalanobis distance of a residual, the 99 % quantiles of its two smoothed forms, and the largest
   *  distance that the slow centre of a block went from that of the others. */
  readonly medianDistance: number
  readonly distanceLimit: number
  readonly residualLimit: number
  readonly driftLimit: number
}

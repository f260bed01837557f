import { Mahalanobis } from '../../model/stats/mahalanobis.ts'
import { jointRecipe } from './joint-recipe.ts'

/** Numbers that the statistics of an asset take. */
export function statisticsWidth(channels: number): number {
  return 3 + channels
}

/**
 * Errors at two scales: the smoothed distance of the residuals (eR), the distance of the smoothed residuals (mR), and the one of
 * these that is farthest in its own deviations.
 *
 * The first sees that something is unusual, whatever it is; the second what goes one way and is small in each tick; the third the same
 * of one channel, which many that are as usual would hide. eR decides by an average that is held just above its limit: as soon as
 * that is below, eR is it again, so an anomaly of any size ends when it is over.
 * A masked channel (NaN) is left out of all and its smoothed residual stays.
 * Shapes: residual, mean (C) in scaled units. State: `state` (statisticsWidth): median distance, eR without and with the hold,
 * smoothed residuals.
 * Source: Lowry et al., Technometrics 34 (1992), for the multivariate average.
 */
export class JointStatistics {
  readonly #channels: number
  readonly #limit: number
  readonly #mahalanobis: Mahalanobis
  readonly #state: Float64Array
  readonly #difference: Float64Array
  readonly #smoothed: Float64Array
  readonly #parts: Float64Array
  /** mR, the distance of the smoothed residuals, of the last step. */
  moved = 0
  /** The largest smoothed residual, in deviations of its channel, of the last step. */
  alone = 0
  readonly #deviation: Float64Array

  /** `limit`: of eR; Infinity while it is learned. */
  constructor(
    channels: number,
    covariance: Float64Array,
    limit = Number.POSITIVE_INFINITY,
    state: Float64Array = new Float64Array(statisticsWidth(channels)),
  ) {
    this.#limit = limit
    this.#deviation = Float64Array.from({ length: channels }, (_, i) => Math.sqrt(covariance[i * channels + i]!))
    this.#channels = channels
    this.#mahalanobis = new Mahalanobis(covariance, channels)
    this.#state = state
    this.#difference = new Float64Array(channels)
    this.#smoothed = new Float64Array(channels)
    this.#parts = new Float64Array(channels)
  }

  /** Sets the median distance, at which the smoothed one starts. */
  start(median: number): void {
    this.#state[0] = median
    this.restart()
  }

  /** A gap: both averages start anew. */
  restart(): void {
    this.#state[1] = this.#state[0]!
    this.#state[2] = this.#state[0]!
    this.#state.fill(0, 3)
  }

  /** Adds the smoothed residuals to a mean. Shapes: mean (C) in and out. */
  addSmoothed(mean: Float64Array): void {
    for (let i = 0; i < this.#channels; i++) mean[i] = mean[i]! + this.#state[3 + i]!
  }

  /** eR, the smoothed distance. */
  get smooth(): number {
    return this.#state[2]! > this.#limit ? this.#state[1]! : this.#state[2]!
  }

  /** Mahalanobis distance of one residual; NaN of none. */
  distance(residual: Float64Array, mean: Float64Array): number {
    for (let i = 0; i < this.#channels; i++) this.#difference[i] = residual[i]! - mean[i]!
    return this.#mahalanobis.distance(this.#difference)
  }

  /**
   * Takes a residual into both averages. `carried` (C), where it is given, smooths what each channel adds to the distance as eR
   * smooths the distance.
   */
  step(residual: Float64Array, mean: Float64Array, carried?: Float64Array): void {
    const { distanceWeight, distanceMost, distanceLimitsMost, residualWeight, residualMost } = jointRecipe
    const state = this.#state
    const distance = this.distance(residual, mean)
    if (Number.isNaN(distance)) return
    const counted = Math.min(distance, distanceMost * state[0]!)
    state[1] = state[1]! + distanceWeight * (counted - state[1]!)
    const held = state[2]! + distanceWeight * (counted - state[2]!)
    state[2] = Math.min(held, distanceLimitsMost * this.#limit)
    if (carried !== undefined) this.#carry(carried, counted)
    for (let i = 0; i < this.#channels; i++) {
      const one = this.#difference[i]!
      if (!Number.isNaN(one)) {
        const cut = Math.max(-residualMost, Math.min(residualMost, one))
        state[3 + i] = state[3 + i]! + residualWeight * (cut - state[3 + i]!)
      }
      this.#smoothed[i] = Number.isNaN(one) ? Number.NaN : state[3 + i]!
    }
    const widen = Math.sqrt((2 - residualWeight) / residualWeight)
    this.moved = widen * this.#mahalanobis.distance(this.#smoothed)
    this.alone = 0
    for (let i = 0; i < this.#channels; i++) {
      const far = widen * this.#ownDeviations(i)
      if (far > this.alone) this.alone = far
    }
  }

  #carry(carried: Float64Array, counted: number): void {
    const { distanceWeight } = jointRecipe
    this.#mahalanobis.shares(this.#difference, this.#parts)
    for (let i = 0; i < this.#channels; i++) {
      carried[i] = carried[i]! + distanceWeight * (this.#parts[i]! * counted - carried[i]!)
    }
  }

  /** Each channel's share in eR, of what was carried. Shapes: shares (C) out. */
  carriedShares(carried: Float64Array, shares: Float64Array): void {
    let sum = 0
    for (let i = 0; i < this.#channels; i++) sum += carried[i]!
    for (let i = 0; i < this.#channels; i++) shares[i] = sum > 0 ? carried[i]! / sum : 0
  }

  /** A smoothed residual in deviations of its channel; NaN where masked. */
  #ownDeviations(channel: number): number {
    const deviation = this.#deviation[channel]!
    return deviation > 0 ? Math.abs(this.#smoothed[channel]!) / deviation : 0
  }

  /** Each channel's share in the sum of the squares of these, once after a step. Shapes: shares (C) out. */
  aloneShares(shares: Float64Array): void {
    let sum = 0
    for (let i = 0; i < this.#channels; i++) {
      const far = this.#ownDeviations(i)
      shares[i] = Number.isNaN(far) ? 0 : far * far
      sum += shares[i]!
    }
    for (let i = 0; i < this.#channels; i++) shares[i] = sum > 0 ? shares[i]! / sum : 0
  }

  /** Each channel's share in mR, once after a step. Shapes: shares (C) out. */
  movedShares(shares: Float64Array): void {
    this.#mahalanobis.shares(this.#smoothed, shares)
  }
}

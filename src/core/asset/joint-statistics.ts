import { Mahalanobis } from '../../model/stats/mahalanobis.ts'
import { jointRecipe } from './joint-recipe.ts'

/** Numbers that the statistics of an asset take. */
export function statisticsWidth(channels: number): number {
  return 2 + channels
}

/**
 * Errors at two scales: the smoothed distance of the residuals (eR), and the distance of the smoothed residuals (mR).
 *
 * The first sees that something is unusual, whatever it is; the second what goes one way and is small in each tick.
 * A masked channel (NaN) is left out of both and its smoothed residual stays.
 * Shapes: residual, mean (C) in scaled units. State: `state` (statisticsWidth): median distance, eR, smoothed residuals.
 * Source: Lowry et al., Technometrics 34 (1992), for the multivariate average.
 */
export class JointStatistics {
  readonly #channels: number
  readonly #mahalanobis: Mahalanobis
  readonly #state: Float64Array
  readonly #difference: Float64Array
  readonly #smoothed: Float64Array
  readonly #parts: Float64Array
  /** mR, the distance of the smoothed residuals, of the last step. */
  moved = 0

  constructor(
    channels: number,
    covariance: Float64Array,
    state: Float64Array = new Float64Array(statisticsWidth(channels)),
  ) {
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
    this.#state.fill(0, 2)
  }

  /** Adds the smoothed residuals to a mean. Shapes: mean (C) in and out. */
  addSmoothed(mean: Float64Array): void {
    for (let i = 0; i < this.#channels; i++) mean[i] = mean[i]! + this.#state[2 + i]!
  }

  /** eR, the smoothed distance. */
  get smooth(): number {
    return this.#state[1]!
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
    const { distanceWeight, distanceMost, residualWeight, residualMost } = jointRecipe
    const state = this.#state
    const distance = this.distance(residual, mean)
    if (Number.isNaN(distance)) return
    const counted = Math.min(distance, distanceMost * state[0]!)
    state[1] = state[1]! + distanceWeight * (counted - state[1]!)
    if (carried !== undefined) this.#carry(carried, counted)
    for (let i = 0; i < this.#channels; i++) {
      const one = this.#difference[i]!
      if (!Number.isNaN(one)) {
        const cut = Math.max(-residualMost, Math.min(residualMost, one))
        state[2 + i] = state[2 + i]! + residualWeight * (cut - state[2 + i]!)
      }
      this.#smoothed[i] = Number.isNaN(one) ? Number.NaN : state[2 + i]!
    }
    const widen = Math.sqrt((2 - residualWeight) / residualWeight)
    this.moved = widen * this.#mahalanobis.distance(this.#smoothed)
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

  /** Each channel's share in mR, once after a step. Shapes: shares (C) out. */
  movedShares(shares: Float64Array): void {
    this.#mahalanobis.shares(this.#smoothed, shares)
  }
}

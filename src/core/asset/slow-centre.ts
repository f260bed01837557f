import { Mahalanobis } from '../../model/stats/mahalanobis.ts'
import { jointRecipe } from './joint-recipe.ts'

/**
 * Where the residuals' centre goes slowly, while all is calm: what tracking follows, and what the drift alarm looks at.
 *
 * Because both are the same number, tracking cannot hide a drift: what it has learned away stands here.
 * Shapes: residual, mean (C) in scaled units; `shift` (C), the state.
 */
export class SlowCentre {
  readonly shift: Float64Array
  readonly #mahalanobis: Mahalanobis

  constructor(channels: number, covariance: Float64Array, shift: Float64Array = new Float64Array(channels)) {
    this.shift = shift
    this.#mahalanobis = new Mahalanobis(covariance, channels)
  }

  /** Takes a residual of a calm tick; a masked channel's centre stays. */
  follow(residual: Float64Array, mean: Float64Array): void {
    const { trackWeight, residualMost } = jointRecipe
    for (let i = 0; i < this.shift.length; i++) {
      const off = residual[i]! - mean[i]! - this.shift[i]!
      if (Number.isNaN(off)) continue
      this.shift[i] = this.shift[i]! + trackWeight * Math.max(-residualMost, Math.min(residualMost, off))
    }
  }

  /** How far it went, in standard deviations of such an average of independent residuals. */
  distance(): number {
    const { trackWeight } = jointRecipe
    return Math.sqrt((2 - trackWeight) / trackWeight) * this.#mahalanobis.distance(this.shift)
  }

  /** Share of each channel in the distance. Shapes: shares (C) out. */
  shares(shares: Float64Array): void {
    this.#mahalanobis.shares(this.shift, shares)
  }
}

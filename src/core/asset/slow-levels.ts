import { jointRecipe } from './joint-recipe.ts'

/**
 * Where the levels of channels that went somewhere while they were learned have gone since, slowly, while all is calm: what the
 * drift alarm looks at beside the residuals' centre, which knows nothing of levels.
 *
 * Shapes: limit (C) in scaled units, Infinity for a channel that stood; `level` (C), the state.
 */
export class SlowLevels {
  readonly level: Float64Array
  readonly #limit: Float64Array

  constructor(limit: Float64Array, level: Float64Array) {
    this.#limit = limit
    this.level = level
  }

  /** Takes a calm tick in scaled units; a masked channel's level stays. */
  follow(z: Float64Array): void {
    for (let i = 0; i < z.length; i++) {
      if (Number.isNaN(z[i]!)) continue
      this.level[i] = this.level[i]! + jointRecipe.trackWeight * (z[i]! - this.level[i]!)
    }
  }

  /** Takes as usual where the levels are: their limits, which are the model's, go half as far beyond. */
  accept(): void {
    for (let i = 0; i < this.level.length; i++) {
      this.#limit[i] = Math.max(this.#limit[i]!, 1.5 * Math.abs(this.level[i]!))
    }
  }

  /** The farthest level over its limit. */
  distance(): number {
    let farthest = 0
    for (let i = 0; i < this.level.length; i++) {
      farthest = Math.max(farthest, Math.abs(this.level[i]!) / this.#limit[i]!)
    }
    return farthest
  }

  /** Share of each channel in the sum of the squares of these. Shapes: shares (C) out. */
  shares(shares: Float64Array): void {
    let sum = 0
    for (let i = 0; i < shares.length; i++) {
      const far = this.level[i]! / this.#limit[i]!
      shares[i] = far * far
      sum += shares[i]!
    }
    for (let i = 0; i < shares.length; i++) shares[i] = sum > 0 ? shares[i]! / sum : 0
  }
}

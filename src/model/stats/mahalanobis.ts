import { factor, solveLower, solveUpper } from './cholesky.ts'

/** What is added to the diagonal, as a share of its mean, until the covariance can be factored. */
const jitterFirst = 1e-9

/**
 * Mahalanobis distances under one covariance, also over some of its channels: the marginal distribution of those that are
 * there has exactly their part of the covariance.
 *
 * The factor of the last mask is kept, so a channel that stays away costs one factorization and not one a row. What is kept
 * follows from covariance and mask alone: it is no state.
 * Shapes: covariance (p,p), symmetric; differences (p) with NaN for a channel that is not there.
 * Allocates: p·(p + 3) numbers at construction. Cost: p² flops a distance; p³/3 more when the mask changes.
 */
export class Mahalanobis {
  readonly channels: number
  readonly #covariance: Float64Array
  readonly #factor: Float64Array
  readonly #present: Uint8Array
  readonly #packed: Float64Array
  #count = -1

  constructor(covariance: Float64Array, channels: number) {
    this.channels = channels
    this.#covariance = covariance
    this.#factor = new Float64Array(channels * channels)
    this.#present = new Uint8Array(channels)
    this.#packed = new Float64Array(channels)
  }

  /**
   * The distance, not squared, as if all channels were there: of k present ones it is √(p/k) times their own, so that its
   * mean stays. NaN when none is.
   */
  distance(difference: Float64Array): number {
    const k = this.#pack(difference)
    if (k === 0) return Number.NaN
    const y = this.#packed
    solveLower(this.#factor, k, y)
    let sum = 0
    for (let i = 0; i < k; i++) sum += y[i]! * y[i]!
    return Math.sqrt((sum * this.channels) / k)
  }

  /**
   * Shares of the channels in the square of the last distance: dᵢ·(Σ⁻¹d)ᵢ over their sum. They add up to 1; one may be negative
   * where the others say more together than with it. 0 for a channel that is not there. Asked once a distance.
   * Shapes: difference (p) as it was given to `distance`; shares (p) out.
   */
  shares(difference: Float64Array, shares: Float64Array): void {
    const k = this.#count
    const y = this.#packed
    let sum = 0
    for (let i = 0; i < k; i++) sum += y[i]! * y[i]!
    solveUpper(this.#factor, k, y)
    let at = 0
    for (let i = 0; i < this.channels; i++) {
      shares[i] = this.#present[i] === 1 && sum > 0 ? (difference[i]! * y[at]!) / sum : 0
      at += this.#present[i]!
    }
  }

  /** Lays the channels that are there side by side and factors their part of the covariance when it is another than before. */
  #pack(difference: Float64Array): number {
    let changed = this.#count < 0
    let k = 0
    for (let i = 0; i < this.channels; i++) {
      const there = Number.isNaN(difference[i]!) ? 0 : 1
      if (this.#present[i] !== there) changed = true
      this.#present[i] = there
      if (there === 1) this.#packed[k++] = difference[i]!
    }
    this.#count = k
    if (changed) this.#factorPart(k)
    return k
  }

  #factorPart(k: number): void {
    const p = this.channels
    const places: number[] = []
    for (let i = 0; i < p; i++) if (this.#present[i] === 1) places.push(i)
    let trace = 0
    for (const i of places) trace += this.#covariance[i * p + i]!
    const unit = trace > 0 ? trace / k : 1
    for (let jitter = 0; ; jitter = Math.max(jitterFirst, 10 * jitter)) {
      for (let i = 0; i < k; i++) {
        for (let j = 0; j <= i; j++) this.#factor[i * k + j] = this.#covariance[places[i]! * p + places[j]!]!
        this.#factor[i * k + i] = this.#factor[i * k + i]! + jitter * unit
      }
      if (factor(this.#factor, k)) return
    }
  }
}

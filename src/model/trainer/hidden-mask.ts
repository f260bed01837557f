import { writeMask } from './mask.ts'
import type { Drops } from './tape.ts'
import type { Packed } from './tape-weights.ts'

/**
 * Recurrent dropout: units of h that W_h does not see in a batch, the same at all its ticks and for all its windows.
 *
 * It multiplies the columns of W_h when they are packed, and those of its gradient when it is collected, which is the
 * same as to multiply h. Gal and Ghahramani draw a mask for every window; one for a batch costs nothing at a tick, has
 * the same expectation, and makes the gradient of one batch noisier. h itself, that later layers read, stays whole.
 * Source: Gal and Ghahramani 2016, "A theoretically grounded application of dropout in recurrent neural networks".
 */
export class HiddenMask {
  /** A factor for every unit of h; null while nothing is dropped. */
  factors: Float32Array | null = null
  readonly #drawn: Float32Array
  readonly #p: number

  constructor(width: number, p: number) {
    this.#drawn = new Float32Array(width)
    this.#p = p
  }

  /** For the trainer, with the weights that are packed with it. */
  drops(packed: readonly Packed[]): Drops {
    return {
      packed,
      draw: (_, key) => {
        const { length: width } = this.#drawn
        writeMask(this.#drawn, key, this.#p, { at: 0, rows: 1, width, stride: width })
        this.factors = this.#drawn
      },
      off: () => {
        this.factors = null
      },
    }
  }
}

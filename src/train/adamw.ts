import { pow } from '../base/math.ts'

/**
 * AdamW: Adam with decoupled weight decay, on one flat array of weights.
 *
 * Source: Loshchilov and Hutter 2019; the order of operations and epsilon are PyTorch's (checked against it).
 */
export class AdamW {
  readonly #m: Float64Array
  readonly #v: Float64Array
  readonly #decay: number
  #updates = 0

  constructor(size: number, decay: number) {
    this.#m = new Float64Array(size)
    this.#v = new Float64Array(size)
    this.#decay = decay
  }

  update(w: Float64Array, grad: Float64Array, rate: number): void {
    this.#updates++
    const correct1 = 1 - pow(0.9, this.#updates)
    const correct2 = Math.sqrt(1 - pow(0.999, this.#updates))
    for (let i = 0; i < w.length; i++) {
      const g = grad[i]!
      const m = this.#m[i]! + 0.1 * (g - this.#m[i]!)
      const v = 0.999 * this.#v[i]! + 0.001 * g * g
      this.#m[i] = m
      this.#v[i] = v
      w[i] = w[i]! * (1 - rate * this.#decay) - ((rate / correct1) * m) / (Math.sqrt(v) / correct2 + 1e-8)
    }
  }
}

/** Scales a gradient down to a norm of at most `most`; answers the norm before. */
export function clipNorm(grad: Float64Array, most: number): number {
  let squares = 0
  for (let i = 0; i < grad.length; i++) squares += grad[i]! * grad[i]!
  const norm = Math.sqrt(squares)
  if (norm > most) for (let i = 0; i < grad.length; i++) grad[i] = (grad[i]! * most) / norm
  return norm
}

/** One-cycle learning rate: rises over the first 15 % of the updates to `peak`, then falls to a hundredth of it. */
export function oneCycle(update: number, updates: number, peak: number): number {
  const rise = Math.max(1, Math.floor(0.15 * updates))
  if (update < rise) return (peak * (update + 1)) / rise
  const done = (update - rise) / Math.max(1, updates - rise)
  return peak * (0.01 + 0.99 * (1 - done) * (1 - done))
}

import { assert } from '../../base/assert.ts'
import type { Examples } from './examples.ts'

/** Windows side by side; both arrays are written again by the next batch. */
export interface Batch {
  readonly x: Float32Array
  readonly target: Float32Array
}

/**
 * Windows in batches of one size; what the last one lacks is windows of zeros without targets.
 *
 * Shapes: x (B,T,I), target (B,T,O) or (B,O). Allocates: one batch, once.
 */
export class WindowBatches {
  readonly windows: number
  /** How many batches there are. */
  readonly count: number
  readonly #examples: Examples
  readonly #size: number
  readonly #x: Float32Array
  readonly #target: Float32Array

  constructor(examples: Examples, size: number) {
    this.windows = examples.count
    this.count = Math.ceil(examples.count / size)
    this.#examples = examples
    this.#size = size
    this.#x = new Float32Array(size * this.#inputsOfWindow())
    this.#target = new Float32Array(size * this.#targetsOfWindow())
  }

  /** The batch with this index of the windows in this order. */
  read(order: Int32Array, batch: number): Batch {
    assert(order.length === this.windows, `an order of ${this.windows} windows has as many indices`)
    const which = order.subarray(batch * this.#size, (batch + 1) * this.#size)
    const xs = which.length * this.#inputsOfWindow()
    const targets = which.length * this.#targetsOfWindow()
    this.#examples.fill(which, this.#x.subarray(0, xs), this.#target.subarray(0, targets))
    this.#x.fill(0, xs)
    this.#target.fill(Number.NaN, targets)
    return { x: this.#x, target: this.#target }
  }

  #inputsOfWindow(): number {
    return this.#examples.ticks * this.#examples.inputs
  }

  #targetsOfWindow(): number {
    return this.#examples.targets * (this.#examples.every ? this.#examples.ticks : 1)
  }
}

/** How many targets are not NaN. */
export function knownTargets(target: Float32Array): number {
  let known = 0
  for (let n = 0; n < target.length; n++) if (!Number.isNaN(target[n]!)) known++
  return known
}

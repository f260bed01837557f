import type { Floats } from '../../../../src/model/cells.ts'
import type { Model } from '../../../../src/model/model.ts'
import { runWindows } from '../../../../src/model/reference/windows.ts'
import type { Tensor } from '../../../../src/model/tensor.ts'

/** Windows and the states before them, in float64. */
export interface Windows64 {
  readonly x: Float64Array
  readonly h: Float64Array
  readonly c: Float64Array
  readonly batch: number
  readonly ticks: number
}

/** Half of a difference: so small that hardly a kink lies within, large enough for float64. */
const distance = 2 ** -18

/** Of larger tensors so many places are tried, evenly spread. */
const placesMax = 300

/**
 * The gradient of Σ weight·output by central differences of the reference, in float64 throughout.
 *
 * Weights are float32 in every model, so a difference is taken between two float32 numbers, whatever lies between them.
 */
export class NumericGradient {
  readonly #model: Model
  readonly #tensors: Map<string, Tensor>
  readonly #windows: Windows64
  readonly #weight: Float32Array

  constructor(model: Model, windows: Windows64, weight: Float32Array) {
    this.#model = model
    this.#tensors = new Map([...model.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]))
    this.#windows = windows
    this.#weight = weight
  }

  /** Of a tensor, by place. */
  ofTensor(name: string): Map<number, number> {
    return this.#differences(this.#tensors.get(name)!.data)
  }

  ofWindows(part: 'x' | 'h' | 'c'): Map<number, number> {
    return this.#differences(this.#windows[part])
  }

  #differences(values: Floats): Map<number, number> {
    const found = new Map<number, number>()
    const step = Math.max(1, Math.floor(values.length / placesMax))
    // An odd step visits every row and column of a matrix of even size.
    for (let i = 0; i < values.length; i += step | 1) {
      const kept = values[i]!
      values[i] = kept + distance
      const above = values[i]!
      const high = this.#loss()
      values[i] = kept - distance
      const below = values[i]!
      const low = this.#loss()
      values[i] = kept
      found.set(i, (high - low) / (above - below))
    }
    return found
  }

  #loss(): number {
    const { x, h, c, batch, ticks } = this.#windows
    const run = { x, h: h.slice(), c: c.slice(), batch, ticks, allocate: (size: number) => new Float64Array(size) }
    const { data } = runWindows(this.#model.graph, this.#tensors, run)
    let loss = 0
    for (let i = 0; i < data.length; i++) loss += this.#weight[i]! * data[i]!
    return loss
  }
}

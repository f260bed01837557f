import { strideOf, type Tape } from './tape.ts'
import type { Packed, Parameters } from './tape-weights.ts'

/** A weight of one number a feature, and its gradient, each as wide as a row of the tape. */
export class Vector implements Packed {
  readonly at: number
  readonly gradAt: number
  readonly #name: string | null
  readonly #size: number
  readonly #fallback: number

  /** Without a name it is `fallback` everywhere, and its gradient goes nowhere. */
  constructor(tape: Tape, name: string | null, size: number, fallback: number) {
    this.#name = name
    this.#size = size
    this.#fallback = fallback
    this.at = tape.image.reserve(strideOf(size))
    this.gradAt = tape.gradient(strideOf(size))
  }

  pack(memory: Float32Array, parameters: Parameters): void {
    const values = this.#name === null ? null : parameters.get(this.#name)!
    for (let j = 0; j < this.#size; j++) memory[this.at / 4 + j] = values === null ? this.#fallback : values[j]!
  }

  collect(memory: Float32Array, gradients: Parameters): void {
    if (this.#name === null) return
    const gradient = gradients.get(this.#name)!
    for (let j = 0; j < this.#size; j++) gradient[j] = gradient[j]! + memory[this.gradAt / 4 + j]!
  }
}

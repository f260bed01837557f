/**
 * A seeded stream of random numbers: the same seed gives the same numbers on every engine and machine.
 *
 * Source: xoshiro128** by Blackman and Vigna, its state filled by splitmix32 from the seed.
 */
export class Prng {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number) {
    let state = seed | 0
    const splitmix = () => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return z ^ (z >>> 15)
    }
    this.#a = splitmix()
    this.#b = splitmix()
    this.#c = splitmix()
    this.#d = splitmix() | 1
  }

  /** A whole number in 0…2³²−1. */
  uint32(): number {
    const product = Math.imul(this.#b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result >>> 0
  }

  /** A number in 0 (included) … 1 (excluded). */
  uniform(): number {
    return this.uint32() / 4_294_967_296
  }

  /**
   * A number of mean 0 and variance 1, nearly normal: the sum of twelve uniform ones, so that no engine's logarithm
   * decides its bits. It never leaves ±6.
   */
  normal(): number {
    let sum = -6
    for (let count = 0; count < 12; count++) sum += this.uniform()
    return sum
  }

  /** A stream of its own for one part of a program, so that a change in one part does not move the others. */
  fork(): Prng {
    return new Prng(this.uint32())
  }
}

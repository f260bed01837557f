import { log } from './math.ts'

/** A seeded source of random numbers: the same seed gives the same numbers on every engine. */
export interface Prng {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** A whole number in 0…count−1. */
  integer(count: number): number
  /** Standard normal. */
  normal(): number
}

function splitmix(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }
}

/**
 * Makes a generator from a whole-number seed.
 *
 * Source: xoshiro128** of Blackman and Vigna, seeded by SplitMix; normals by Marsaglia's polar method.
 */
export function createPrng(seed: number): Prng {
  const next = splitmix(seed)
  let a = next()
  let b = next()
  let c = next()
  let d = next()
  let spare = Number.NaN
  const word = (): number => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result
  }
  const uniform = (): number => (word() >>> 5) * 2 ** -27 + (word() >>> 6) * 2 ** -53
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const value = spare
      spare = Number.NaN
      return value
    }
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const s = x * x + y * y
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * log(s)) / s)
        spare = y * factor
        return x * factor
      }
    }
  }
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (count) => Math.floor(uniform() * count),
    normal,
  }
}

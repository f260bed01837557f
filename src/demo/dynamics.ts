import { createPrng, type Prng } from '../base/prng.ts'

/** A stream of its own for one part of the plant, so that a change in one part does not move the others. */
export function fork(random: Prng): Prng {
  return createPrng(random.integer(2 ** 32))
}

/**
 * A first-order lag: the value moves toward its target with a time constant.
 *
 * Units:  stepS and tauS in seconds. Stable for any step (backward Euler).
 */
export function approach(value: number, target: number, stepS: number, tauS: number): number {
  return value + ((target - value) * stepS) / (tauS + stepS)
}

/** A slow random wander about zero: what weather, raw material and people do to a plant. */
export class Wander {
  #value = 0
  readonly #random: Prng
  readonly #deviation: number
  readonly #tauS: number

  /** `deviation` is the standard deviation in the long run; `tauS` the time in seconds over which it forgets. */
  constructor(random: Prng, deviation: number, tauS: number) {
    this.#random = random
    this.#deviation = deviation
    this.#tauS = tauS
  }

  step(stepS: number): number {
    const keep = this.#tauS / (this.#tauS + stepS)
    this.#value = keep * this.#value + this.#deviation * Math.sqrt(1 - keep * keep) * this.#random.normal()
    return this.#value
  }
}

/** The value within its bounds. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

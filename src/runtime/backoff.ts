/**
 * Exponential backoff with full jitter between half and the whole of the step, so that receivers are not hit in chorus.
 *
 * Units: ms. `random` is in 0…1 and comes from outside, so that tests can fix it.
 */
export class Backoff {
  readonly #initialMs: number
  readonly #maxMs: number
  readonly #random: () => number
  #attempts = 0

  constructor(initialMs: number, maxMs: number, random: () => number = Math.random) {
    this.#initialMs = initialMs
    this.#maxMs = maxMs
    this.#random = random
  }

  get attempts(): number {
    return this.#attempts
  }

  /** The next wait, longer with each call until `reset`. */
  nextMs(): number {
    const step = Math.min(this.#maxMs, this.#initialMs * 2 ** Math.min(this.#attempts, 30))
    this.#attempts += 1
    return step * (0.5 + 0.5 * this.#random())
  }

  reset(): void {
    this.#attempts = 0
  }
}

/**
 * A wake-up call between one waiter and many callers: `wait` resolves at the next `wake` or after `timeoutMs`.
 * A `wake` that nobody waits for is remembered once.
 */
export class Signal {
  #pending = false
  #resolve: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  wake(): void {
    if (this.#resolve === undefined) {
      this.#pending = true
      return
    }
    const resolve = this.#resolve
    this.#resolve = undefined
    clearTimeout(this.#timer)
    resolve()
  }

  /** Only one waiter at a time. Units: ms; Infinity waits for a wake alone. */
  wait(timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#pending || timeoutMs <= 0) {
      this.#pending = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.#resolve = resolve
      if (timeoutMs !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.wake(), timeoutMs)
    })
  }
}

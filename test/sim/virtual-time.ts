interface Event {
  at: number
  readonly order: number
  readonly owner: object
  readonly run: () => void
  isCancelled: boolean
}

/** The world's own events: they outlive every process. */
const world = {}

/**
 * Time that passes only when nothing else is left to do: while it is installed, timers and `performance.now` are its own.
 *
 * Every timer belongs to whose event set it, with all that runs on before the next event; so all that a killed process waited for
 * can be dropped, and a stopped one (SIGSTOP) hears of everything late. Async hooks would know better, at three times the cost. Units: ms.
 */
export class VirtualTime {
  now = 0
  #events: Event[] = []
  #order = 0
  #owner: object = world
  readonly #gone = new WeakSet<object>()
  readonly #frozen = new Map<object, number>()
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setImmediate: globalThis.setImmediate,
    performanceNow: performance.now,
    random: Math.random,
  }

  /** `random` takes the place of `Math.random`, which jitters retries. */
  install(random: () => number): void {
    const set = (run: () => void, ms = 0): unknown => {
      const event = this.#add(Math.max(0, ms), () => run(), this.#owner)
      return Object.assign(event, { unref: () => event, ref: () => event, hasRef: () => true })
    }
    const clear = (event: Event | undefined): void => {
      if (event !== undefined) event.isCancelled = true
    }
    const patches = { setTimeout: set, clearTimeout: clear, setImmediate: (run: () => void) => set(run, 0) }
    Object.assign(globalThis, patches)
    performance.now = () => this.now
    Math.random = random
  }

  uninstall(): void {
    const { performanceNow, random, ...timers } = this.#real
    Math.random = random
    Object.assign(globalThis, timers)
    performance.now = performanceNow
  }

  /** Runs something in the name of an owner: the rest of this event is the owner's. */
  as<T>(owner: object, run: () => T): T {
    this.#owner = owner
    return run()
  }

  /** An event of the world, or of an owner. */
  after(ms: number, run: () => void, owner: object = world): void {
    this.#add(ms, run, owner)
  }

  /** Resolves later, if the owner still lives then. */
  sleep(ms: number, owner: object): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve, owner))
  }

  /** Nothing that the owner waits for will ever come. */
  drop(owner: object): void {
    this.#gone.add(owner)
    this.#events = this.#events.filter((event) => event.owner !== owner)
  }

  /** The owner's timers wait until then. */
  freeze(owner: object, until: number): void {
    this.#frozen.set(owner, until)
  }

  /** Lets time pass until `isDone`, at most to `deadline`; false when that came first or nothing is left to happen. */
  async run(isDone: () => boolean, deadline: number): Promise<boolean> {
    while (true) {
      // A real turn of the loop: all that was resolved runs on before time goes on.
      await new Promise<void>((resolve) => this.#real.setImmediate(resolve))
      if (isDone()) return true
      const next = this.#take()
      if (next === undefined || next.at > deadline) return false
      this.now = next.at
      this.#owner = next.owner
      next.run()
    }
  }

  #add(ms: number, run: () => void, owner: object): Event {
    const event: Event = { at: this.now + ms, order: this.#order++, owner, run, isCancelled: false }
    if (this.#gone.has(owner)) return event
    let at = this.#events.length
    while (at > 0 && this.#events[at - 1]!.at > event.at) at--
    this.#events.splice(at, 0, event)
    return event
  }

  #take(): Event | undefined {
    while (true) {
      const event = this.#events.shift()
      if (event === undefined) return undefined
      if (event.isCancelled) continue
      const until = this.#frozen.get(event.owner) ?? 0
      if (until <= event.at) return event
      const late = this.#add(until - this.now, event.run, event.owner)
      // Rounding must not set it before the end of the stop, again and again.
      late.at = until
      // Who cancels the timer holds the first event.
      Object.defineProperty(late, 'isCancelled', { get: () => event.isCancelled })
    }
  }
}

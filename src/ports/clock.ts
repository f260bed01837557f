/** Wall time. Only adapters and runtime ask it; the core gets time as an argument. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() }

import type { Clock } from '../ports/clock.ts'
import type { Source } from '../ports/source.ts'
import type { Part } from './api.ts'

interface SourceState {
  up: boolean
  reason: string
  sinceMs: number
}

/** Which sources are connected, and since when all of them are: silence means something only then. */
export class SourceBoard {
  readonly #states = new Map<string, SourceState>()
  readonly #clock: Clock

  constructor(sources: readonly Source[], clock: Clock) {
    this.#clock = clock
    const sinceMs = clock.now()
    for (const { name } of sources) this.#states.set(name, { up: false, reason: 'connecting', sinceMs })
  }

  /** Returns whether this is news. */
  connected(name: string, up: boolean, reason: string): boolean {
    const state = this.#states.get(name)
    if (state === undefined || (state.up === up && state.reason === reason)) return false
    const changed = state.up !== up || !up
    if (state.up !== up) state.sinceMs = this.#clock.now()
    state.up = up
    state.reason = reason
    return changed
  }

  /** Every source is connected. */
  hearing(): boolean {
    for (const state of this.#states.values()) if (!state.up) return false
    return true
  }

  /** Wall time since which every source is connected. */
  hearingSinceMs(): number {
    let since = 0
    for (const state of this.#states.values()) since = Math.max(since, state.sinceMs)
    return since
  }

  /** What keeps the process from being ready, in words. */
  complaints(): string[] {
    const found: string[] = []
    for (const [name, state] of this.#states) if (!state.up) found.push(`source ${name}: ${state.reason}`)
    return found
  }

  parts(): Part[] {
    return [...this.#states].map(([name, state]) => ({
      name,
      kind: 'source',
      up: state.up,
      detail: state.up ? 'connected' : state.reason,
    }))
  }
}

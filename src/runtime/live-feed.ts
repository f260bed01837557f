import type { AlarmTransition } from '../domain/alarm.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import type { LiveEvent, SensorSummary } from './api.ts'

interface Subscriber {
  readonly listener: (event: LiveEvent) => void
  readonly changed: Set<number>
  readonly timer: NodeJS.Timeout
}

/**
 * Fans outcomes out to live listeners: scores coalesced to the newest row of each sensor, alarms at once.
 * A listener costs one set of slots; nothing is kept when nobody listens.
 */
export class LiveFeed {
  readonly #subscribers = new Set<Subscriber>()
  readonly #summary: (slot: number) => SensorSummary | undefined

  constructor(summary: (slot: number) => SensorSummary | undefined) {
    this.#summary = summary
  }

  scores(outcome: OutcomeFrame): void {
    for (const { changed } of this.#subscribers) {
      for (let row = 0; row < outcome.count; row++) changed.add(outcome.slot[row]!)
    }
  }

  alarms(transitions: readonly AlarmTransition[]): void {
    for (const { listener } of this.#subscribers) {
      for (const transition of transitions) listener({ type: 'alarm', transition })
    }
  }

  subscribe(listener: (event: LiveEvent) => void, hz: number): () => void {
    const changed = new Set<number>()
    const timer = setInterval(() => {
      if (changed.size === 0) return
      const sensors: SensorSummary[] = []
      for (const slot of changed) {
        const summary = this.#summary(slot)
        if (summary !== undefined) sensors.push(summary)
      }
      changed.clear()
      listener({ type: 'scores', sensors })
    }, 1_000 / hz)
    const subscriber = { listener, changed, timer }
    this.#subscribers.add(subscriber)
    return () => {
      clearInterval(timer)
      this.#subscribers.delete(subscriber)
    }
  }

  close(): void {
    for (const { timer } of this.#subscribers) clearInterval(timer)
    this.#subscribers.clear()
  }
}

import { messageOf } from '../base/errors.ts'
import { limits } from '../base/limits.ts'
import type { AlarmTransition } from '../domain/alarm.ts'
import type { Log } from '../ports/log.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { StateStore } from '../ports/state-store.ts'
import type { AlarmBoard } from './alarm-board.ts'
import { Backoff } from './backoff.ts'

/**
 * Puts alarm transitions into the journal, in order, before anybody sees them. A transition that the journal knows from
 * before a crash is not shown again. Writing is tried until it works: the engine's checkpoint waits for `settled`.
 */
export class Outbox {
  readonly #store: StateStore
  readonly #metrics: Metrics
  readonly #log: Log
  readonly #board: AlarmBoard
  readonly #added: (transitions: readonly AlarmTransition[]) => void
  #waiting: AlarmTransition[] = []
  #writing: Promise<void> | undefined

  constructor(
    store: StateStore,
    metrics: Metrics,
    log: Log,
    board: AlarmBoard,
    added: (transitions: readonly AlarmTransition[]) => void,
  ) {
    this.#store = store
    this.#metrics = metrics
    this.#log = log
    this.#board = board
    this.#added = added
  }

  /** Fills the board with what the journal remembers. */
  start(): void {
    const newest = this.#store.journal.newest(limits.alarmBoard)
    this.#board.add(newest.map((entry) => entry.transition).reverse())
  }

  add(transitions: readonly AlarmTransition[]): void {
    if (transitions.length === 0) return
    this.#waiting.push(...transitions)
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  /** Resolves when everything added so far is durable. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async #write(): Promise<void> {
    const backoff = new Backoff(100, 10_000)
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        const entries = await this.#store.journal.append(batch)
        // A write that failed may have been durable all the same: then the journal knows what nobody was shown.
        const added = backoff.attempts > 0 ? batch : entries.map((entry) => entry.transition)
        backoff.reset()
        this.#board.add(added)
        for (const { alarm } of added) this.#metrics.alarmTransition(alarm.state)
        if (added.length > 0) this.#added(added)
      } catch (error) {
        this.#waiting = [...batch, ...this.#waiting]
        this.#log.error({ error: messageOf(error) }, 'the alarm journal cannot be written, trying again')
        await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()))
      }
    }
  }
}

import type { Database, RootDatabase } from 'lmdb'
import { limits } from '../base/limits.ts'
import type { AlarmTransition } from '../domain/alarm.ts'
import type { AlarmJournal, JournalEntry } from '../ports/state-store.ts'

/** The alarm journal in LMDB: entries by sequence, their ids, and a cursor a sink. */
export class LmdbJournal implements AlarmJournal {
  readonly #root: RootDatabase
  readonly #entries: Database<AlarmTransition, number>
  readonly #ids: Database<number, string>
  readonly #cursors: Database<number, string>
  #last: number
  #count: number

  constructor(root: RootDatabase) {
    this.#root = root
    this.#entries = root.openDB({ name: 'journal', encoding: 'json' })
    this.#ids = root.openDB({ name: 'journal-ids', encoding: 'json' })
    this.#cursors = root.openDB({ name: 'journal-cursors', encoding: 'json' })
    this.#last = [...this.#entries.getKeys({ reverse: true, limit: 1 })][0] ?? 0
    this.#count = this.#entries.getCount()
  }

  async append(transitions: readonly AlarmTransition[]): Promise<readonly JournalEntry[]> {
    const added: JournalEntry[] = []
    await this.#root.transaction(() => {
      for (const transition of transitions) {
        if (this.#ids.get(transition.transitionId) !== undefined) continue
        const sequence = this.#last + 1
        this.#entries.put(sequence, transition)
        this.#ids.put(transition.transitionId, sequence)
        this.#last = sequence
        added.push({ sequence, transition })
      }
      this.#count += added.length
      this.#trim()
    })
    await this.#root.flushed
    return added
  }

  read(afterSequence: number, count: number): readonly JournalEntry[] {
    return this.#range({ start: afterSequence + 1, limit: count })
  }

  newest(count: number): readonly JournalEntry[] {
    return this.#range({ reverse: true, limit: count })
  }

  last(): number {
    return this.#last
  }

  cursor(sink: string): number | undefined {
    return this.#cursors.get(sink)
  }

  async advance(sink: string, sequence: number): Promise<void> {
    await this.#cursors.put(sink, sequence)
  }

  #range(options: { start?: number; reverse?: boolean; limit: number }): JournalEntry[] {
    return [...this.#entries.getRange(options)].map(({ key, value }) => ({ sequence: key, transition: value }))
  }

  /** Entries beyond the limit go, but never one that a sink has not taken. */
  #trim(): void {
    let excess = this.#count - limits.journalTransitions
    if (excess <= 0) return
    const cursors = [...this.#cursors.getRange({})].map((entry) => entry.value)
    const slowest = Math.min(this.#last, ...cursors)
    for (const { sequence, transition } of this.#range({ limit: excess })) {
      if (sequence > slowest) break
      this.#entries.remove(sequence)
      this.#ids.remove(transition.transitionId)
      this.#count -= 1
      excess -= 1
    }
  }
}

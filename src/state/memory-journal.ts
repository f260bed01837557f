import { limits } from '../base/limits.ts'
import type { AlarmTransition } from '../domain/alarm.ts'
import type { AlarmJournal, JournalEntry } from '../ports/state-store.ts'

/** The alarm journal in memory: for replay, the demo and tests. Bounded like the durable one. */
export class MemoryJournal implements AlarmJournal {
  #entries: JournalEntry[] = []
  readonly #ids = new Set<string>()
  readonly #cursors = new Map<string, number>()
  #last = 0

  async append(transitions: readonly AlarmTransition[]): Promise<readonly JournalEntry[]> {
    const added: JournalEntry[] = []
    for (const transition of transitions) {
      if (this.#ids.has(transition.transitionId)) continue
      this.#ids.add(transition.transitionId)
      this.#last += 1
      added.push({ sequence: this.#last, transition })
    }
    this.#entries.push(...added)
    this.#trim()
    return added
  }

  read(afterSequence: number, count: number): readonly JournalEntry[] {
    const first = this.#entries[0]?.sequence ?? 1
    const from = Math.max(0, afterSequence + 1 - first)
    return this.#entries.slice(from, from + count)
  }

  newest(count: number): readonly JournalEntry[] {
    return this.#entries.slice(-count).reverse()
  }

  last(): number {
    return this.#last
  }

  cursor(sink: string): number | undefined {
    return this.#cursors.get(sink)
  }

  async advance(sink: string, sequence: number): Promise<void> {
    this.#cursors.set(sink, sequence)
  }

  #trim(): void {
    if (this.#entries.length <= limits.journalTransitions * 1.1) return
    const slowest = Math.min(this.#last, ...this.#cursors.values())
    const first = this.#entries[0]!.sequence
    const count = Math.min(this.#entries.length - limits.journalTransitions, slowest + 1 - first)
    for (const entry of this.#entries.slice(0, count)) this.#ids.delete(entry.transition.transitionId)
    this.#entries = this.#entries.slice(Math.max(0, count))
  }
}

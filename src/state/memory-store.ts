import type { Checkpoint, Restored, StateMeta, StateRow, StateStore } from '../ports/state-store.ts'
import { MemoryJournal } from './memory-journal.ts'

/** A state store that forgets with the process, but keeps what it got while it lives (a test may reopen it). */
class MemoryStore implements StateStore {
  readonly journal = new MemoryJournal()
  readonly #rows = new Map<string, StateRow>()
  readonly #positions = new Map<string, Map<string, string>>()
  #meta: StateMeta | null = null

  async open(): Promise<void> {}

  load(): Restored {
    const positions: Record<string, Record<string, string>> = {}
    for (const [source, names] of this.#positions) positions[source] = Object.fromEntries(names)
    return { meta: this.#meta, rows: this.#rows.values(), positions }
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    this.#meta = checkpoint.meta
    for (const id of checkpoint.removed) this.#rows.delete(id)
    for (const row of checkpoint.rows) this.#rows.set(row.id, row)
    for (const [source, names] of Object.entries(checkpoint.positions)) {
      const known = this.#positions.get(source) ?? new Map<string, string>()
      this.#positions.set(source, known)
      for (const [name, position] of Object.entries(names)) {
        if (position === null) known.delete(name)
        else known.set(name, position)
      }
    }
  }

  async close(): Promise<void> {}
}

/** Makes a store in memory: for replay, the demo and tests. */
export function createMemoryStore(): StateStore {
  return new MemoryStore()
}

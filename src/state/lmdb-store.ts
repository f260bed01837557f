import { type Database, open, type RootDatabase } from 'lmdb'
import { messageOf, OperatingError } from '../base/errors.ts'
import { makeDirectory } from '../ports/make-directory.ts'
import type { AlarmJournal, Checkpoint, Restored, StateMeta, StateRow, StateStore } from '../ports/state-store.ts'
import { lockDirectory } from './directory-lock.ts'
import { LmdbJournal } from './lmdb-journal.ts'

type Labels = Readonly<Record<string, string>>

/** What one open environment holds. */
interface Tables {
  readonly root: RootDatabase
  readonly rows: Database<Buffer, string>
  readonly labels: Database<Labels, string>
  readonly positions: Database<string, [string, string]>
  readonly meta: Database<StateMeta, string>
  readonly journal: AlarmJournal
}

/**
 * The embedded state store: state rows, alarm states and source positions in one LMDB transaction.
 *
 * Errors: `state` when the directory cannot be used; every commit is synced to disk before it resolves.
 */
class LmdbStore implements StateStore {
  readonly #path: string
  #tables: Tables | undefined
  #unlock: () => void = () => undefined
  readonly #knownLabels = new Map<string, Labels>()

  constructor(path: string) {
    this.#path = path
  }

  async open(): Promise<void> {
    try {
      makeDirectory(this.#path)
      this.#unlock = lockDirectory(this.#path)
      const root = open({ path: this.#path, compression: false, noSubdir: false })
      this.#tables = {
        root,
        rows: root.openDB({ name: 'rows', encoding: 'binary' }),
        labels: root.openDB({ name: 'labels', encoding: 'json' }),
        positions: root.openDB({ name: 'positions', encoding: 'json' }),
        meta: root.openDB({ name: 'meta', encoding: 'json' }),
        journal: new LmdbJournal(root),
      }
    } catch (cause) {
      if (cause instanceof OperatingError) throw cause
      throw new OperatingError('state', `the state in ${this.#path} cannot be opened: ${messageOf(cause)}`, { cause })
    }
  }

  get journal(): AlarmJournal {
    return this.#open().journal
  }

  load(): Restored {
    const { rows, labels, positions, meta } = this.#open()
    const bySource: Record<string, Record<string, string>> = {}
    for (const { key, value } of positions.getRange({})) {
      const [source, name] = key
      bySource[source] = { ...bySource[source], [name]: value }
    }
    const knownLabels = this.#knownLabels
    function* storedRows(): IterableIterator<StateRow> {
      for (const { key, value } of rows.getRange({})) {
        const known = labels.get(key) ?? {}
        knownLabels.set(key, known)
        yield { id: key, labels: known, bytes: value }
      }
    }
    return { meta: meta.get('meta') ?? null, rows: { [Symbol.iterator]: storedRows }, positions: bySource }
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    const { root, rows, labels, positions, meta } = this.#open()
    try {
      await root.transaction(() => {
        meta.put('meta', checkpoint.meta)
        for (const id of checkpoint.removed) {
          rows.remove(id)
          labels.remove(id)
          this.#knownLabels.delete(id)
        }
        for (const row of checkpoint.rows) {
          rows.put(row.id, Buffer.from(row.bytes.buffer, row.bytes.byteOffset, row.bytes.byteLength))
          if (this.#knownLabels.get(row.id) === row.labels) continue
          labels.put(row.id, row.labels)
          this.#knownLabels.set(row.id, row.labels)
        }
        for (const [source, names] of Object.entries(checkpoint.positions)) {
          for (const [name, position] of Object.entries(names)) {
            if (position === null) positions.remove([source, name])
            else positions.put([source, name], position)
          }
        }
      })
      await root.flushed
    } catch (cause) {
      throw new OperatingError('state', `the checkpoint cannot be written to ${this.#path}: ${messageOf(cause)}`, {
        cause,
      })
    }
  }

  async close(): Promise<void> {
    await this.#tables?.root.close()
    this.#tables = undefined
    this.#unlock()
    this.#unlock = () => undefined
  }

  #open(): Tables {
    if (this.#tables === undefined) throw new OperatingError('state', `the state in ${this.#path} is not open`)
    return this.#tables
  }
}

/** Makes the embedded store in a directory of its own, which is created when missing. */
export function createLmdbStore(options: { readonly path: string }): StateStore {
  return new LmdbStore(options.path)
}

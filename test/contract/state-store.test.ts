import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StateStore } from '../../src/ports/state-store.ts'
import { createLmdbStore } from '../../src/state/lmdb-store.ts'
import { stateStores } from '../../src/state/registry.ts'
import { transition } from '../unit/runtime/fakes.ts'

const meta = { format: 1, kernel: 'k', model: 'm', calendar: 'UTC' }
const bytes = (...values: number[]) => Uint8Array.from(values)

/** Every store must show these behaviours; `reopen` is what a restart does. */
function contract(name: string, make: (folder: string) => { store: StateStore; reopen: () => Promise<StateStore> }) {
  describe(`state store ${name}`, () => {
    let folder: string
    let store: StateStore
    let reopen: () => Promise<StateStore>
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'residua-state-'))
      const made = make(folder)
      store = made.store
      reopen = async () => {
        store = await made.reopen()
        return store
      }
      await store.open()
    })
    afterEach(async () => {
      await store.close()
      rmSync(folder, { recursive: true })
    })

    it('is empty at first', () => {
      const restored = store.load()
      expect(restored.meta).toBeNull()
      expect([...restored.rows]).toEqual([])
      expect(restored.positions).toEqual({})
      expect(store.journal.last()).toBe(0)
      expect(store.journal.cursor('a')).toBeUndefined()
    })

    it('gives back rows, labels and positions after a restart', async () => {
      const id = 'plant/Öfen 1,2/🔥'
      await store.commit({
        meta,
        rows: [
          { id, labels: { asset: 'o' }, bytes: bytes(1, 2, 3) },
          { id: 'b', labels: {}, bytes: bytes() },
        ],
        removed: [],
        positions: { kafka: { 't:0': '7', 't:1': '9' } },
      })
      await store.commit({
        meta,
        rows: [{ id, labels: { asset: 'o' }, bytes: bytes(4) }],
        removed: ['b'],
        positions: { kafka: { 't:0': '8', 't:1': null }, file: { f: '1' } },
      })
      const restored = (await reopen()).load()
      expect(restored.meta).toEqual(meta)
      expect([...restored.rows].map((row) => ({ ...row, bytes: [...row.bytes] }))).toEqual([
        { id, labels: { asset: 'o' }, bytes: [4] },
      ])
      expect(restored.positions).toEqual({ kafka: { 't:0': '8' }, file: { f: '1' } })
    })

    it('keeps the journal in order, adds an id only once, and remembers cursors over a restart', async () => {
      const first = await store.journal.append([transition('1'), transition('2')])
      expect(first.map((entry) => entry.sequence)).toEqual([1, 2])
      await store.journal.advance('hook', 1)
      const { journal } = await reopen()
      const second = await journal.append([transition('2'), transition('3')])
      expect(second.map((entry) => entry.transition.transitionId)).toEqual(['3'])
      expect(journal.cursor('hook')).toBe(1)
      expect(journal.read(1, 10).map((entry) => entry.transition.transitionId)).toEqual(['2', '3'])
      expect(journal.newest(2).map((entry) => entry.transition.transitionId)).toEqual(['3', '2'])
      expect(journal.last()).toBe(3)
    })
  })
}

/** How each kind of the registry is made for a test, and what a restart of it is. */
const kinds: Readonly<Record<keyof typeof stateStores, Parameters<typeof contract>[1]>> = {
  memory: () => {
    // It forgets with the process, so its restart is the same object.
    const store = stateStores.memory()
    return { store, reopen: async () => store }
  },
  lmdb: (path) => {
    const store = stateStores.lmdb({ path })
    const reopen = async () => {
      await store.close()
      const next = stateStores.lmdb({ path })
      await next.open()
      return next
    }
    return { store, reopen }
  },
}

for (const type of Object.keys(stateStores) as (keyof typeof stateStores)[]) contract(type, kinds[type])

describe('the directory of the embedded store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-lock-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is refused while a living process uses it, and taken over from a dead one', async () => {
    writeFileSync(join(folder, 'owner.pid'), String(process.ppid))
    await expect(createLmdbStore({ path: folder }).open()).rejects.toThrow(`used by process ${process.ppid}`)
    writeFileSync(join(folder, 'owner.pid'), '999999999')
    const store = createLmdbStore({ path: folder })
    await store.open()
    await store.close()
    expect(existsSync(join(folder, 'owner.pid'))).toBe(false)
  })

  it('that cannot be written gives an error that names it', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(createLmdbStore({ path: join(folder, 'file', 'below') }).open()).rejects.toThrow('cannot be opened')
  })
})

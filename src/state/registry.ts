import type { StateStore } from '../ports/state-store.ts'
import { createLmdbStore } from './lmdb-store.ts'
import { createMemoryStore } from './memory-store.ts'

/** Every kind of state store by its `type`: what stands here, the composition and the contract suite know. */
export const stateStores = {
  lmdb: (options: { readonly path: string }): StateStore => createLmdbStore(options),
  memory: (): StateStore => createMemoryStore(),
} as const

import { historyAdapters } from '../adapters/registry.ts'
import { assert } from '../base/assert.ts'
import { fnv64 } from '../base/hash.ts'
import type { AdapterEntry, BootstrapConfig } from '../config/parse.ts'
import { momentMs } from '../config/schema.ts'
import type { HistoryAdapter, HistoryNeeds } from '../ports/adapter.ts'
import type { Source } from '../ports/source.ts'
import type { BootstrapOptions } from '../runtime/engine-options.ts'

/** Makes a history, with the options that its own schema parsed. */
export function createHistory({ type, name, options }: AdapterEntry, needs: HistoryNeeds = {}): Source {
  const table: Readonly<Record<string, HistoryAdapter<unknown>>> = historyAdapters
  const adapter = table[type]
  assert(adapter !== undefined, `the configuration let the unknown history ${type} pass`)
  return adapter.create(name, options, needs)
}

/** What new sensors are taught from at a start of `startMs`; `isInOrder`: sensors belong together. */
export function bootstrapOptions(config: BootstrapConfig, startMs: number, isInOrder: boolean): BootstrapOptions {
  const { from, since, until, learnRows, onFailure } = config
  return {
    source: createHistory(from, { isInOrder }),
    key: `${from.type} ${fnv64([JSON.stringify({ from, since, until, learnRows })])}`,
    sinceMs: (since === undefined ? undefined : momentMs(since, startMs)) ?? Number.NEGATIVE_INFINITY,
    untilMs: (until === undefined ? undefined : momentMs(until, startMs)) ?? Number.POSITIVE_INFINITY,
    ...(learnRows === undefined ? {} : { learn: { rows: learnRows } }),
    isOptional: onFailure === 'continue',
  }
}

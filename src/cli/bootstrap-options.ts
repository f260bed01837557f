import { historyAdapters } from '../adapters/registry.ts'
import { assert } from '../base/assert.ts'
import { fnv64 } from '../base/hash.ts'
import type { AdapterEntry, BootstrapConfig } from '../config/parse.ts'
import { momentMs } from '../config/schema.ts'
import type { HistoryAdapter } from '../ports/adapter.ts'
import type { HistoryListener, Source } from '../ports/source.ts'
import type { BootstrapOptions } from '../runtime/engine-options.ts'

/** Makes a history, with the options that its own schema parsed. */
export function createHistory({ type, name, options }: AdapterEntry, listener?: HistoryListener): Source {
  const table: Readonly<Record<string, HistoryAdapter<unknown>>> = historyAdapters
  const adapter = table[type]
  assert(adapter !== undefined, `the configuration let the unknown history ${type} pass`)
  return adapter.create(name, options, listener)
}

/** What new sensors are taught from at a start of `startMs`, as the configuration says it. */
export function bootstrapOptions(config: BootstrapConfig, startMs: number): BootstrapOptions {
  const { from, since, until, learnRows, onFailure } = config
  return {
    source: createHistory(from),
    key: `${from.type} ${fnv64([JSON.stringify({ from, since, until, learnRows })])}`,
    sinceMs: (since === undefined ? undefined : momentMs(since, startMs)) ?? Number.NEGATIVE_INFINITY,
    untilMs: (until === undefined ? undefined : momentMs(until, startMs)) ?? Number.POSITIVE_INFINITY,
    ...(learnRows === undefined ? {} : { learn: { rows: learnRows } }),
    isOptional: onFailure === 'continue',
  }
}

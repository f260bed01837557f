import type { DeadLetterAdapter, SinkAdapter, SourceAdapter } from '../ports/adapter.ts'

/** Every kind of source by its `type`: add a row here and the configuration, `check` and the contract suite know it. */
export const sourceAdapters = {} as const satisfies Record<string, SourceAdapter<unknown>>

/** Every kind of sink by its `type`. */
export const sinkAdapters = {} as const satisfies Record<string, SinkAdapter<unknown>>

/** Every kind of dead-letter sink by its `type`. */
export const deadLetterAdapters = {} as const satisfies Record<string, DeadLetterAdapter<unknown>>

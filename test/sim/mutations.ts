import type { EngineOptions } from '../../src/runtime/engine-options.ts'
import type { Fate, Process } from './fate.ts'

/** The parts of a process that a bug can sit in. */
export type Parts = Pick<EngineOptions, 'pipeline' | 'store' | 'sources' | 'sinks'>

/** Plants a bug: gives the parts that are other than they should be. */
export type Mutation = (parts: Parts, place: { readonly fate: Fate; readonly process: Process }) => Partial<Parts>

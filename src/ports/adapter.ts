import type { ZodType } from 'zod'
import type { DeadLetterSink, Sink } from './sink.ts'
import type { HistoryListener, Source } from './source.ts'

/** A kind of source as the registry lists it: its options' schema (with `type` as a literal) and how to make one. */
export interface SourceAdapter<Options> {
  readonly type: string
  readonly options: ZodType<Options>
  create(name: string, options: Options): Source
}

/** A kind of sink as the registry lists it. */
export interface SinkAdapter<Options> {
  readonly type: string
  readonly options: ZodType<Options>
  create(name: string, options: Options): Sink
}

/** A kind of dead-letter sink as the registry lists it. */
export interface DeadLetterAdapter<Options> {
  readonly type: string
  readonly options: ZodType<Options>
  create(name: string, options: Options): DeadLetterSink
}

/** Who reads a history, and how. */
export interface HistoryNeeds {
  readonly listener?: HistoryListener
  /** Readings of different sensors belong together, so they must come in order of time; else each sensor's own order is enough. */
  readonly isInOrder?: boolean
}

/** A kind of finite source, read from its beginning to its end, as the registry lists it: for `replay`, training and `bootstrap`. */
export interface HistoryAdapter<Options> {
  readonly type: string
  readonly options: ZodType<Options>
  create(name: string, options: Options, needs?: HistoryNeeds): Source
}

import { messageOf } from '../base/errors.ts'
import type { Source, SourceContext } from '../ports/source.ts'
import type { Checkpointer } from './checkpointer.ts'
import type { EngineOptions } from './engine-options.ts'
import type { Inbox } from './inbox.ts'
import type { Signal } from './signal.ts'
import type { SourceBoard } from './source-board.ts'

/** The parts of an engine that a source's words reach. */
export interface SourceContextParts {
  readonly options: Pick<EngineOptions, 'clock' | 'log' | 'metrics'>
  readonly inbox: Inbox
  readonly signal: Signal
  readonly checkpointer: Checkpointer
  readonly board: SourceBoard
  /** The source ended for good. */
  fail(error: unknown): void
}

/** What an engine gives one of its sources; `positions` are those that were restored for it. */
export function sourceContext(
  { options, inbox, signal, checkpointer, board, fail }: SourceContextParts,
  source: Source,
  index: number,
  positions: Readonly<Record<string, string>>,
): SourceContext {
  const { clock, log, metrics } = options
  return {
    clock,
    log,
    positions,
    deliver: (delivery) => {
      const room = inbox.put({ source, index, delivery })
      signal.wake()
      return room
    },
    revoked: (names) => {
      inbox.revoke(source, names)
      checkpointer.forget(source.name, names)
    },
    connected: (up, reason) => {
      const changed = board.connected(source.name, up, reason ?? '')
      if (!changed) return
      if (up) log.info({ source: source.name }, 'the source is connected')
      else log.warn({ source: source.name }, `the source is not connected: ${reason ?? 'no reason given'}`)
    },
    lag: (readings) => metrics.sourceLag(source.name, readings),
    failed: (error) => {
      board.connected(source.name, false, messageOf(error))
      log.error({ source: source.name, error: messageOf(error) }, 'the source failed for good')
      fail(error)
    },
  }
}

import type { Decoder, RawRecord, RejectReason } from '../domain/record.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

/**
 * Records that are acknowledged together: a Kafka batch, an MQTT message, a block of lines, an HTTP body.
 *
 * `positions` (name → position) say where the source stands after these records; they are committed with the state.
 */
export interface Delivery {
  readonly records: readonly RawRecord[]
  readonly positions: Readonly<Record<string, string>>
  /** Called once, after every sink took the outcomes and the state is committed. */
  acknowledge(): void | Promise<void>
  /** Called once in place of `acknowledge` when the process stops before that; the sender will send again. */
  abandon?(): void
  /** Called with what decoding found, before `acknowledge`: HTTP answers with it. */
  decoded?(accepted: number, rejected: readonly RejectedRecord[]): void
}

/** A record, or a part of one, that could not become a reading. */
export interface RejectedRecord {
  readonly reason: RejectReason
  readonly detail: string
  readonly line?: number
}

/** What the runtime gives a source. */
export interface SourceContext {
  readonly clock: Clock
  readonly log: Log
  /** Positions restored with the state (this source's only); they win over the outside system's own. */
  readonly positions: Readonly<Record<string, string>>
  /** Hands records over; resolves when there is room for more. Await it before the next: that is back pressure. */
  deliver(delivery: Delivery): Promise<void>
  /** Drops undelivered work when partitions are taken away: positions with these names are forgotten. */
  revoked(names: readonly string[]): void
  connected(up: boolean, reason?: string): void
  lag(readings: number): void
  /** An operating error that ends the source for good. */
  failed(error: unknown): void
}

/** Who wants to know how far the reading of a history is. */
export interface HistoryListener {
  /** How much was read so far and altogether, in the source's own measure (bytes, messages, ms of event time). */
  progress(done: number, total: number): void
  /** What the engine found in a part of it; `place` is a file, a partition, a query. */
  decoded(place: string, accepted: number, rejected: readonly RejectedRecord[]): void
}

/** Where readings come from. */
export interface Source {
  /** Unique in the process; the metric label `source`. */
  readonly name: string
  /** Turns this source's records into readings. */
  readonly decoder: Decoder
  /** Connects and delivers until `stop`. Resolves when connected or when connecting goes on in the background. */
  start(context: SourceContext): Promise<void>
  /** Stops taking records; what was delivered may still be acknowledged afterwards, until `close`. */
  stop(): Promise<void>
  /** Leaves the outside system. */
  close(): Promise<void>
  /** Finite sources (files): resolves after the last record was delivered. Absent: endless. */
  readonly finished?: Promise<void>
  /** Tries the connection without taking or writing anything; resolves with what was seen. For `residua check`. */
  check?(): Promise<string>
}

import type { AlarmTransition } from '../domain/alarm.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** What the runtime gives a sink. */
export interface SinkContext {
  readonly clock: Clock
  readonly log: Log
  /** Ids, labels and units by slot. */
  readonly catalog: SensorCatalog
  readonly plant: string
  /**
   * The newest transition of every alarm that is not normal, as the state knows it. A sink that must repeat active
   * alarms (Alertmanager forgets them) asks once after `open`, before its first write; absent in tests and tools.
   */
  activeAlarms?(): readonly AlarmTransition[]
  /** The process' own metrics, for the sink that publishes the newest score of each sensor there. */
  readonly metrics?: Metrics
}

/**
 * Which scores a sink gets: each reading (`all`), the deciding ones (`changes`), or none. Duplicates, late readings and
 * those of an impossible time would overwrite a score in a store, so only `every`, for the files of a replay, has them.
 */
export type ScoreSelection = 'every' | 'all' | 'changes' | 'none'

/** What happens while a sink is down or slow: wait, write to disk, or count and forget. */
export type SinkPolicy = 'block' | 'spill' | 'drop'

/** How the runtime drives a sink; every sink option has a default in its adapter. */
export interface SinkSettings {
  readonly scores: ScoreSelection
  readonly alarms: boolean
  /** For scores. Alarms are journalled before they are sent and never dropped. */
  readonly policy: SinkPolicy
  readonly batchReadings: number
  readonly batchMs: number
  readonly retryInitialMs: number
  readonly retryMaxMs: number
  readonly spillBytes: number
}

/**
 * Where outcomes go. The runtime adds queue, batching, retry, policy and metrics around it, so a sink only writes.
 *
 * Every write resolves when the outside system confirmed it, and throws an `OperatingError` otherwise; a retryable
 * one is tried again, any other is counted and the batch is dropped. Writes of one kind never overlap. Writing the
 * same rows again must overwrite (same series and event time; same transition id), not duplicate.
 */
export interface Sink {
  /** Unique in the process; the metric label `sink`. */
  readonly name: string
  readonly settings: SinkSettings
  /** Called once before any write; may connect, must not wait for a system that is down. */
  open(context: SinkContext): Promise<void>
  writeScores?(scores: OutcomeFrame): Promise<void>
  writeAlarms?(transitions: readonly AlarmTransition[]): Promise<void>
  close(): Promise<void>
  /** Tries the connection without taking or writing anything; resolves with what was seen. For `residua check`. */
  check?(): Promise<string>
}

/** A record that could not be decoded, with its original bytes. */
export interface DeadLetter {
  readonly source: string
  readonly topic: string
  readonly key: string | null
  readonly arrivalMs: number
  readonly reason: string
  readonly detail: string
  readonly bytes: Uint8Array
}

/** Where undecodable records go: a file or a Kafka topic. */
export interface DeadLetterSink {
  readonly name: string
  open(context: SinkContext): Promise<void>
  write(letters: readonly DeadLetter[]): Promise<void>
  close(): Promise<void>
  /** Tries the connection without taking or writing anything; resolves with what was seen. For `residua check`. */
  check?(): Promise<string>
}

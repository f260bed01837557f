import type { Adoption, RecentReadings } from '../core/live-pipeline.ts'
import type { Pipeline } from '../core/pipeline.ts'
import type { LearnOptions } from '../core/spell.ts'
import type { Frame } from '../domain/frame.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { DeadLetterSink, Sink } from '../ports/sink.ts'
import type { Source } from '../ports/source.ts'
import type { StateStore } from '../ports/state-store.ts'
import type { PipelineApi } from './api.ts'

/** Everything an engine is composed of. */
export interface EngineOptions {
  readonly pipeline: Pipeline
  readonly catalog: SensorCatalog
  readonly sources: readonly Source[]
  readonly sinks: readonly Sink[]
  readonly deadLetter?: DeadLetterSink
  readonly store: StateStore
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly plant: string
  /** What the status calls the model; it may change while the engine runs. */
  readonly modelName: () => string
  /** Takes over a state that another model wrote; without one it is refused. */
  readonly handover?: Handover
  /** Directory for the spills of score sinks with policy `spill`; without one they block. */
  readonly spillDirectory?: string
  readonly checkpointMs?: number
  readonly checkpointReadings?: number
  /** How long a stop waits for sinks and the last checkpoint; by default `limits.drainMs`. */
  readonly drainMs?: number
  /** A state that another kernel wrote is taken over, where its rows have the same layout, instead of refused. */
  readonly allowKernelChange?: boolean
  /** History that sensors and assets without state are taught from before the sources start. */
  readonly bootstrap?: BootstrapOptions
  /** Wall-clock ticks that declare silence: on for live input, off for replay. */
  readonly ticks: boolean
}

/** What new sensors are taught from before anything live is taken. */
export interface BootstrapOptions {
  /** Finite. */
  readonly source: Source
  /** Names what is read and how; a history of this name that is in the state already is not read again. */
  readonly key: string
  /** Readings of other times are left out; ms of event time, both included. */
  readonly sinceMs: number
  readonly untilMs: number
  /** Rows of each sensor that are known to be normal. */
  readonly learn?: LearnOptions
  /** Whether the start goes on without a history that cannot be read. */
  readonly isOptional: boolean
}

/** How a start goes on from the state of another model. */
export interface Handover {
  /** Makes the pipeline, which has no sensor yet, run what wrote the state named so; false: that model is not to be had. */
  enter(written: string): boolean
  /** Every row is restored: goes over to what is to run. */
  leave(): Adoption
}

/** The running pipeline. */
export interface Engine {
  /** Restores state, opens sinks, starts sources. Errors: `checkpoint` when the state belongs to another model. */
  start(): Promise<void>
  /** Feeds history through the same pipeline before `start`: no sinks, no alarms to anybody. */
  bootstrap(frame: Frame): void
  /** Resolves when all sources are finite and everything they gave is committed; rejects when a source failed for good. */
  readonly finished: Promise<void>
  /** Drains (at most `limits.drainMs`) and closes everything. */
  stop(): Promise<void>
  /**
   * Runs work on the pipeline between two frames, when everything before is committed; what it changes is committed whole.
   * Errors: what the work throws; `OperatingError('state')` when the engine stops before.
   */
  between<T>(work: () => T): Promise<T>
  /** Recent good readings of a slot outside alarms, of those in memory, at most `limits.warmupReadings`; null without any. */
  recent(slot: number): RecentReadings | null
  readonly api: PipelineApi
}

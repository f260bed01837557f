import type { AlarmTransition } from '../domain/alarm.ts'
import type { QualityName } from '../domain/quality.ts'

/** State of a sensor as metrics and pages show it. */
export const sensorStates = ['warmup', 'normal', 'anomaly', 'fault', 'silent'] as const
/** One state of a sensor. */
export type SensorState = (typeof sensorStates)[number]

/** A sensor as lists show it. Numbers are null before the first scored reading. */
export interface SensorSummary {
  readonly id: string
  readonly asset: string | null
  readonly unit: string
  readonly labels: Readonly<Record<string, string>>
  readonly state: SensorState
  readonly quality: QualityName
  readonly time: number | null
  readonly value: number | null
  readonly expected: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly score: number
  readonly alarm: 0 | 1
  /** Readings learned so far and needed, while in warm-up or learning. */
  readonly progress: { readonly seen: number; readonly needed: number } | null
}

/** A sensor's recent past, columnar, oldest first; null where a row was not scored. */
export interface History {
  readonly sensor: string
  readonly time: readonly number[]
  readonly value: readonly (number | null)[]
  readonly expected: readonly (number | null)[]
  readonly lower: readonly (number | null)[]
  readonly upper: readonly (number | null)[]
  readonly score: readonly number[]
  readonly alarm: readonly number[]
  readonly quality: readonly QualityName[]
}

/** Why a reading is not what was expected: residual = rest + Σ channels = rest + Σ ticks. Units: the sensor's; time in ms. */
export interface Explanation {
  readonly sensor: string
  readonly time: number
  readonly value: number
  readonly expected: number
  readonly residual: number
  /** The reading against the one before, or against the usual value, and whatever `ticks` do not account for. */
  readonly rest: number
  readonly against: 'last' | 'usual'
  readonly sentence: string
  /** The largest first. */
  readonly channels: readonly { readonly channel: string; readonly contribution: number }[]
  /** The readings before it, oldest first, with what each contributed. */
  readonly ticks: readonly { readonly time: number; readonly value: number; readonly contribution: number }[]
}

/** Health of one joint of the pipeline, in words. */
export interface Part {
  readonly name: string
  readonly kind: 'source' | 'sink' | 'state'
  readonly up: boolean
  readonly detail: string
}

/** Figures of the running process. */
export interface PipelineStatus {
  readonly plant: string
  readonly model: string
  readonly startedAt: number
  readonly readings: number
  readonly rejected: Readonly<Record<string, number>>
  readonly scores: number
  readonly readingsPerSecond: number
  readonly sensors: number
  readonly sensorLimit: number
  readonly sensorStates: Readonly<Record<SensorState, number>>
  readonly alarmsActive: number
  readonly checkpointAgeMs: number
  readonly parts: readonly Part[]
}

/** What the live stream sends. `scores` carries the newest row of each sensor that changed since the last event. */
export type LiveEvent =
  | { readonly type: 'scores'; readonly sensors: readonly SensorSummary[] }
  | { readonly type: 'alarm'; readonly transition: AlarmTransition }

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly total: number
}

/** Who takes an alarm's cause as normal, and why. */
export interface AcceptedBy {
  readonly by: string
  readonly reason: string
}

/** The transition that ended the alarm; or why there was nothing to accept: no such alarm, one of an instrument, or one that is over. */
export type Acceptance = AlarmTransition | 'unknown' | 'instrument' | 'over'

/** Queries and commands that the server may ask of the running pipeline. */
export interface PipelineApi {
  sensors(query: {
    readonly search?: string
    readonly state?: SensorState
    readonly asset?: string
    readonly offset: number
    readonly limit: number
  }): Page<SensorSummary>
  sensor(id: string): SensorSummary | undefined
  history(
    id: string,
    query: { readonly from?: number; readonly to?: number; readonly points: number },
  ): History | undefined
  /** Explains the newest scored reading not after `time`; null: there is none in memory, or the model cannot be explained. */
  explanation(id: string, time: number): Explanation | null | undefined
  /** Sparkline values of several sensors at once: at most `points` of the recent past, evenly thinned, oldest first. */
  sparklines(ids: readonly string[], points: number): Readonly<Record<string, readonly (number | null)[]>>
  /** Newest transition of each occurrence, newest first. `active`: only those not normal. */
  alarms(query: {
    readonly active?: boolean
    readonly sensor?: string
    readonly offset: number
    readonly limit: number
  }): Page<AlarmTransition>
  /**
   * Takes as normal, from now on, what a standing process alarm says is not, and ends it. Resolves when that is durable.
   * Errors: `OperatingError('state')` when the pipeline stops first.
   */
  acceptAlarm(id: string, who: AcceptedBy): Promise<Acceptance>
  /** Frees a sensor's slot; false when unknown. A returning sensor warms up again. */
  removeSensor(id: string): Promise<boolean>
  status(): PipelineStatus
  ready(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** Listener is called at most `hz` times a second with scores; alarms at once. Returns the unsubscribe function. */
  subscribe(listener: (event: LiveEvent) => void, options: { readonly hz: number }): () => void
}

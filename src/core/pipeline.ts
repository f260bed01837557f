import type { Frame } from '../domain/frame.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Model } from '../model/model.ts'

/** How a pipeline is made. */
export interface PipelineOptions {
  readonly model: Model
  /** Interning is done by the caller, at the edge; the arena has `catalog.capacity` slots. */
  readonly catalog: SensorCatalog
  /** A label on every alarm. */
  readonly plant: string
  /** Rows known to be normal, by number or by event time; they get score 0 and quality `learning`. */
  readonly learn?: { readonly rows?: number; readonly untilMs?: number }
  /** Live input: event times far ahead of their arrival, or before 2000, become `clock` and advance nothing. */
  readonly quarantine: boolean
}

/** State of a sensor. */
export type SensorState = 'warmup' | 'normal' | 'anomaly' | 'fault' | 'silent'

/** The pure core: frames in, outcomes out; no clock, no I/O, no randomness. */
export interface Pipeline {
  /** What a checkpoint must agree with. */
  readonly meta: { readonly format: number; readonly kernel: string; readonly model: string }
  /**
   * Scores a frame: appends one row per frame row, in the frame's order, and the alarm transitions in `out.transitions`.
   * `out` is cleared by the caller and has room for `frame.count` rows.
   */
  step(frame: Frame, out: OutcomeFrame): void
  /** The rows that the last step selects for `scores: changes`; may include an earlier, held-back row of a sensor. */
  readonly changes: OutcomeFrame
  /**
   * Wall time as recorded input: declares silence. Appends transitions only. Silence is counted from the sensor's last
   * arrival or from `listeningSinceMs`, whichever is later: what could not be heard was not silent.
   */
  tick(nowMs: number, out: OutcomeFrame, listeningSinceMs?: number): void
  /** Slots changed since `clearDirty`. */
  dirtySlots(): readonly number[]
  clearDirty(): void
  /** All columns of a slot, little-endian; the layout is `meta.format`. */
  snapshot(slot: number): Uint8Array
  /** Errors: assertion on a wrong length. */
  restore(slot: number, bytes: Uint8Array): void
  /** Forgets everything about a slot that was freed. */
  clear(slot: number): void
  sensorState(slot: number): SensorState
  /** Readings learned and needed, while in warm-up or learning; null afterwards. */
  progress(slot: number): { seen: number; needed: number } | null
  readonly bytesPerSensor: number
  readonly allocatedBytes: number
}

/** Makes a pipeline; every column is allocated here, once. */
export function createPipeline(_options: PipelineOptions): Pipeline {
  throw new Error('the core is being built')
}

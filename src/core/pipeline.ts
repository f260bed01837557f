import { assert } from '../base/assert.ts'
import { utcCalendar } from '../base/civil-calendar.ts'
import type { Frame } from '../domain/frame.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import { Quality } from '../domain/quality.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { KernelName } from '../model/create-kernel.ts'
import type { Calibration, Model, Scale } from '../model/model.ts'
import { Arena } from './arena.ts'
import { calibrationOf } from './calibration.ts'
import { Changes } from './changes.ts'
import { C, Phase, rowWidth } from './columns.ts'
import { hear, maskedContext } from './context.ts'
import { continueNovelty, continueRow } from './continue-row.ts'
import type { ExplainReading, ReadingExplanation } from './explain.ts'
import { Forecaster, type OwnModels } from './forecaster.ts'
import { Journey, type LastReading, type SensorState } from './journey.ts'
import { finishCalibration } from './learn.ts'
import type { Quarantine } from './quality.ts'
import { scaled } from './residual.ts'
import { settle } from './settle.ts'
import { type LearnOptions, Spell } from './spell.ts'
import { Waves } from './waves.ts'

/** How a pipeline is made. */
export interface PipelineOptions {
  readonly model: Model
  /** Models of single sensors, by id; all others are forecast by `model`. */
  readonly own?: OwnModels
  /** Interning is done by the caller, at the edge; the arena has `catalog.capacity` slots. */
  readonly catalog: SensorCatalog
  /** A label on every alarm. */
  readonly plant: string
  /** Rows known to be normal, by number or by event time; they get score 0 and quality `learning`. */
  readonly learn?: LearnOptions
  /** What the sensors' calendars are, as a checkpoint records it; of no consequence otherwise. */
  readonly calendar?: string
  /** Live input: event times far ahead of their arrival, or too old, become `clock`; `true`: the limits'. */
  readonly quarantine: boolean | Quarantine
  /** Default `wasm`. */
  readonly kernel?: KernelName
  /** Says in alarms what made the model expect something else; without it they say how the reading differs. */
  readonly explain?: ExplainReading
  /** Whether channels of assets are scored alone, too; default true. False: they are watched as instruments alone. */
  readonly scoresChannels?: boolean
}

export type { LastReading, SensorState } from './journey.ts'

/** Rows of assets: all of a step, and those that `scores: changes` writes. */
export interface AssetRows {
  readonly outcome: OutcomeFrame
  readonly changes: OutcomeFrame
}

/** What a checkpoint must agree with, and the calendars whose days and weeks were learned. */
export interface PipelineMeta {
  readonly format: number
  readonly kernel: string
  readonly model: string
  readonly calendar: string
}

/** The pure core: frames in, outcomes out; no clock, no I/O, no randomness. */
export interface Pipeline {
  /** What a checkpoint must agree with. */
  readonly meta: PipelineMeta
  /**
   * Scores a frame: appends one row per frame row, in the frame's order, and the alarm transitions in `out.transitions`.
   * `out` is cleared by the caller and has room for `frame.count` rows.
   */
  step(frame: Frame, out: OutcomeFrame): void
  /** The rows that the last step selects for `scores: changes`; may include an earlier, held-back row of a sensor. */
  readonly changes: OutcomeFrame
  /** What the last step said of assets that are scored as one: a row a tick; null without such assets. */
  readonly assets: AssetRows | null
  /** No reading will come any more: closes open ticks. `assets` then has their rows, `out` their transitions. */
  finish(out: OutcomeFrame): void
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
  /** Why snapshots of the kernel `writtenBy` (its name in a `meta`) cannot be restored here; null where they can. */
  misfit(writtenBy: string): string | null
  /** Forgets everything about a slot that was freed. */
  clear(slot: number): void
  /**
   * An empty pipeline of the same models over the same catalog, which can be taught from history; `restore` takes its snapshots.
   * `learn`: rows of that history that are known to be normal.
   */
  twin(learn?: LearnOptions): Pipeline
  /** Ends what a slot was taught of its history: alarms that nobody heard of are forgotten, and what it learned stays. */
  settle(slot: number): void
  /**
   * Takes as normal, from now on, what the process alarm `id` of a slot says is not, and ends that alarm: appends its transition.
   * `by`: who says so and why, in words for the alarm's message; `nowMs`: wall time. False, and nothing is changed, where it does
   * not stand.
   */
  accept(slot: number, id: string, by: string, nowMs: number, out: OutcomeFrame): boolean
  sensorState(slot: number): SensorState
  /** Readings learned and needed, while in warm-up or learning; null afterwards. */
  progress(slot: number): { seen: number; needed: number } | null
  /** The last reading that was accepted, also after a restore; null before the first. Time in ms, event time. */
  last(slot: number): LastReading | null
  /**
   * Explains a reading by those before it, oldest first; null without an explainer, or before the sensor has a scale.
   * Units: ms of event time; the sensor's unit.
   */
  explain(slot: number, before: RecentReadings, observed: number, expected: number): ReadingExplanation | null
  /** How often a context column of the sensor's model had no value, or none that was young enough. */
  maskedContext(slot: number): number
  readonly bytesPerSensor: number
  readonly allocatedBytes: number
}

/** Recent good readings of a sensor, oldest first. Units: ms of event time; the sensor's unit. */
export interface RecentReadings {
  readonly timeMs: ArrayLike<number>
  readonly value: ArrayLike<number>
}

/** Whether a row's scale is what a model declares; one that declares none takes any. */
function hasScale(f: Float64Array, at: number, declared: Scale | undefined): boolean {
  return declared === undefined || (f[at + C.center] === declared.center && f[at + C.unit] === declared.scale)
}

/** Whether a reading says what its sensor measures, be it scored or not: others may be explained by it. */
function isPassed(quality: number): boolean {
  return (
    quality === Quality.good ||
    quality === Quality.uncertain ||
    quality === Quality.warmup ||
    quality === Quality.learning ||
    quality === Quality.stuck
  )
}

/** The layout of snapshots; a change of columns is a new number. */
const format = 5

/**
 * A pipeline of one general model and those of single sensors.
 *
 * Allocates: every column, once, at construction. Errors: `model` when a model does not forecast.
 */
export class CorePipeline implements Omit<Pipeline, 'assets' | 'finish' | 'twin'> {
  readonly meta: PipelineMeta
  readonly #catalog: SensorCatalog
  readonly #forecaster: Forecaster
  readonly #arena: Arena
  readonly #journey: Journey
  readonly #spell: Spell
  readonly #waves: Waves
  readonly #changes = new Changes()

  constructor(options: PipelineOptions) {
    const { model, own = new Map(), catalog } = options
    const forecaster = new Forecaster(model, own, catalog, options.kernel)
    const calendar = options.calendar ?? utcCalendar.fingerprint
    this.meta = { format, kernel: forecaster.kernel.name, model: forecaster.modelName, calendar }
    this.#catalog = catalog
    this.#forecaster = forecaster
    this.#arena = new Arena(catalog.capacity, forecaster)
    this.#spell = new Spell(options.learn)
    this.#waves = new Waves(catalog.capacity)
    this.#journey = new Journey(this.#arena, this.#spell, forecaster, options)
  }

  get changes(): OutcomeFrame {
    return this.#changes.frame
  }

  /** Whether sensors explain others here: then rows of different sensors belong together. */
  get isCoupled(): boolean {
    return this.#forecaster.links !== null
  }

  get bytesPerSensor(): number {
    return this.#arena.bytesPerSensor
  }

  get allocatedBytes(): number {
    return this.#arena.allocatedBytes
  }

  step(frame: Frame, out: OutcomeFrame): void {
    const base = out.count
    assert(out.capacity >= base + frame.count, 'the outcome frame has no room for the frame')
    this.#forecaster.reserve(frame.capacity)
    this.#waves.arrange(frame, this.#forecaster.links)
    this.#changes.begin(frame.count)
    for (let wave = 0; wave < this.#waves.count; wave++) this.#wave(wave, frame, out, base)
    out.count = base + frame.count
    this.#journey.flush(out)
    this.#changes.finish(out, base, frame.count)
  }

  /** One wave: distinct sensors, each through all stages, then one batch of recurrent steps. */
  #wave(wave: number, frame: Frame, out: OutcomeFrame, base: number): void {
    const { f } = this.#arena
    const end = this.#waves.starts[wave + 1]!
    if (this.isCoupled) {
      for (let place = this.#waves.starts[wave]!; place < end; place++) {
        this.#forecaster.complete(this.#arena, frame.slot[this.#waves.rows[place]!]!)
      }
      this.#forecaster.step(this.#arena)
    }
    for (let place = this.#waves.starts[wave]!; place < end; place++) {
      const row = this.#waves.rows[place]!
      const slot = frame.slot[row]!
      const v = this.#journey.reading(frame, row, out, base + row)
      this.#changes.consider(f, slot * rowWidth, out, base, row, this.#journey.state(slot))
      if (!Number.isNaN(v)) this.#forecaster.take(this.#arena, slot, v, frame.timeMs[row]!)
      if (this.isCoupled && isPassed(out.quality[base + row]!)) {
        hear(this.#arena, slot, frame.timeMs[row]!, frame.value[row]!)
      }
    }
    this.#forecaster.step(this.#arena)
  }

  tick(nowMs: number, out: OutcomeFrame, listeningSinceMs = Number.NEGATIVE_INFINITY): void {
    for (let slot = 0; slot < this.#catalog.slotCount; slot++) {
      if (this.#catalog.has(slot)) this.#journey.tick(slot, nowMs, listeningSinceMs)
    }
    this.#journey.flush(out)
  }

  dirtySlots(): readonly number[] {
    return this.#arena.dirtySlots()
  }

  clearDirty(): void {
    this.#arena.clearDirty()
  }

  snapshot(slot: number): Uint8Array {
    return this.#arena.snapshot(slot)
  }

  restore(slot: number, bytes: Uint8Array): void {
    this.#arena.restore(slot, bytes)
  }

  misfit(writtenBy: string): string | null {
    return this.#forecaster.misfit(writtenBy)
  }

  /** Bytes of a snapshot of the slot. */
  snapshotBytes(slot: number): number {
    return this.#arena.snapshotBytes(slot)
  }

  /** Whether a snapshot of the slot under `other` means the same here: the network has the same shape and the same scale. */
  keepsState(slot: number, other: CorePipeline): boolean {
    if (!this.#forecaster.sameShape(slot, other.#forecaster)) return false
    if (this.snapshotBytes(slot) !== other.snapshotBytes(slot)) return false
    return hasScale(other.#arena.f, slot * rowWidth, this.#forecaster.declaredScale(slot))
  }

  /** Goes on with the slot's last reading, its instrument's evidence and its alarms as they are under `other`. */
  continueFrom(slot: number, other: CorePipeline): void {
    continueRow(this.#arena.f, other.#arena.f, slot * rowWidth)
    continueNovelty(this.#arena.f, other.#arena.f, slot * rowWidth)
    this.#arena.touch(slot)
  }

  /** Counts a slot among those that changed. */
  touch(slot: number): void {
    this.#arena.touch(slot)
  }

  clear(slot: number): void {
    this.#arena.clear(slot)
    this.#forecaster.forget(slot)
  }

  accept(slot: number, id: string, by: string, nowMs: number, out: OutcomeFrame): boolean {
    const isAccepted = this.#journey.accept(slot, id, by, nowMs)
    this.#journey.flush(out)
    return isAccepted
  }

  settle(slot: number): void {
    settle(this.#arena.f, slot * rowWidth)
    this.#arena.touch(slot)
  }

  sensorState(slot: number): SensorState {
    return this.#journey.stateName(slot)
  }

  last(slot: number): LastReading | null {
    return this.#journey.last(slot)
  }

  explain(
    slot: number,
    { timeMs, value }: RecentReadings,
    observed: number,
    expected: number,
  ): ReadingExplanation | null {
    const { f } = this.#arena
    const at = slot * rowWidth
    if (f[at + C.unit] === 0) return null
    const scaledValues = Float64Array.from(value, (one) => scaled(f, at, one))
    const window = this.#forecaster.inputs(this.#arena, slot, scaledValues, timeMs)
    return this.#journey.explain(slot, this.#catalog.spec(slot), window, observed, expected)
  }

  maskedContext(slot: number): number {
    return maskedContext(this.#arena, slot)
  }

  /** Error averages with the last reading in them, in scaled units; what calibration is made of. */
  errors(slot: number): { readonly slow: number; readonly fast: number; readonly rows: number } {
    const { f } = this.#arena
    const at = slot * rowWidth
    return {
      slow: f[at + C.slow]!,
      fast: f[at + C.fast]!,
      rows: f[at + C.phase] === Phase.fit ? 0 : f[at + C.errorRows]!,
    }
  }

  /** Ends a sensor's learning with the usual errors as they are given, and answers what it knows. */
  calibrate(slot: number, usual: { readonly slow: number; readonly fast: number }): Calibration {
    const { f } = this.#arena
    const at = slot * rowWidth
    finishCalibration(f, at, usual.slow, usual.fast)
    return calibrationOf(f, at)
  }

  progress(slot: number): { seen: number; needed: number } | null {
    return this.#spell.progress(this.#arena.f, slot * rowWidth)
  }
}

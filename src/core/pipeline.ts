import { assert } from '../base/assert.ts'
import { OperatingError } from '../base/errors.ts'
import type { Frame } from '../domain/frame.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import { createKernel, type KernelName } from '../model/create-kernel.ts'
import { inputWidth, outputWidth } from '../model/graph.ts'
import type { Kernel } from '../model/kernel.ts'
import type { Model } from '../model/model.ts'
import { rowMisfit } from '../model/row-misfit.ts'
import { Arena } from './arena.ts'
import { Changes } from './changes.ts'
import { horizonsMax, rowWidth } from './columns.ts'
import { Journey, type LastReading, type SensorState } from './journey.ts'
import type { Quarantine } from './quality.ts'
import { keepForecast } from './residual.ts'
import { Spell } from './spell.ts'
import { Waves } from './waves.ts'

/** How a pipeline is made. */
export interface PipelineOptions {
  readonly model: Model
  /** Interning is done by the caller, at the edge; the arena has `catalog.capacity` slots. */
  readonly catalog: SensorCatalog
  /** A label on every alarm. */
  readonly plant: string
  /** Rows known to be normal, by number or by event time; they get score 0 and quality `learning`. */
  readonly learn?: { readonly rows?: number; readonly untilMs?: number }
  /** Live input: event times far ahead of their arrival, or too old, become `clock`; `true`: the limits'. */
  readonly quarantine: boolean | Quarantine
  /** Default `wasm`. */
  readonly kernel?: KernelName
}

export type { LastReading, SensorState } from './journey.ts'

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
  /** Why snapshots of the kernel `writtenBy` (its name in a `meta`) cannot be restored here; null where they can. */
  misfit(writtenBy: string): string | null
  /** Forgets everything about a slot that was freed. */
  clear(slot: number): void
  sensorState(slot: number): SensorState
  /** Readings learned and needed, while in warm-up or learning; null afterwards. */
  progress(slot: number): { seen: number; needed: number } | null
  /** The last reading that was accepted, also after a restore; null before the first. Time in ms, event time. */
  last(slot: number): LastReading | null
  readonly bytesPerSensor: number
  readonly allocatedBytes: number
}

/** The layout of snapshots; a change of columns is a new number. */
const format = 1

/** Makes a pipeline; every column is allocated here, once. Errors: `model` when the model does not forecast. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { model, catalog } = options
  const { forecast } = model
  if (forecast === null || inputWidth(model.graph) !== 1 || outputWidth(model.graph) !== forecast.horizons) {
    throw new OperatingError(
      'model',
      `${model.name} does not forecast a sensor: it needs one input, and one output a horizon`,
    )
  }
  if (forecast.horizons > horizonsMax) {
    throw new OperatingError(
      'model',
      `${model.name} forecasts ${forecast.horizons} readings, at most ${horizonsMax} are built`,
    )
  }
  const kernelOptions = options.kernel === undefined ? {} : { kernel: options.kernel }
  return new CorePipeline(options, forecast.horizons, createKernel(model, catalog.capacity, kernelOptions))
}

class CorePipeline implements Pipeline {
  readonly meta: { readonly format: number; readonly kernel: string; readonly model: string }
  readonly #model: Model
  readonly #catalog: SensorCatalog
  readonly #kernel: Kernel
  readonly #horizons: number
  readonly #arena: Arena
  readonly #journey: Journey
  readonly #spell: Spell
  readonly #waves: Waves
  readonly #changes = new Changes()
  #slots = new Int32Array(0)
  #inputs = new Float32Array(0)
  #outputs = new Float32Array(0)
  #scaled = new Float64Array(0)

  constructor(options: PipelineOptions, horizons: number, kernel: Kernel) {
    const { model, catalog } = options
    this.meta = { format, kernel: kernel.name, model: `${model.name}-${model.fingerprint}` }
    this.#model = model
    this.#catalog = catalog
    this.#kernel = kernel
    this.#horizons = horizons
    this.#arena = new Arena(catalog.capacity, horizons, kernel)
    this.#spell = new Spell(options.learn)
    this.#waves = new Waves(catalog.capacity)
    this.#journey = new Journey(this.#arena, this.#spell, horizons, options)
  }

  get changes(): OutcomeFrame {
    return this.#changes.frame
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
    this.#reserve(frame)
    this.#waves.arrange(frame)
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
    let count = 0
    for (let place = this.#waves.starts[wave]!; place < end; place++) {
      const row = this.#waves.rows[place]!
      const slot = frame.slot[row]!
      const v = this.#journey.reading(frame, row, out, base + row)
      this.#changes.consider(f, slot * rowWidth, out, base, row, this.#journey.state(slot))
      if (Number.isNaN(v)) continue
      this.#slots[count] = slot
      this.#scaled[count] = v
      this.#inputs[count] = this.#journey.networkInput(v)
      count++
    }
    this.#kernel.step(this.#slots, count, this.#inputs, this.#outputs)
    for (let i = 0; i < count; i++) {
      keepForecast(this.#arena, this.#slots[i]!, this.#horizons, this.#scaled[i]!, this.#outputs, i * this.#horizons)
    }
  }

  #reserve(frame: Frame): void {
    if (this.#slots.length >= frame.count) return
    this.#slots = new Int32Array(frame.capacity)
    this.#inputs = new Float32Array(frame.capacity)
    this.#outputs = new Float32Array(frame.capacity * this.#horizons)
    this.#scaled = new Float64Array(frame.capacity)
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
    return rowMisfit(this.#model, this.#kernel, writtenBy)
  }

  clear(slot: number): void {
    this.#arena.clear(slot)
  }

  sensorState(slot: number): SensorState {
    return this.#journey.stateName(slot)
  }

  last(slot: number): LastReading | null {
    return this.#journey.last(slot)
  }

  progress(slot: number): { seen: number; needed: number } | null {
    return this.#spell.progress(this.#arena.f, slot * rowWidth)
  }
}

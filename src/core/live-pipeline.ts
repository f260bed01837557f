import { assert } from '../base/assert.ts'
import { joinBytes } from '../base/bytes.ts'
import { fnv64 } from '../base/hash.ts'
import { Frame } from '../domain/frame.ts'
import { OutcomeFrame } from '../domain/outcome.ts'
import { Quality } from '../domain/quality.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Model } from '../model/model.ts'
import { AssetStage } from './asset/asset-stage.ts'
import { Comparison, type SensorComparison } from './comparison.ts'
import type { ReadingExplanation } from './explain.ts'
import { nameOf, type OwnModels } from './forecaster.ts'
import type { LastReading, SensorState } from './journey.ts'
import { type AssetRows, CorePipeline, type Pipeline, type PipelineOptions, type RecentReadings } from './pipeline.ts'
import type { LearnOptions } from './spell.ts'

export type { RecentReadings } from './pipeline.ts'

/** What a pipeline runs: a general model, and those of single sensors. */
export interface PipelineModels {
  readonly model: Model
  readonly own: OwnModels
}

/** What became of the sensors when another model was taken. */
export interface Adoption {
  /** Sensors that went on with the state they had: the networks have the same shape. */
  readonly kept: number
  /** Sensors that went on with the state of the shadow, which had run beside. */
  readonly continued: number
  /** Sensors that were warmed up from recent history, and score. */
  readonly warmed: number
  /** Sensors whose history was too short: they warm up. */
  readonly warming: number
}

/** A model that scores beside the live one: its pipeline, what it last said, and how it compares. */
class Shadow {
  readonly pipeline: CorePipeline
  readonly comparison: Comparison
  readonly models: PipelineModels
  #outcome = new OutcomeFrame(0)
  /** Says in a snapshot whose state the shadow's part is. */
  readonly tag: Uint8Array

  constructor(options: PipelineOptions) {
    this.pipeline = new CorePipeline(options)
    this.models = { model: options.model, own: options.own ?? new Map() }
    this.comparison = new Comparison(options.catalog.capacity)
    this.tag = new TextEncoder().encode(fnv64([this.pipeline.meta.kernel, this.pipeline.meta.model]))
  }

  step(frame: Frame, live: OutcomeFrame, from: number): void {
    if (this.#outcome.capacity < frame.count) this.#outcome = new OutcomeFrame(frame.capacity)
    this.#outcome.clear()
    this.pipeline.step(frame, this.#outcome)
    this.comparison.add(live, from, this.#outcome)
  }

  /** What is normal for the live model is for the shadow, where it raised the same alarm. */
  accept(slot: number, id: string, by: string, nowMs: number): void {
    this.#outcome.clear()
    this.pipeline.accept(slot, id, by, nowMs, this.#outcome)
  }

  tick(nowMs: number, listeningSinceMs: number | undefined): void {
    this.#outcome.clear()
    this.pipeline.tick(nowMs, this.#outcome, listeningSinceMs)
  }
}

/** Makes a pipeline; every column is allocated here, once. Errors: `model` when a model does not forecast. */
export function createPipeline(options: PipelineOptions): LivePipeline {
  return new LivePipeline(options)
}

/**
 * A pipeline whose model can be changed between two frames, and beside which a second model may run as a shadow.
 *
 * The live model's outcomes are those of a pipeline without a shadow, bit for bit. The shadow sees the same frames; its
 * alarms go nowhere. A snapshot of a sensor holds both and their comparison, so a restart interrupts neither.
 * Allocates: a second arena and a comparison (81 bytes a sensor) while there is a shadow.
 */
export class LivePipeline implements Pipeline {
  #options: PipelineOptions
  readonly #catalog: SensorCatalog
  #live: CorePipeline
  #shadow: Shadow | null = null
  /** Behind the live model's stages: a change of the model changes no asset. */
  readonly #assets: AssetStage | null

  /** Errors: `OperatingError('model')` when a model does not forecast. */
  constructor(options: PipelineOptions) {
    this.#options = options
    this.#catalog = options.catalog
    this.#live = new CorePipeline(options)
    const { catalog, plant, learn } = options
    this.#assets = catalog.assets.length === 0 ? null : new AssetStage(catalog, plant, learn)
  }

  get assets(): AssetRows | null {
    return this.#assets
  }

  get meta(): Pipeline['meta'] {
    return this.#live.meta
  }

  get changes(): OutcomeFrame {
    return this.#live.changes
  }

  get bytesPerSensor(): number {
    return this.#live.bytesPerSensor
  }

  get allocatedBytes(): number {
    return this.#live.allocatedBytes + (this.#shadow?.pipeline.allocatedBytes ?? 0)
  }

  step(frame: Frame, out: OutcomeFrame): void {
    const from = out.count
    this.#live.step(frame, out)
    this.#shadow?.step(frame, out, from)
    this.#assets?.step(out, from)
  }

  finish(out: OutcomeFrame): void {
    // A frame without readings: nothing of the last one is said again.
    this.#live.step(new Frame(0), out)
    this.#assets?.finish(out)
  }

  tick(nowMs: number, out: OutcomeFrame, listeningSinceMs?: number): void {
    this.#live.tick(nowMs, out, listeningSinceMs)
    this.#shadow?.tick(nowMs, listeningSinceMs)
  }

  dirtySlots(): readonly number[] {
    const sensors = this.#live.dirtySlots()
    return this.#assets === null ? sensors : [...this.#assets.dirtySlots(), ...sensors]
  }

  clearDirty(): void {
    this.#live.clearDirty()
    this.#assets?.clearDirty()
    this.#shadow?.pipeline.clearDirty()
  }

  /** The live row; with a shadow then its tag, its row and the comparison. */
  snapshot(slot: number): Uint8Array {
    const assets = this.#assetsOf(slot)
    if (assets !== null) return assets.snapshot(slot)
    const live = this.#live.snapshot(slot)
    if (this.#shadow === null) return live
    const { tag, pipeline, comparison } = this.#shadow
    return joinBytes([live, tag, pipeline.snapshot(slot), comparison.snapshot(slot)])
  }

  /** Takes the live row; the shadow's where it is of the shadow that runs now, which else begins anew. */
  restore(slot: number, bytes: Uint8Array): void {
    const assets = this.#assetsOf(slot)
    if (assets !== null) {
      assets.restore(slot, bytes)
      return
    }
    const live = this.#live.snapshotBytes(slot)
    const hasMore = bytes.length > live
    this.#live.restore(slot, hasMore ? bytes.subarray(0, live) : bytes)
    if (this.#shadow === null || !hasMore) return
    const { tag, pipeline, comparison } = this.#shadow
    if (!tag.every((byte, at) => byte === bytes[live + at])) return
    const row = live + tag.length
    const sums = row + pipeline.snapshotBytes(slot)
    assert(bytes.length === sums + comparison.snapshotBytes, 'a snapshot with a shadow is cut')
    pipeline.restore(slot, bytes.subarray(row, sums))
    comparison.restore(slot, bytes.subarray(sums))
  }

  misfit(writtenBy: string): string | null {
    return this.#live.misfit(writtenBy)
  }

  clear(slot: number): void {
    const assets = this.#assetsOf(slot)
    if (assets !== null) {
      assets.clear(slot)
      return
    }
    this.#live.clear(slot)
    this.#shadow?.pipeline.clear(slot)
    this.#shadow?.comparison.clear(slot)
  }

  twin(learn?: LearnOptions): LivePipeline {
    const { explain: _, learn: __, ...options } = this.#options
    const twin = new LivePipeline(learn === undefined ? options : { ...options, learn })
    if (this.#shadow !== null) twin.setShadow(this.#shadow.models, () => null)
    return twin
  }

  settle(slot: number): void {
    const assets = this.#assetsOf(slot)
    if (assets !== null) {
      assets.settle(slot)
      return
    }
    this.#live.settle(slot)
    this.#shadow?.pipeline.settle(slot)
  }

  accept(slot: number, id: string, by: string, nowMs: number, out: OutcomeFrame): boolean {
    const assets = this.#assetsOf(slot)
    if (assets !== null) return assets.accept(slot, id, by, nowMs, out)
    this.#shadow?.accept(slot, id, by, nowMs)
    return this.#live.accept(slot, id, by, nowMs, out)
  }

  sensorState(slot: number): SensorState {
    return this.#assetsOf(slot)?.state(slot) ?? this.#live.sensorState(slot)
  }

  progress(slot: number): { seen: number; needed: number } | null {
    const assets = this.#assetsOf(slot)
    return assets === null ? this.#live.progress(slot) : assets.progress(slot)
  }

  maskedContext(slot: number): number {
    return this.#live.maskedContext(slot)
  }

  last(slot: number): LastReading | null {
    const assets = this.#assetsOf(slot)
    return assets === null ? this.#live.last(slot) : assets.last(slot)
  }

  explain(slot: number, before: RecentReadings, observed: number, expected: number): ReadingExplanation | null {
    const assets = this.#assetsOf(slot)
    return assets === null ? this.#live.explain(slot, before, observed, expected) : assets.explain(slot, observed)
  }

  /** The assets, where the slot is one of theirs. */
  #assetsOf(slot: number): AssetStage | null {
    return this.#catalog.isAsset(slot) ? this.#assets : null
  }

  /** Name and fingerprint of the shadow; null without one. */
  get shadowModel(): string | null {
    return this.#shadow?.pipeline.meta.model ?? null
  }

  /** How the shadow did on a sensor; null before the first reading that both models scored. */
  comparison(slot: number): SensorComparison | null {
    return this.#shadow?.comparison.of(slot) ?? null
  }

  /**
   * Lets another model score beside the live one, or none. It begins with what recent history can teach it.
   *
   * Errors: `OperatingError('model')` when it does not forecast; nothing is changed then.
   */
  setShadow(models: PipelineModels | null, recent: (slot: number) => RecentReadings | null): void {
    if (models === null) {
      this.#shadow = null
      return
    }
    if (this.#isShadow(models)) return
    const shadow = new Shadow({ ...this.#options, ...models })
    this.#shadow = shadow
    const strangers: number[] = []
    for (const slot of this.#slots()) {
      if (shadow.pipeline.keepsState(slot, this.#live)) shadow.pipeline.restore(slot, this.#live.snapshot(slot))
      else strangers.push(slot)
      this.#live.touch(slot)
    }
    warmUp(shadow.pipeline, strangers, recent)
  }

  /**
   * Makes another model the live one between two frames.
   *
   * A sensor goes on with the shadow's state where the shadow was that model; else with its own where the networks have
   * one shape; else with what recent history teaches the new one. Its last reading and its alarms go on in any case.
   * Errors: `OperatingError('model')` when a model does not forecast; nothing is changed then.
   */
  adopt(models: PipelineModels, recent: (slot: number) => RecentReadings | null): Adoption {
    const before = this.#live
    const shadow = this.#isShadow(models) ? this.#shadow!.pipeline : null
    const next = shadow ?? new CorePipeline({ ...this.#options, ...models })
    const adoption = { kept: 0, continued: 0, warmed: 0, warming: 0 }
    const strangers: number[] = []
    const slots = this.#slots()
    for (const slot of slots) {
      if (shadow !== null && shadow.last(slot) !== null) adoption.continued++
      else if (next.keepsState(slot, before)) {
        next.restore(slot, before.snapshot(slot))
        adoption.kept++
      } else strangers.push(slot)
    }
    warmUp(next, strangers, recent)
    for (const slot of strangers) adoption[next.sensorState(slot) === 'warmup' ? 'warming' : 'warmed']++
    for (const slot of slots) next.continueFrom(slot, before)
    this.#live = next
    this.#options = { ...this.#options, ...models }
    if (shadow !== null) this.#shadow = null
    return adoption
  }

  #isShadow({ model, own }: PipelineModels): boolean {
    return nameOf(model, own) === this.shadowModel
  }

  /** Slots of sensors. */
  #slots(): number[] {
    const slots: number[] = []
    for (let slot = this.#catalog.assets.length; slot < this.#catalog.slotCount; slot++)
      if (this.#catalog.has(slot)) slots.push(slot)
    return slots
  }
}

/** Sensors that are warmed up side by side, so that the kernel steps them as a batch. */
const warmedTogether = 64

/** Runs recent history through a pipeline; what it would have said goes nowhere. */
function warmUp(
  pipeline: CorePipeline,
  slots: readonly number[],
  recent: (slot: number) => RecentReadings | null,
): void {
  // Sensors and what explains them are warmed up together, in the order of time.
  const together = pipeline.isCoupled ? Math.max(1, slots.length) : warmedTogether
  for (let from = 0; from < slots.length; from += together) {
    const frame = frameOf(slots.slice(from, from + together), recent, pipeline.isCoupled)
    if (frame.count > 0) pipeline.step(frame, new OutcomeFrame(frame.count))
  }
}

function frameOf(slots: readonly number[], recent: (slot: number) => RecentReadings | null, inOrder: boolean): Frame {
  const readings: [slot: number, timeMs: number, value: number][] = []
  for (const slot of slots) {
    const history = recent(slot)
    if (history === null) continue
    for (let row = 0; row < history.timeMs.length; row++)
      readings.push([slot, history.timeMs[row]!, history.value[row]!])
  }
  if (inOrder) readings.sort(([, a], [, b]) => a - b)
  const frame = new Frame(readings.length)
  for (const [slot, timeMs, value] of readings) frame.push(slot, timeMs, value, Quality.good, timeMs)
  return frame
}

import { createPrng } from '../../../../src/base/prng.ts'
import { loadModelFiles } from '../../../../src/cli/model-files.ts'
import { createPipeline } from '../../../../src/core/live-pipeline.ts'
import type { PipelineOptions } from '../../../../src/core/pipeline.ts'
import type { AlarmTransition } from '../../../../src/domain/alarm.ts'
import { Frame } from '../../../../src/domain/frame.ts'
import { OutcomeFrame, type TopChannel } from '../../../../src/domain/outcome.ts'
import { type QualityName, qualityName } from '../../../../src/domain/quality.ts'
import { type AssetSpec, defaultAsset, defaultSpec, SensorCatalog } from '../../../../src/domain/sensor.ts'

const model = loadModelFiles('base')
/** Event time of the first tick, and between ticks. */
export const startMs = Date.UTC(2024, 0, 1)
export const stepMs = 10_000

/** One tick of the asset as tests read it. */
export interface Tick {
  readonly timeMs: number
  readonly ratio: number
  readonly score: number
  readonly alarm: number
  readonly quality: QualityName
  readonly top: readonly TopChannel[]
}

/** One reading of a plant: NaN has no value. */
export interface Reading {
  readonly sensor: string
  readonly timeMs: number
  readonly value: number
}

/** What a tick of the machine is: its channels' values, by name. */
export type Machine = (row: number) => Readonly<Record<string, number>>

/**
 * A machine of four channels that follow one slow state: flow and pressure with it, current against it, and a temperature that
 * lags. `change` alters the values of a row.
 */
export function machine(
  seed: number,
  change: (values: Record<string, number>, row: number) => void = () => {},
): Machine {
  const random = createPrng(seed)
  const rows: Record<string, number>[] = []
  let state = 0
  let heat = 0
  return (row) => {
    while (rows.length <= row) {
      state = 0.95 * state + 0.3 * random.normal()
      heat += 0.1 * (state - heat)
      const values = {
        flow: 50 + 5 * state + 0.5 * random.normal(),
        pressure: 3 + 0.4 * state + 0.05 * random.normal(),
        current: 12 - 0.8 * state + 0.1 * random.normal(),
        temperature: 60 + 3 * heat + 0.2 * random.normal(),
      }
      change(values, rows.length)
      rows.push(values)
    }
    return rows[row]!
  }
}

/** Readings of rows of a machine, all channels of a row at one time. */
export function readingsOf(machine: Machine, from: number, to: number): Reading[] {
  const readings: Reading[] = []
  for (let row = from; row < to; row++) {
    for (const [sensor, value] of Object.entries(machine(row))) {
      readings.push({ sensor, timeMs: startMs + row * stepMs, value })
    }
  }
  return readings
}

/** A pipeline with one asset, `pump`, whose channels are all sensors but `alone`. */
export class Plant {
  readonly catalog: SensorCatalog
  readonly pipeline: ReturnType<typeof createPipeline>
  readonly ticks: Tick[] = []
  readonly changes: Tick[] = []
  readonly transitions: AlarmTransition[] = []
  readonly #order: readonly string[]

  /** `order`: sensors that are known from the start, in the order of their slots. */
  constructor(
    asset: Partial<AssetSpec> = {},
    options: Partial<Pick<PipelineOptions, 'learn' | 'scoresChannels'>> = { learn: { rows: 400 } },
    order: readonly string[] = [],
  ) {
    const spec = (id: string) => ({ ...defaultSpec(id), channelOf: id === 'alone' ? null : 'pump' })
    this.catalog = new SensorCatalog(300, spec, [{ ...defaultAsset('pump'), ...asset }])
    this.#order = order
    for (const id of this.#order) this.catalog.intern(id)
    this.pipeline = createPipeline({ model, catalog: this.catalog, plant: 'north', quarantine: false, ...options })
  }

  /** Feeds readings in frames of `rows`; answers the outcome of the last frame. */
  read(readings: readonly Reading[], rows = 512): OutcomeFrame {
    let out = new OutcomeFrame(0)
    for (let from = 0; from < readings.length; from += rows) {
      const part = readings.slice(from, from + rows)
      const frame = new Frame(part.length)
      for (const { sensor, timeMs, value } of part) {
        frame.push(this.catalog.intern(sensor), timeMs, value, Number.isNaN(value) ? 2 : 0, timeMs)
      }
      out = new OutcomeFrame(frame.count)
      this.pipeline.step(frame, out)
      this.#note(out)
    }
    return out
  }

  finish(): void {
    const out = new OutcomeFrame(0)
    this.pipeline.finish(out)
    this.#note(out)
  }

  #note(out: OutcomeFrame): void {
    const { assets } = this.pipeline
    this.transitions.push(...out.transitions)
    for (let row = 0; row < assets!.outcome.count; row++) this.ticks.push(tickOf(assets!.outcome, row))
    for (let row = 0; row < assets!.changes.count; row++) this.changes.push(tickOf(assets!.changes, row))
  }

  /** Ticks that were scored, from a row of the machine on. */
  scored(from = 0): Tick[] {
    return this.ticks.filter(({ timeMs, quality }) => quality === 'good' && timeMs >= startMs + from * stepMs)
  }

  /** Raised alarms as `sensor state`. */
  get alarms(): string[] {
    return this.transitions.map(({ alarm }) => `${alarm.sensor} ${alarm.state}`)
  }
}

function tickOf(out: OutcomeFrame, row: number): Tick {
  return {
    timeMs: out.timeMs[row]!,
    ratio: out.value[row]!,
    score: out.score[row]!,
    alarm: out.alarm[row]!,
    quality: qualityName(out.quality[row]!),
    top: out.top(row) ?? [],
  }
}

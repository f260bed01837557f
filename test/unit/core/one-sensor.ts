import { createPrng, type Prng } from '../../../src/base/prng.ts'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { createPipeline } from '../../../src/core/live-pipeline.ts'
import type { Pipeline, PipelineOptions } from '../../../src/core/pipeline.ts'
import type { AlarmTransition } from '../../../src/domain/alarm.ts'
import { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { type QualityName, qualityName } from '../../../src/domain/quality.ts'
import { defaultSpec, SensorCatalog, type SensorSpec } from '../../../src/domain/sensor.ts'

const model = loadModelFiles('base')
/** Event time of the first reading. */
export const startMs = Date.UTC(2024, 0, 1)
/** Time between readings. */
export const stepMs = 10_000

/** One outcome row as tests read it. */
export interface Row {
  readonly timeMs: number
  readonly value: number
  readonly expected: number
  readonly lower: number
  readonly upper: number
  readonly residual: number
  readonly score: number
  readonly alarm: number
  readonly quality: QualityName
}

/** A pipeline with one sensor, fed a reading at a time every ten seconds; 500 rows are declared normal unless options say else. */
export class OneSensor {
  readonly pipeline: Pipeline
  readonly transitions: AlarmTransition[] = []
  readonly rows: Row[] = []
  readonly changes: Row[] = []
  readonly random: Prng
  timeMs = startMs - stepMs

  constructor(
    spec: Partial<SensorSpec> = {},
    options: Partial<Pick<PipelineOptions, 'learn' | 'quarantine' | 'explain'>> = { learn: { rows: 500 } },
  ) {
    const catalog = new SensorCatalog(1, (id, labels) => ({ ...defaultSpec(id, labels), ...spec }))
    catalog.intern('plant/pump/temperature', { measurement: 'temperature', asset: 'pump' })
    this.random = createPrng(11)
    this.pipeline = createPipeline({ model, catalog, plant: 'north', quarantine: false, ...options })
  }

  /** Feeds one reading; time goes on by one step unless given. */
  read(value: number, more: { timeMs?: number; quality?: number; arrivalMs?: number } = {}): Row {
    const timeMs = more.timeMs ?? this.timeMs + stepMs
    if (timeMs > this.timeMs && more.arrivalMs === undefined) this.timeMs = timeMs
    const frame = new Frame(1)
    frame.push(0, timeMs, value, more.quality ?? 0, more.arrivalMs ?? timeMs)
    const out = new OutcomeFrame(1)
    this.pipeline.step(frame, out)
    this.transitions.push(...out.transitions)
    const { changes } = this.pipeline
    for (let row = 0; row < changes.count; row++) this.changes.push(rowOf(changes, row))
    const row = rowOf(out, 0)
    this.rows.push(row)
    return row
  }

  /** The healthy sensor of these tests: a slow rhythm around 50 with noise. */
  healthy(): number {
    const phase = ((this.timeMs - startMs) / stepMs / 90) % 1
    return 50 + 8 * (Math.abs(phase - 0.5) - 0.25) + 0.4 * this.random.normal()
  }

  /** Feeds healthy readings; answers the last row. */
  run(count: number, change: (value: number) => number = (value) => value): Row {
    let row: Row | undefined
    for (let i = 0; i < count; i++) row = this.read(change(this.healthy()))
    return row!
  }

  tick(nowMs: number, listeningSinceMs?: number): AlarmTransition[] {
    const out = new OutcomeFrame(0)
    this.pipeline.tick(nowMs, out, listeningSinceMs)
    this.transitions.push(...out.transitions)
    return out.transitions
  }

  /** The transitions of a class as `from>state`. */
  steps(alarmClass: 'process' | 'instrument'): string[] {
    return this.transitions
      .filter(({ alarm }) => alarm.class === alarmClass)
      .map(({ from, alarm }) => `${from}>${alarm.state}`)
  }
}

function rowOf(out: OutcomeFrame, row: number): Row {
  return {
    timeMs: out.timeMs[row]!,
    value: out.value[row]!,
    expected: out.expected[row]!,
    lower: out.lower[row]!,
    upper: out.upper[row]!,
    residual: out.residual[row]!,
    score: out.score[row]!,
    alarm: out.alarm[row]!,
    quality: qualityName(out.quality[row]!),
  }
}

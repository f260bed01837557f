import { OperatingError } from '../../../src/base/errors.ts'
import type { Pipeline } from '../../../src/core/pipeline.ts'
import { type Alarm, type AlarmTransition, alarmId } from '../../../src/domain/alarm.ts'
import type { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { Quality } from '../../../src/domain/quality.ts'
import type { Decoder } from '../../../src/domain/record.ts'
import type { SensorCatalog } from '../../../src/domain/sensor.ts'
import { type Metrics, silentMetrics } from '../../../src/ports/metrics.ts'
import type { Sink, SinkContext, SinkSettings } from '../../../src/ports/sink.ts'
import type { Delivery, Source, SourceContext } from '../../../src/ports/source.ts'

export const settings: SinkSettings = {
  scores: 'all',
  alarms: true,
  policy: 'block',
  batchReadings: 100,
  batchMs: 1,
  retryInitialMs: 1,
  retryMaxMs: 5,
  spillBytes: 1_000_000,
}

/** Polls a condition instead of sleeping. */
export async function until(condition: () => boolean, what: string, timeoutMs = 5_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`timed out waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Metrics that remember what a test asks for. */
export function fakeMetrics() {
  const rejections: string[] = []
  const sinkErrors: string[] = []
  const told = { rejections, sinkErrors, dropped: 0 }
  const metrics: Metrics = {
    ...silentMetrics,
    rejected: (_source, reason) => void rejections.push(reason),
    sinkError: (_sink, code) => void sinkErrors.push(code),
    sinkDropped: (_sink, readings) => {
      told.dropped += readings
    },
  }
  return Object.assign(told, metrics)
}

/** A sink that keeps what it gets and fails as told. */
export class FakeSink implements Sink {
  readonly name: string
  readonly settings: SinkSettings
  readonly rows: { sensor: string; timeMs: number; value: number; score: number }[] = []
  readonly transitions: AlarmTransition[] = []
  failure: OperatingError | undefined
  hang: Promise<void> | undefined
  attempts = 0
  context: SinkContext | undefined

  constructor(name: string, changes: Partial<SinkSettings> = {}) {
    this.name = name
    this.settings = { ...settings, ...changes }
  }

  async open(context: SinkContext) {
    this.context = context
  }

  async writeScores(scores: OutcomeFrame) {
    this.attempts += 1
    await this.hang
    if (this.failure !== undefined) throw this.failure
    for (let row = 0; row < scores.count; row++) {
      this.rows.push({
        sensor: this.context?.catalog.spec(scores.slot[row]!).id ?? String(scores.slot[row]),
        timeMs: scores.timeMs[row]!,
        value: scores.value[row]!,
        score: scores.score[row]!,
      })
    }
  }

  async writeAlarms(transitions: readonly AlarmTransition[]) {
    this.attempts += 1
    await this.hang
    if (this.failure !== undefined) throw this.failure
    this.transitions.push(...transitions)
  }

  async close() {}
}

/** Lines `sensor,time,value`; anything else is malformed. */
export const lineDecoder: Decoder = {
  decode(record, out) {
    for (const line of new TextDecoder().decode(record.bytes).split('\n')) {
      const [sensor, time, value] = line.split(',')
      if (value === undefined) out.reject('malformed', line)
      else out.reading(sensor!, Number(time), Number(value), Quality.good)
    }
  },
}

/** A source that a test feeds by hand; positions are a running count. */
export class FakeSource implements Source {
  readonly name: string
  readonly decoder = lineDecoder
  readonly finished?: Promise<void>
  context: SourceContext | undefined
  acknowledged = 0
  abandoned = 0
  /** What the next acknowledgements throw, as a client library may. */
  refusal: Error | undefined
  #position = 0
  #finish: () => void = () => undefined

  constructor(name: string, finite = false) {
    this.name = name
    if (finite) {
      this.finished = new Promise((resolve) => {
        this.#finish = resolve
      })
    }
  }

  async start(context: SourceContext) {
    this.context = context
    this.#position = Number(context.positions['at'] ?? 0)
    context.connected(true)
  }

  get position() {
    return this.#position
  }

  send(text: string, arrivalMs = 0): Promise<void> {
    this.#position += 1
    const delivery: Delivery = {
      records: [{ bytes: new TextEncoder().encode(text), topic: 't', key: null, arrivalMs }],
      positions: { at: String(this.#position) },
      acknowledge: () => {
        if (this.refusal !== undefined) throw this.refusal
        this.acknowledged += 1
      },
      abandon: () => {
        this.abandoned += 1
      },
    }
    return this.context!.deliver(delivery)
  }

  end() {
    this.#finish()
  }

  async stop() {}
  async close() {}
}

/**
 * A core small enough to check by hand: the score is value / 100; above 0.5 an alarm is raised, below it returns.
 * Its state is the running sum of each sensor, so that a lost or doubled reading shows.
 */
export class FakePipeline implements Pipeline {
  explain() {
    return null
  }

  readonly meta = { format: 1, kernel: 'fake', model: 'fake-1', calendar: 'UTC' }
  readonly changes: OutcomeFrame
  readonly bytesPerSensor = 17
  readonly allocatedBytes = 0
  readonly assets = null
  readonly sums: Float64Array
  readonly #raised: Float64Array
  readonly #dirty = new Set<number>()
  readonly #catalog: SensorCatalog

  constructor(catalog: SensorCatalog) {
    this.#catalog = catalog
    this.sums = new Float64Array(catalog.capacity)
    this.#raised = new Float64Array(catalog.capacity)
    this.changes = new OutcomeFrame(8_192)
  }

  step(frame: Frame, out: OutcomeFrame) {
    this.changes.clear()
    for (let row = 0; row < frame.count; row++) {
      const slot = frame.slot[row]!
      const score = frame.value[row]! / 100
      this.sums[slot]! += frame.value[row]!
      this.#dirty.add(slot)
      out.slot[row] = slot
      out.timeMs[row] = frame.timeMs[row]!
      out.arrivalMs[row] = frame.arrivalMs[row]!
      out.value[row] = frame.value[row]!
      out.score[row] = score
      out.count = row + 1
      if (score >= 0.3) this.changes.append(out, row)
      this.#alarm(slot, frame.timeMs[row]!, score, out)
    }
  }

  #alarm(slot: number, timeMs: number, score: number, out: OutcomeFrame) {
    const raised = this.#raised[slot]!
    if (score > 0.5 === raised > 0) return
    const sensor = this.#catalog.spec(slot).id
    const raisedTime = raised > 0 ? raised : timeMs
    const id = alarmId(sensor, 'process', raisedTime)
    const state = raised > 0 ? 'rtn_unack' : 'unack'
    this.#raised[slot] = raised > 0 ? 0 : timeMs
    const alarm: Alarm = { ...blank, id, sensor, state, eventTime: timeMs, score }
    out.transitions.push({ transitionId: `${id}-${state}`, from: 'normal', raisedTime, alarm })
  }

  tick() {}

  finish() {}

  dirtySlots() {
    return [...this.#dirty]
  }

  clearDirty() {
    this.#dirty.clear()
  }

  snapshot(slot: number) {
    return new Uint8Array(new Float64Array([this.sums[slot]!, this.#raised[slot]!]).buffer)
  }

  restore(slot: number, bytes: Uint8Array) {
    const [sum, raised] = new Float64Array(bytes.slice().buffer)
    this.sums[slot] = sum!
    this.#raised[slot] = raised!
  }

  misfit(writtenBy: string) {
    return writtenBy === 'other fake' ? null : `rows of ${writtenBy} are longer`
  }

  accept(slot: number, id: string, by: string, nowMs: number, out: OutcomeFrame) {
    const raisedTime = this.#raised[slot]!
    const sensor = this.#catalog.spec(slot).id
    if (raisedTime === 0 || alarmId(sensor, 'process', raisedTime) !== id) return false
    this.#raised[slot] = 0
    this.#dirty.add(slot)
    const alarm: Alarm = { ...blank, id, sensor, state: 'rtn_unack', detectedTime: nowMs, message: by }
    out.transitions.push({ transitionId: `${id}-accepted`, from: 'unack', raisedTime, alarm })
    return true
  }

  twin() {
    return new FakePipeline(this.#catalog)
  }

  settle(slot: number) {
    this.#raised[slot] = 0
    this.#dirty.add(slot)
  }

  clear(slot: number) {
    this.sums[slot] = 0
    this.#raised[slot] = 0
  }

  last(slot: number) {
    const value = this.sums[slot]!
    return value === 0 ? null : { timeMs: 1, value, score: 0, alarm: 0 as const }
  }

  sensorState() {
    return 'normal' as const
  }

  maskedContext(): number {
    return 0
  }

  progress() {
    return null
  }
}

const blank: Alarm = {
  id: '',
  fingerprint: '',
  plant: '',
  sensor: '',
  asset: null,
  class: 'process',
  state: 'normal',
  priority: 'medium',
  eventTime: 0,
  detectedTime: 0,
  value: null,
  expected: null,
  lower: null,
  upper: null,
  score: 0,
  message: '',
}

/** A transition with the given id. */
export function transition(id: string, sensor = 's'): AlarmTransition {
  return { transitionId: id, from: 'normal', raisedTime: 1, alarm: { ...blank, id, sensor, state: 'unack' } }
}

/** Scores of slot 0 with these values, one a millisecond from `startMs`. */
export function scores(values: readonly number[], startMs = 0): OutcomeFrame {
  const frame = new OutcomeFrame(Math.max(1, values.length))
  for (const [row, value] of values.entries()) {
    frame.timeMs[row] = startMs + row
    frame.value[row] = value
    frame.score[row] = value / 100
    frame.count = row + 1
  }
  return frame
}

/** What a receiver that is down answers. */
export function down(): OperatingError {
  return new OperatingError('unreachable', 'connection refused')
}

import type { AlarmState, AlarmTransition, Priority } from '../../src/domain/alarm.ts'
import { alarmId } from '../../src/domain/alarm.ts'
import type { QualityName } from '../../src/domain/quality.ts'
import type {
  Acceptance,
  AcceptedBy,
  Explanation,
  History,
  LiveEvent,
  PipelineApi,
  PipelineStatus,
  SensorState,
  SensorSummary,
} from '../../src/runtime/api.ts'

/** A signal of one machine: measurement, unit, level, daily swing and noise. */
type Signal = readonly [measurement: string, unit: string, level: number, swing: number, noise: number]

const machines: Readonly<Record<string, readonly Signal[]>> = {
  pump: [
    ['inlet-pressure', 'bar', 1.8, 0.1, 0.02],
    ['outlet-pressure', 'bar', 6.4, 0.3, 0.04],
    ['flow', 'm³/h', 42, 3, 0.4],
    ['bearing-temperature', 'celsius', 58, 4, 0.3],
    ['vibration', 'mm/s', 2.1, 0.2, 0.12],
    ['motor-current', 'A', 31, 2, 0.3],
  ],
  compressor: [
    ['suction-pressure', 'bar', 1.01, 0.01, 0.004],
    ['discharge-pressure', 'bar', 8.2, 0.2, 0.05],
    ['oil-temperature', 'celsius', 71, 3, 0.4],
    ['oil-level', 'percent', 82, 1, 0.2],
    ['speed', 'rpm', 2_970, 12, 3],
    ['vibration', 'mm/s', 3.4, 0.2, 0.2],
    ['power', 'kW', 132, 9, 1.5],
  ],
  furnace: [
    ['zone-1-temperature', 'celsius', 842, 6, 1.2],
    ['zone-2-temperature', 'celsius', 871, 6, 1.2],
    ['zone-3-temperature', 'celsius', 866, 6, 1.2],
    ['gas-flow', 'm³/h', 118, 8, 1.4],
    ['oxygen', 'percent', 3.1, 0.2, 0.08],
    ['draught', 'Pa', -24, 2, 0.8],
    ['shell-temperature', 'celsius', 64, 3, 0.3],
  ],
  tank: [
    ['level', 'percent', 63, 12, 0.2],
    ['temperature', 'celsius', 22.4, 1.5, 0.1],
    ['inflow', 'l/min', 310, 40, 5],
    ['outflow', 'l/min', 305, 40, 5],
    ['conductivity', 'µS/cm', 412, 10, 2],
    ['ph', '', 7.21, 0.06, 0.02],
  ],
  conveyor: [
    ['belt-speed', 'm/s', 1.6, 0.02, 0.01],
    ['load', 't/h', 240, 60, 8],
    ['drive-torque', 'Nm', 812, 80, 12],
    ['gearbox-temperature', 'celsius', 54, 5, 0.4],
    ['vibration', 'mm/s', 1.7, 0.1, 0.1],
    ['belt-drift', 'mm', 2, 1, 0.6],
  ],
  cooling: [
    ['supply-temperature', 'celsius', 12.1, 0.6, 0.08],
    ['return-temperature', 'celsius', 18.3, 1, 0.1],
    ['flow', 'm³/h', 88, 4, 0.7],
    ['pump-power', 'kW', 11.2, 0.6, 0.15],
    ['fan-speed', 'percent', 54, 14, 1],
    ['basin-level', 'percent', 77, 2, 0.3],
  ],
}

interface FakeSensor {
  summary: SensorSummary
  readonly signal: Signal
  readonly stepMs: number
  readonly index: number
  readonly rows: { time: number; value: number; expected: number; half: number; score: number; alarm: 0 | 1 }[]
}

const points = 600

function noiseFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1
  }
}

/** What goes wrong at a few places of the small plant, by id. */
const troubles: Readonly<Record<string, { state: SensorState; quality?: QualityName }>> = {
  'plant/hall-a/pump-7/bearing-temperature': { state: 'anomaly' },
  'plant/hall-a/pump-7/vibration': { state: 'anomaly' },
  'plant/hall-b/furnace-2/oxygen': { state: 'fault', quality: 'stuck' },
  'plant/yard/cooling-1/basin-level': { state: 'silent', quality: 'silent' },
  'plant/yard/tank-3/ph': { state: 'warmup', quality: 'warmup' },
}

/**
 * A seeded plant behind the pipeline's query interface, for the browser tests: the page cannot tell it from a running
 * one. Times are event times around a fixed instant, so that two runs show the same picture.
 */
export class FakePlant implements PipelineApi {
  readonly #sensors = new Map<string, FakeSensor>()
  readonly #transitions = new Map<string, AlarmTransition>()
  readonly #listeners = new Set<(event: LiveEvent) => void>()
  readonly #noise = noiseFrom(7)
  readonly #startMs: number
  #timer: NodeJS.Timeout | undefined
  #readings = 0
  readonly up = { mqtt: true }

  constructor(options: { readonly sensors: number; readonly startMs: number }) {
    this.#startMs = options.startMs
    const sites = [
      ['hall-a', 'pump-7', 'pump'],
      ['hall-a', 'compressor-1', 'compressor'],
      ['hall-b', 'furnace-2', 'furnace'],
      ['hall-b', 'conveyor-4', 'conveyor'],
      ['yard', 'tank-3', 'tank'],
      ['yard', 'cooling-1', 'cooling'],
    ] as const
    this.#add('machine_temperature_system_failure', null, ['temperature', 'fahrenheit', 88, 4, 1], {}, 300_000)
    this.#add('lab/ambient', null, ['ambient', 'celsius', 21, 1, 0.1], {}, 1_000)
    for (let round = 0; this.#sensors.size < options.sensors; round++) {
      for (const [area, name, kind] of sites) {
        const asset = round === 0 ? name : `${kind}-${10 + round}`
        for (const signal of machines[kind]!) {
          if (this.#sensors.size >= options.sensors) break
          const labels = { site: 'north', area, asset, measurement: signal[0] }
          this.#add(`plant/${area}/${asset}/${signal[0]}`, asset, signal, labels, 1_000)
        }
      }
    }
    this.#raise()
  }

  /** Advances every sensor by one reading and tells the listeners, `hz` times a second. */
  start(hz: number): void {
    this.#timer = setInterval(() => this.tick(), 1_000 / hz)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  tick(): void {
    const changed: SensorSummary[] = []
    for (const sensor of this.#sensors.values()) {
      if (sensor.summary.state === 'silent') continue
      this.#step(sensor, sensor.rows.at(-1)!.time + sensor.stepMs)
      if (sensor.rows.length > points) sensor.rows.shift()
      this.#summarise(sensor)
      changed.push(sensor.summary)
    }
    this.#readings += changed.length
    this.say({ type: 'scores', sensors: changed })
  }

  say(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** Sets what a sensor shows and tells the listeners. */
  set(id: string, different: Partial<SensorSummary>): void {
    const sensor = this.#sensors.get(id)!
    sensor.summary = { ...sensor.summary, ...different }
    this.say({ type: 'scores', sensors: [sensor.summary] })
  }

  /** Raises an alarm of a sensor, or moves one on, and tells the listeners. */
  alarm(sensor: string, state: AlarmState, raisedTime: number, priority: Priority, message: string): AlarmTransition {
    const { summary } = this.#sensors.get(sensor)!
    const alarmClass = summary.state === 'fault' || summary.state === 'silent' ? 'instrument' : 'process'
    const id = alarmId(sensor, alarmClass, raisedTime)
    const returned = state === 'normal' || state === 'rtn_unack'
    const transition: AlarmTransition = {
      transitionId: `${id}-${state}`,
      from: returned ? 'unack' : 'normal',
      raisedTime,
      alarm: {
        id,
        fingerprint: id,
        plant: 'north',
        sensor,
        asset: summary.asset,
        class: alarmClass,
        state,
        priority,
        eventTime: returned ? raisedTime + 95_000 : raisedTime,
        detectedTime: raisedTime + 120,
        value: summary.value,
        expected: summary.expected,
        lower: summary.lower,
        upper: summary.upper,
        score: Math.max(summary.score, 0.5),
        message,
      },
    }
    this.#transitions.delete(id)
    this.#transitions.set(id, transition)
    this.say({ type: 'alarm', transition })
    return transition
  }

  get listeners(): number {
    return this.#listeners.size
  }

  sensors(query: Parameters<PipelineApi['sensors']>[0]) {
    const search = query.search?.toLowerCase()
    const found = [...this.#sensors.values()]
      .map((sensor) => sensor.summary)
      .filter((one) => search === undefined || one.id.toLowerCase().includes(search))
      .filter((one) => query.state === undefined || one.state === query.state)
      .filter((one) => query.asset === undefined || one.asset === query.asset)
    return { items: found.slice(query.offset, query.offset + query.limit), total: found.length }
  }

  sensor(id: string): SensorSummary | undefined {
    return this.#sensors.get(id)?.summary
  }

  history(id: string, query: Parameters<PipelineApi['history']>[1]): History | undefined {
    const sensor = this.#sensors.get(id)
    if (sensor === undefined) return undefined
    const rows = sensor.rows
      .filter(({ time }) => time >= (query.from ?? -Infinity) && time <= (query.to ?? Infinity))
      .slice(-query.points)
    const scored = sensor.summary.state !== 'warmup'
    return {
      sensor: id,
      time: rows.map((row) => row.time),
      value: rows.map((row) => row.value),
      expected: rows.map((row) => (scored ? row.expected : null)),
      lower: rows.map((row) => (scored ? row.expected - row.half : null)),
      upper: rows.map((row) => (scored ? row.expected + row.half : null)),
      score: rows.map((row) => row.score),
      alarm: rows.map((row) => row.alarm),
      quality: rows.map((_, index) => (index > rows.length - 80 ? sensor.summary.quality : 'good')),
    }
  }

  explanation(id: string, time: number): Explanation | null | undefined {
    const sensor = this.#sensors.get(id)
    if (sensor === undefined) return undefined
    const rows = sensor.rows.filter((row) => row.time <= time).slice(-33)
    const row = rows.at(-1)
    if (row === undefined || sensor.summary.state === 'warmup') return null
    const ticks = rows.slice(0, -1).map(({ time: at, value }, index) => {
      return { time: at, value, contribution: (value - sensor.signal[2]) / (40 - index) }
    })
    const sum = ticks.reduce((total, { contribution }) => total + contribution, 0)
    const residual = row.value - row.expected
    const name = sensor.signal[0]
    const side = residual > 0 ? 'above' : 'below'
    const sentence = `${name} ${Math.abs(residual).toFixed(2)} ${side} the expected ${row.expected.toFixed(1)} although it had fallen`
    return {
      ...{
        sensor: id,
        time: row.time,
        value: row.value,
        expected: row.expected,
        residual,
        rest: residual - sum,
        against: 'last',
      },
      ...{ sentence, channels: [{ channel: name, contribution: sum }], ticks },
    }
  }

  sparklines(ids: readonly string[], count: number) {
    return Object.fromEntries(
      ids.flatMap((id) => {
        const rows = this.#sensors.get(id)?.rows
        return rows === undefined ? [] : [[id, rows.slice(-count).map((row) => row.value)]]
      }),
    )
  }

  alarms(query: Parameters<PipelineApi['alarms']>[0]) {
    const found = [...this.#transitions.values()]
      .filter(({ alarm }) => !query.active || alarm.state !== 'normal')
      .filter(({ alarm }) => query.sensor === undefined || alarm.sensor === query.sensor)
      .reverse()
    return { items: found.slice(query.offset, query.offset + query.limit), total: found.length }
  }

  /** Ends the alarm, as an operator's word does. */
  async acceptAlarm(id: string, { by, reason }: AcceptedBy): Promise<Acceptance> {
    const found = this.alarms({ offset: 0, limit: 1_000 }).items.find(({ alarm }) => alarm.id === id)
    if (found === undefined) return 'unknown'
    const message = `taken as normal from now on (accepted by ${by}: ${reason})`
    const alarm = { ...found.alarm, state: 'rtn_unack' as const, message }
    const transition = { ...found, transitionId: `${id}-accepted`, from: found.alarm.state, alarm }
    this.#transitions.set(id, transition)
    this.say({ type: 'alarm', transition })
    return transition
  }

  async removeSensor(id: string) {
    return this.#sensors.delete(id)
  }

  status(): PipelineStatus {
    const sensorStates: Record<SensorState, number> = { warmup: 0, normal: 0, anomaly: 0, fault: 0, silent: 0 }
    for (const { summary } of this.#sensors.values()) sensorStates[summary.state]++
    return {
      plant: 'north',
      model: 'base',
      startedAt: this.#startMs,
      readings: this.#readings,
      rejected: {},
      scores: this.#readings,
      readingsPerSecond: this.#sensors.size,
      sensors: this.#sensors.size,
      sensorLimit: 50_000,
      sensorStates,
      alarmsActive: [...this.#transitions.values()].filter(({ alarm }) => alarm.state === 'unack').length,
      checkpointAgeMs: 640,
      parts: [
        { name: 'mqtt', kind: 'source', up: this.up.mqtt, detail: this.up.mqtt ? 'connected' : 'connection refused' },
        { name: 'kafka', kind: 'source', up: true, detail: 'connected' },
        { name: 'influxdb', kind: 'sink', up: true, detail: 'in step' },
        { name: 'alertmanager', kind: 'sink', up: true, detail: 'in step' },
        { name: 'lmdb', kind: 'state', up: true, detail: 'committed 0.6 s ago' },
      ],
    }
  }

  ready() {
    return { ready: true, reasons: [] }
  }

  subscribe(listener: (event: LiveEvent) => void) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #add(id: string, asset: string | null, signal: Signal, labels: Record<string, string>, stepMs: number): void {
    const trouble = troubles[id]
    const state = trouble?.state ?? 'normal'
    const base = { value: null, expected: null, lower: null, upper: null, score: 0, alarm: 0, time: null } as const
    const progress = state === 'warmup' ? { seen: 312, needed: 500 } : null
    const quality = trouble?.quality ?? 'good'
    const summary: SensorSummary = { id, asset, unit: signal[1], labels, state, quality, ...base, progress }
    const sensor: FakeSensor = { summary, signal, stepMs, index: this.#sensors.size, rows: [] }
    this.#sensors.set(id, sensor)
    // The machine's series ends in February 2014, as the real one does.
    const endMs = stepMs === 300_000 ? Date.UTC(2014, 1, 19, 15, 25) : this.#startMs
    for (let back = points; back >= 0; back--) this.#step(sensor, endMs - back * stepMs, back)
    this.#summarise(sensor)
  }

  #step(sensor: FakeSensor, time: number, back = 0): void {
    const [, , level, swing, noise] = sensor.signal
    const phase = time / (sensor.stepMs * 240) + sensor.index
    const expected = level + swing * Math.sin(phase)
    const half = noise * 3.2
    const drift = sensor.summary.state === 'anomaly' ? Math.max(0, 140 - back) / 140 : 0
    const stuck = sensor.summary.state === 'fault' && back < 80
    const last = sensor.rows.at(-1)
    const value = stuck && last ? last.value : expected + noise * (this.#noise() + this.#noise()) + drift * noise * 9
    const excess = Math.abs(value - expected) / half
    const score = Math.min(0.98, excess < 1 ? 0.08 + excess * 0.2 : 0.3 + excess * 0.2)
    sensor.rows.push({ time, value, expected, half, score, alarm: score >= 0.5 ? 1 : 0 })
  }

  #summarise(sensor: FakeSensor): void {
    const { time, value, expected, half, score, alarm } = sensor.rows.at(-1)!
    const judged = { expected, lower: expected - half, upper: expected + half, score, alarm }
    sensor.summary = { ...sensor.summary, time, value, ...(sensor.summary.state === 'warmup' ? {} : judged) }
  }

  #raise(): void {
    const at = (minutes: number) => this.#startMs - minutes * 60_000
    const bearing = 'plant/hall-a/pump-7/bearing-temperature'
    const temperature = 'machine_temperature_system_failure'
    this.alarm(temperature, 'normal', Date.UTC(2014, 1, 7, 11, 30), 'critical', 'value below the expected band')
    this.alarm('lab/ambient', 'normal', at(60 * 26), 'low', 'value 2.1 °C above the expected band for 4 min')
    this.alarm(
      'plant/hall-a/compressor-1/oil-temperature',
      'normal',
      at(180),
      'medium',
      'value above the expected band',
    )
    this.alarm('plant/hall-a/pump-7/flow', 'rtn_unack', at(42), 'medium', 'value 3.1 m³/h below the expected band')
    if (!this.#sensors.has('plant/yard/cooling-1/basin-level')) return
    this.alarm('plant/yard/cooling-1/basin-level', 'unack', at(12), 'low', 'no data for 12 min, usually every 1 s')
    this.alarm('plant/hall-b/furnace-2/oxygen', 'unack', at(5), 'medium', 'stuck: 80 equal readings in a row')
    this.alarm(
      bearing,
      'unack',
      at(2),
      'high',
      'bearing-temperature 61.2 °C, expected 58.1 (57.1 … 59.1): above the expected band, and rising',
    )
    this.alarm('plant/hall-a/pump-7/vibration', 'unack', at(1), 'critical', 'value 0.9 mm/s above the expected band')
  }
}

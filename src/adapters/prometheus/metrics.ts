import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { limits } from '../../base/limits.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { ScoreSeries } from './series.ts'

/** Who exposes the metrics, and how much. */
export interface MetricsOptions {
  readonly version: string
  readonly seriesMax?: number
  /** Also the process' own figures (CPU, memory, event loop, garbage collection). */
  readonly process?: boolean
}

/** Seconds of one step over a frame: from a few readings (20 µs) to a full frame of a cold process. */
const stepBuckets = [0.00002, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
/** Seconds from a reading's arrival to its confirmed score: batches take 0.2 s, a dead sink takes minutes. */
const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Names of prom-client's process metrics that Prometheus' own lint refuses (a gauge called `_total`). */
const unfitNames = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total']

/**
 * The process' metrics under the names of the reference, on a registry of their own.
 *
 * Allocates: one series a label set; `residua_anomaly_score` is capped, `residua_series_dropped_total` counts the rest.
 * Cost: counters are one map look-up; scores are only turned into series when a scrape asks.
 */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry()
  readonly #series: ScoreSeries
  readonly #readings: Counter<'source'>
  readonly #rejected: Counter<'source' | 'reason'>
  readonly #scores: Counter
  readonly #alarmsActive: Gauge<'priority'>
  readonly #alarmTransitions: Counter<'state'>
  readonly #sensors: Gauge<'state'>
  readonly #step: Histogram
  readonly #latency: Histogram
  readonly #sinkQueue: Gauge<'sink'>
  readonly #sinkErrors: Counter<'sink' | 'code'>
  readonly #sinkDropped: Counter<'sink'>
  readonly #sinkSpilled: Gauge<'sink'>
  readonly #sourceLag: Gauge<'source'>
  #checkpointMs: number | undefined

  constructor(options: MetricsOptions) {
    const registers = [this.#registry]
    const seriesDropped = this.#counter(
      'residua_series_dropped_total',
      'Sensors without a score series: beyond the cap',
    )
    this.#series = new ScoreSeries(options.seriesMax ?? limits.metricSeriesMax, () => seriesDropped.inc())
    this.#readings = this.#counter('residua_readings_total', 'Readings taken in', ['source'])
    this.#rejected = this.#counter('residua_readings_rejected_total', 'Records that became no reading', [
      'source',
      'reason',
    ])
    this.#scores = this.#counter('residua_scores_total', 'Readings scored')
    this.#alarmsActive = this.#gauge('residua_alarms_active', 'Alarms that are not normal', ['priority'])
    this.#alarmTransitions = this.#counter('residua_alarm_transitions_total', 'Changes of an alarm, by new state', [
      'state',
    ])
    this.#sensors = this.#gauge('residua_sensors', 'Sensors by state', ['state'])
    this.#step = new Histogram({
      name: 'residua_step_duration_seconds',
      help: 'Duration of one step of the pipeline over a frame',
      buckets: stepBuckets,
      registers,
    })
    this.#latency = new Histogram({
      name: 'residua_end_to_end_latency_seconds',
      help: 'Time from the arrival of a reading until sinks and state have its outcome',
      buckets: latencyBuckets,
      registers,
    })
    this.#sinkQueue = this.#gauge('residua_sink_queue_readings', 'Readings waiting for a sink', ['sink'])
    this.#sinkErrors = this.#counter('residua_sink_errors_total', 'Failed writes of a sink', ['sink', 'code'])
    this.#sinkDropped = this.#counter('residua_sink_dropped_total', 'Readings a sink never got', ['sink'])
    this.#sinkSpilled = this.#gauge('residua_sink_spilled_bytes', 'Bytes on disk waiting for a sink', ['sink'])
    this.#sourceLag = this.#gauge('residua_source_lag_readings', 'Readings waiting in the outside system', ['source'])
    this.#checkpointAge(registers)
    this.#publish(options)
  }

  readings(source: string, count: number): void {
    this.#readings.inc({ source }, count)
  }

  rejected(source: string, reason: string, count: number): void {
    this.#rejected.inc({ source, reason }, count)
  }

  scores(count: number): void {
    this.#scores.inc(count)
  }

  anomalyScore(sensor: string, score: number): void {
    this.#series.set(sensor, score)
  }

  removeSensor(sensor: string): void {
    this.#series.remove(sensor)
  }

  alarmsActive(priority: string, count: number): void {
    this.#alarmsActive.set({ priority }, count)
  }

  alarmTransition(state: string): void {
    this.#alarmTransitions.inc({ state })
  }

  sensors(state: string, count: number): void {
    this.#sensors.set({ state }, count)
  }

  stepDuration(seconds: number): void {
    this.#step.observe(seconds)
  }

  endToEndLatency(seconds: number): void {
    this.#latency.observe(seconds)
  }

  sinkQueue(sink: string, readings: number): void {
    this.#sinkQueue.set({ sink }, readings)
  }

  sinkError(sink: string, code: string): void {
    this.#sinkErrors.inc({ sink, code })
  }

  sinkDropped(sink: string, readings: number): void {
    this.#sinkDropped.inc({ sink }, readings)
  }

  sinkSpilled(sink: string, bytes: number): void {
    this.#sinkSpilled.set({ sink }, bytes)
  }

  sourceLag(source: string, readings: number): void {
    this.#sourceLag.set({ source }, readings)
  }

  checkpoint(atMs: number): void {
    this.#checkpointMs = atMs
  }

  #checkpointAge(registers: Registry[]): void {
    const atMs = () => this.#checkpointMs
    new Gauge({
      name: 'residua_checkpoint_age_seconds',
      help: 'How long ago the state on disk was all there is',
      registers,
      collect() {
        const at = atMs()
        this.set(at === undefined ? 0 : Math.max(0, Date.now() - at) / 1_000)
      },
    })
  }

  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() }
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] })
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] })
  }

  #publish(options: MetricsOptions): void {
    const registers = [this.#registry]
    const series = this.#series
    new Gauge({
      name: 'residua_anomaly_score',
      help: 'Newest score of a sensor, 0 to 1; 0.5 is the alarm boundary',
      labelNames: ['sensor'],
      registers,
      collect() {
        this.reset()
        for (const [sensor, score] of series.entries()) this.set({ sensor }, score)
      },
    })
    const { version } = options
    this.#gauge('residua_build_info', 'Version of Residua and of Node; always 1', ['version', 'node']).set(
      { version, node: process.versions.node },
      1,
    )
    if (options.process === true) {
      collectDefaultMetrics({ register: this.#registry })
      for (const name of unfitNames) this.#registry.removeSingleMetric(name)
    }
  }
}

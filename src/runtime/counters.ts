import type { Pipeline } from '../core/pipeline.ts'
import type { Frame } from '../domain/frame.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import { isRefused, qualityName } from '../domain/quality.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { RejectedRecord, Source } from '../ports/source.ts'
import type { AlarmBoard } from './alarm-board.ts'
import { type SensorState, sensorStates } from './api.ts'

const rateSeconds = 10

/** Counts what flows, for metrics and the status page. */
export class Counters {
  readonly startedAtMs: number
  readonly rejected: Record<string, number> = {}
  readonly #clock: Clock
  readonly #metrics: Metrics
  /** Total readings at each of the last seconds, newest last. */
  readonly #totals: { readonly atMs: number; readonly readings: number }[] = []
  readings = 0
  scores = 0

  constructor(clock: Clock, metrics: Metrics) {
    this.#clock = clock
    this.#metrics = metrics
    this.startedAtMs = clock.now()
  }

  decoded(source: string, accepted: number, rejected: readonly RejectedRecord[]): void {
    this.readings += accepted
    if (accepted > 0) this.#metrics.readings(source, accepted)
    for (const { reason } of rejected) this.#reject(source, reason)
  }

  /** Counts scored rows, and refuses by reason those that were duplicates, late or of an impossible time. */
  stepped(
    frame: Frame,
    outcome: OutcomeFrame,
    seconds: number,
    sourceIndex: Uint16Array,
    sources: readonly Source[],
  ): void {
    this.#metrics.stepDuration(seconds)
    let scored = 0
    for (let row = 0; row < frame.count; row++) {
      const quality = outcome.quality[row]!
      if (isRefused(quality)) {
        this.#reject(sources[sourceIndex[row]!]?.name ?? '', qualityName(quality))
      } else if (!Number.isNaN(outcome.expected[row]!)) scored += 1
    }
    this.scores += scored
    this.#metrics.scores(scored)
  }

  /** Once a second: gauges, and the rate of the last ten seconds. */
  second(pipeline: Pipeline, catalog: SensorCatalog, board: AlarmBoard): void {
    this.#totals.push({ atMs: this.#clock.now(), readings: this.readings })
    if (this.#totals.length > rateSeconds) this.#totals.shift()
    const states = countStates(pipeline, catalog)
    for (const state of sensorStates) this.#metrics.sensors(state, states[state])
    for (const [priority, count] of Object.entries(board.activeByPriority()))
      this.#metrics.alarmsActive(priority, count)
  }

  readingsPerSecond(): number {
    const first = this.#totals[0]
    if (first === undefined) return 0
    const seconds = (this.#clock.now() - first.atMs) / 1_000
    return seconds <= 0 ? 0 : (this.readings - first.readings) / seconds
  }

  #reject(source: string, reason: string): void {
    this.rejected[reason] = (this.rejected[reason] ?? 0) + 1
    this.#metrics.rejected(source, reason, 1)
  }
}

/** Sensors by state. */
export function countStates(pipeline: Pipeline, catalog: SensorCatalog): Record<SensorState, number> {
  const counts: Record<SensorState, number> = { warmup: 0, normal: 0, anomaly: 0, fault: 0, silent: 0 }
  for (const [, slot] of catalog.ids()) counts[pipeline.sensorState(slot)] += 1
  return counts
}

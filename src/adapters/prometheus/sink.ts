import { assert } from '../../base/assert.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import type { SensorCatalog } from '../../domain/sensor.ts'
import type { Metrics } from '../../ports/metrics.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'

const settings: SinkSettings = {
  scores: 'all',
  alarms: false,
  // It only writes memory, so it is never down; a short delay keeps the gauge close to the plant.
  policy: 'drop',
  batchReadings: 4_096,
  batchMs: 100,
  retryInitialMs: 100,
  retryMaxMs: 100,
  spillBytes: 0,
}

/**
 * Publishes the newest score of each sensor as `residua_anomaly_score`.
 *
 * Rows of one sensor come in order, so within a batch its last row is the newest.
 */
export class PrometheusSink implements Sink {
  readonly name: string
  readonly settings = settings
  #catalog: SensorCatalog | undefined
  #metrics: Metrics | undefined

  constructor(name: string) {
    this.name = name
  }

  async open(context: SinkContext): Promise<void> {
    assert(context.metrics !== undefined, 'the Prometheus sink needs the metrics of the process')
    this.#catalog = context.catalog
    this.#metrics = context.metrics
  }

  async writeScores(scores: OutcomeFrame): Promise<void> {
    assert(this.#catalog !== undefined && this.#metrics !== undefined, 'the sink is not open')
    for (let row = 0; row < scores.count; row++) {
      const slot = scores.slot[row]!
      // A sensor may have been removed while its last rows waited in the queue.
      if (this.#catalog.has(slot)) this.#metrics.anomalyScore(this.#catalog.spec(slot).id, scores.score[row]!)
    }
  }

  async close(): Promise<void> {}
}

/** What the pipeline counts. `adapters/prometheus` implements it with the names of the reference. */
export interface Metrics {
  readings(source: string, count: number): void
  rejected(source: string, reason: string, count: number): void
  scores(count: number): void
  anomalyScore(sensor: string, score: number): void
  removeSensor(sensor: string): void
  alarmsActive(priority: string, count: number): void
  alarmTransition(state: string): void
  sensors(state: string, count: number): void
  stepDuration(seconds: number): void
  endToEndLatency(seconds: number): void
  sinkQueue(sink: string, readings: number): void
  sinkError(sink: string, code: string): void
  sinkDropped(sink: string, readings: number): void
  sinkSpilled(sink: string, bytes: number): void
  sourceLag(source: string, readings: number): void
  /** Wall time of the newest checkpoint in ms; its age is computed when the metrics are read. */
  checkpoint(atMs: number): void
  /** The exposition text and its content type. */
  exposition(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** Metrics that nobody reads, for replay, the library and tests. */
export const silentMetrics: Metrics = {
  readings() {},
  rejected() {},
  scores() {},
  anomalyScore() {},
  removeSensor() {},
  alarmsActive() {},
  alarmTransition() {},
  sensors() {},
  stepDuration() {},
  endToEndLatency() {},
  sinkQueue() {},
  sinkError() {},
  sinkDropped() {},
  sinkSpilled() {},
  sourceLag() {},
  checkpoint() {},
  exposition: async () => ({ contentType: 'text/plain', text: '' }),
}

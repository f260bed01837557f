import type { SinkSettings } from '../../ports/sink.ts'

/** Rows handed to a sink at once. */
export const batchReadings = 20_000

/** How a sink of this process is driven that only counts or gathers: it gets every row, and never fails. */
export const inProcessSettings: SinkSettings = {
  scores: 'every',
  alarms: true,
  policy: 'block',
  batchReadings,
  batchMs: 200,
  retryInitialMs: 200,
  retryMaxMs: 1_000,
  spillBytes: 0,
}

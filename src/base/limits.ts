/**
 * Every bound of the process, with its reason. Beyond a bound the stated thing happens; nothing grows without one.
 */
export const limits = {
  /** Sensors when `limits.sensors` is not configured; beyond it new sensors are refused and dead-lettered. */
  sensorsDefault: 50_000,
  /** Most sensors that can be configured: all columns must fit typed arrays of a few GiB. */
  sensorsMax: 1_000_000,
  /** Assets that are scored as one; more are refused in the configuration. */
  assetsMax: 10_000,
  /** Fewest ticks that an asset learns from: below, neither its moments nor its limits mean anything. */
  learnTicksMin: 200,
  /** Channels of one asset's joint score: its regressions grow with the square. Further ones are scored alone. */
  assetChannels: 256,
  /** Values, ticks times channels, that an asset keeps to learn from (16 MB); further ticks are known to be normal but not kept. */
  assetLearnCells: 2_000_000,
  /** Readings of one asset that wait for others within its lateness (24 bytes each); beyond it the oldest wait no longer. */
  assetWaiting: 16_384,
  /** Bytes of a sensor id (UTF-8); longer ids are refused as `sensor_id`. */
  sensorIdBytesMax: 256,
  /** Bytes of one message or request; larger ones are dead-lettered as `too_large` (a 5 MB payload is a mistake). */
  messageBytesMax: 4 * 1024 * 1024,
  /** Bytes of HTTP bodies that wait for sinks and state; a further request gets 503. */
  httpInFlightBytes: 32 * 1024 * 1024,
  /** Rows of one frame: large enough to batch the kernel, small enough to keep latency low. */
  frameRows: 4_096,
  /** Records waiting for the engine, all sources together; then sources are paused. */
  inboxRecords: 16_384,
  /** Bytes waiting for the engine, all sources together; then sources are paused. */
  inboxBytes: 64 * 1024 * 1024,
  /** Readings processed but not yet acknowledged; then processing waits for the checkpoint. Bounds every sink's queue. */
  unacknowledgedReadings: 100_000,
  /** Most readings of one write to a sink. */
  sinkBatchReadings: 50_000,
  /** Dead letters waiting to be written; then processing waits for the checkpoint. */
  deadLetters: 10_000,
  /** Bytes of spilled scores a sink; then the oldest segment is dropped and counted. */
  spillBytes: 1024 ** 3,
  /** Bytes of one spill segment: the unit in which the oldest is dropped. */
  spillSegmentBytes: 8 * 1024 * 1024,
  /** Milliseconds a reading may lie ahead of its arrival; beyond it is quarantined as `clock`. */
  maxFutureMs: 5 * 60_000,
  /** 2000-01-01: earlier event times are a clock fault. Off in replay. */
  minTimeMs: Date.UTC(2000, 0, 1),
  /** `residua_anomaly_score` series; further sensors are counted in `residua_series_dropped_total`. */
  metricSeriesMax: 5_000,
  /** Points of recent history kept in memory for the page, all sensors together (about 20 bytes each). */
  historyPoints: 4_000_000,
  /** Points of recent history of one sensor. */
  historyPointsPerSensor: 2_000,
  /** Recent readings of a sensor that another model is warmed up with; it needs 500 to score. */
  warmupReadings: 1_000,
  /** Clients of the live stream; a further one gets 503. */
  liveClients: 64,
  /** Score rows of one event of the live stream; the rest follow in the next, so that no event is a long task. */
  liveRowsPerEvent: 5_000,
  /** Alarms waiting for one slow live client; beyond it the client is cut off and reads the alarm list anew. */
  liveAlarmsPending: 1_000,
  /** Rows of one page of a list over HTTP. */
  pageRows: 1_000,
  /** Alarm transitions kept in the journal behind the slowest sink. */
  journalTransitions: 100_000,
  /** Bytes of dead letters in a file; then the older half is dropped with a warning. */
  deadLetterBytes: 256 * 1024 * 1024,
  /** Alarm occurrences kept in memory for lists; beyond it the oldest that are back to normal go. */
  alarmBoard: 10_000,
  /** Milliseconds between checkpoints under load. */
  checkpointMs: 1_000,
  /** Readings between checkpoints under load. */
  checkpointReadings: 20_000,
  /** Milliseconds between checkpoints when the input is idle, so that brokers get their acknowledgements soon. */
  checkpointIdleMs: 10,
  /** Milliseconds between the ticks that declare silence. */
  tickMs: 1_000,
  /** Milliseconds that a stop waits for sinks and the last checkpoint; then the rest is abandoned, not acknowledged. */
  drainMs: 10_000,
  /** Milliseconds that a stop waits for alarm receivers; what they have not taken waits in the journal. */
  alarmDrainMs: 1_000,
} as const

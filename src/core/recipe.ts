/** The constants of recipe T, with the names of its description, and of the stages around it. */
export const recipe = {
  /** Readings a new sensor warms up on when nothing was said about its history. */
  warmupRows: 500,
  /** Fewest learning rows that can be asked for: below, neither scale nor limit means anything. */
  learnRowsMin: 200,
  /** Share of the learning spell that fits the scale; the rest calibrates limits and never fits anything. */
  fitShare: 0.75,
  /** Readings before the network runs with the provisional scale, so that its state is warm when calibration starts. */
  provisionalRows: 20,
  /** Calibration rows before the error averages mean something. */
  calibrationSkip: 20,
  slowWeight: 0.01,
  slowZ: 2.5,
  fastWeight: 0.05,
  fastZ: 4,
  /** Smallest distance between the usual error and its limit, as a share of the span seen while fitting. */
  floorShare: 0.025,
  /** The rolling limit looks back over `blocks` blocks of `blockRows` readings (2,100) and moves once a block. */
  blocks: 30,
  blockRows: 70,
  /** No alarm in the first readings after a gap. */
  sessionRows: 150,
  /** A step of more than this many median steps is a gap. */
  gapSteps: 10,
  /** Share of the range that one unit of range novelty is. */
  noveltyShare: 0.2,
  /** While a reading alarms by novelty, the range creeps towards it by this share of the distance a reading: a new level
   *  ends its alarm after some hundreds of readings, and not before. */
  creepShare: 1 / 500,
  /** Below this novelty there is no excursion: the range goes this share of the way to what was seen, a reading. At once
   *  (as in the recipe) a drift is never novel, because each reading is only a little beyond the one before. On generated
   *  sensors 1/70 finds 10 of 14 drifts where 1 finds 4; false alarms after 2,000 learned rows are the same, after the
   *  warm-up alone 0.118 in place of 0.094 per 1,000 readings. */
  excursionOff: 0.9,
  followShare: 1 / 70,
  /** Divides the error statistic; by sensitivity. */
  factor: { low: 1.4, normal: 1.1, high: 1.0 },
  /** Alarms less than this many readings apart are one occurrence. */
  rearmRows: 200,
  /** The condition of an active alarm ends below this score; it begins above 0.5. */
  scoreOff: 0.4,
  /** One error counts at most this many times the distance between usual error and limit: a reading of 10⁹ is one
   *  anomaly, not an average poisoned for a week. No alarm is lost by it: 100 is far beyond any alarm. */
  errorCap: 100,
  /** An average enters W at most this many limits high: W learns from anomalies, but not their whole size. On generated
   *  sensors this keeps a rise of noise in alarm for 90 % of 300 readings instead of 79 %, at the same false alarms. */
  blockCap: 2,
  /** Weight of the running scale behind the band, and of the signed error behind the words above and below. */
  bandWeight: 0.01,
  /** Share of the calibration residuals that the band holds. */
  bandShare: 0.99,
  /** Adaptation learns while errors and novelty are below this share of their limits. */
  calmBelow: 0.8,
  /** Weight of a reading in the scale that follows, and how many times wider or narrower it may become. */
  adaptWeight: 1 / 2000,
  gainMax: 4,
  /** Step of the readout's least mean squares; an error counts at most so many running scales; the boxes of its weights. */
  readoutRate: 0.003,
  errorMost: 3,
  trendMost: 0.05,
  weightMost: 0.5,
} as const

/** When an instrument is at fault. */
export const instrument = {
  /** Faulty readings, with fewer than `clearRows` good ones between them, before it is an alarm. */
  raiseRows: 3,
  /** Good readings in a row that end the fault. */
  clearRows: 10,
  /** A constant value is stuck after this many times the longest constant run seen while learning, at least … */
  stuckRuns: 10,
  /** … this many readings. */
  stuckRowsMin: 30,
  /** A sensor that repeats its value more often than this while learning (quantised, on/off) is never called stuck. */
  stuckRepeatShareMax: 0.5,
  /** Learned silence: this many median steps, and … */
  silentSteps: 20,
  /** … this many times the longest step seen while learning, and … */
  silentLongest: 3,
  /** … this many ms, whichever is longest. */
  silentMsMin: 30_000,
} as const

/** The constants of recipe U, with the names of its description. */
export const novelty = {
  /** W0: readings that fix the scale, and before which nothing is scored. */
  scaleRows: 200,
  /** Smallest deviation of the scale, as a share of the centre and as a number. */
  deviationShare: 1e-3,
  deviationLeast: 1e-9,
  /** A standardised reading counts at most so much. */
  valueMost: 1e4,
  /** The range counts as at least so many deviations where it bounds what a single reading does. */
  marginLeast: 4,
  slowWeight: 0.01,
  /** Slots of a day. The recipe has 288; hours do as well, see the table in the README. */
  slotsMost: 24,
  /** Weight of one visit of a slot in its mean, and the least weight of a single reading, which sixteen bits can hold. */
  weekWeight: 0.3,
  weekWeightLeast: 0.01,
  /** Means that a table needs in a slot before it is believed: of each day; of work and rest, of weekdays. */
  dailyMeans: 1,
  otherMeans: 2,
  /** Weight of a reading in the running error of a table; an error counts at most so many of them. */
  tableWeight: 0.005,
  tableErrorsMost: 5,
  /** A machine's own cycle begins above the upper of two places in the usual range, having been below the lower one. */
  cycleLow: 0.35,
  cycleHigh: 0.65,
  /** Begun cycles before anything is expected of the next, weight of one in their length, and the longest in usual lengths. */
  cyclesLeast: 3,
  cycleWeight: 0.1,
  cyclesKept: 1.5,
  /** It is believed where its running error is below this share of what the error is without it. */
  cycleShare: 0.9,
  /** Recursive least squares: forgetting, rows before it is robust, Huber's bound, outliers and their weight, and the bound on P. */
  forgetting: 0.9998,
  robustAfter: 50,
  huber: 3,
  outlier: 6,
  outlierWeight: 0.05,
  traceMost: 30,
  /** Running scale of the residual: weight, factor of the mean size, and the sizes that count. */
  scaleWeight: 0.005,
  scaleFactor: 1.25,
  scaleErrorsMost: 4,
  scaleLeast: 1e-6,
  /** Symbols of a level, and where in the first readings (order statistics) their range comes from. */
  symbols: 16,
  symbolLow: 2,
  symbolHigh: 198,
  /** Counts that stand for a next symbol that was never seen, and their sum over all symbols. */
  priorCount: 0.05,
  priorSum: 0.8,
  /** Own alarms: how much each and the age raise the threshold, and how long an alarm counts, in readings. */
  ageFactor: 0.3,
  ageRows: 2000,
  alarmFactor: 0.2,
  alarmRows: 1500,
  /** Readings of rest after an alarm, and how much higher a reading must be to alarm within them. */
  restRows: 100,
  margin: 1,
  /** The product's age stands still here, so that a sensor of years can still alarm. */
  ageMost: 20_000,
  /** Readings after which a level that stays is accepted. */
  holdRows: 1000,
  /** Below this weight the network is not heard; weight of a reading in the sums behind it, whose terms count at most so many scales. */
  gateLeast: 0.1,
  gateWeight: 0.002,
  gateErrorsMost: 6,
  /** Band: weight of a reading in the size of the error, the share it holds, the step that learns it, and its bounds. */
  sizeWeight: 0.01,
  sizeErrorsMost: 5,
  bandShare: 0.99,
  bandStep: 0.1,
  bandFirst: 3,
  bandMost: 30,
  /** Smallest size of the error, as a share of the deviation. */
  sizeLeast: 0.01,
  /** The threshold at 2,000 readings; by sensitivity. */
  theta: { low: 2.8, normal: 2.4, high: 1.05 },
} as const

/**
 * The streams that are watched for records: the floor of their spread as a share of the range seen, how fast a record decays,
 * and the levels of ln(1 + r) that 10 % and 1 % of the 100-row blocks of normal data exceed.
 */
export const streams = {
  short: { floor: 0.2, decay: 4e-4, usual: -0.008, rare: 0.1839, handicap: 0 },
  long: { floor: 0.1, decay: 4e-4, usual: -0.0036, rare: 0.0741, handicap: 0.3 },
  above: { floor: 0.2, decay: 1e-4, usual: 0.033, rare: 0.2208, handicap: 0 },
  below: { floor: 0.2, decay: 1e-4, usual: 0.033, rare: 0.2208, handicap: 0 },
  surprise: { floor: 0, decay: 5e-4, usual: 0.1059, rare: 0.281, handicap: 0.3 },
} as const

/** One of the streams. */
export type Stream = (typeof streams)[keyof typeof streams]

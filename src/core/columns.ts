import { p2Width } from '../model/stats/p2-quantile.ts'
import { noveltyWidth, tableBytes } from './novelty/layout.ts'
import { recipe } from './recipe.ts'

let width = 0

function column(size = 1): number {
  const at = width
  width += size
  return at
}

/** Columns of one alarm lifecycle, relative to its first. */
export const alarmColumns = {
  state: 0,
  raisedMs: 1,
  transitions: 2,
  onSinceMs: 3,
  onRows: 4,
  offSinceMs: 5,
  quietRows: 6,
}
/** Their number. */
export const alarmWidth = 7

/** Most horizons a forecasting head may have: the columns are made for these. */
export const horizonsMax = 10

/** Columns of a held-back outcome, relative to its first. */
export const heldColumns = {
  present: 0,
  timeMs: 1,
  arrivalMs: 2,
  value: 3,
  expected: 4,
  lower: 5,
  upper: 6,
  residual: 7,
  score: 8,
  alarm: 9,
  quality: 10,
}

/**
 * Every adaptive per-sensor number, as an offset in the sensor's row of the arena.
 *
 * All are float64 and zero is the empty state, so a fresh or freed slot is a row of zeros. Times are event time in ms.
 * Network values are in scaled units, everything that a person sees in engineering units.
 */
export const C = {
  /** Rows of any quality; 0: never seen. */
  seen: column(),
  /** 0 fitting the scale, 1 calibrating the limits, 2 scoring. */
  phase: column(),
  newestMs: column(),
  arrivalMs: column(),
  /** Last accepted value and its time, for the rate and the constant run. */
  value: column(),
  valueMs: column(),
  accepted: column(),
  run: column(),
  /** A `Silence`. */
  silent: column(),
  /** Instrument evidence: faulty rows in this spell, good rows since, and the code of the last fault. */
  faultRows: column(),
  goodRows: column(),
  faultReason: column(),

  /** Which recipe judges the sensor, as its first reading found it: 0 T, with limits from normal rows; 1 U, by novelty. */
  recipe: column(),
  /** Rows of its spell, where it ends by their number. */
  spellRows: column(),

  /** Habits learned while fitting. */
  learned: column(),
  /** Learning readings left out because they were absurd; bounded by a budget. */
  leftOut: column(),
  firstMs: column(),
  mean: column(),
  squares: column(),
  /** The range that novelty is measured against, and the range ever seen, which the former follows. */
  low: column(),
  high: column(),
  nextLow: column(),
  nextHigh: column(),
  longestRun: column(),
  repeats: column(),
  longestStepMs: column(),
  medianStepMs: column(),

  /** The scale, fixed after fitting: v = (x − center) / unit; span in engineering units. */
  center: column(),
  unit: column(),
  span: column(),

  /** Forecast memory: scaled bases of the last predictions, their number in this session, and where the next goes. */
  base: column(horizonsMax),
  valid: column(),
  next: column(),
  predicts: column(),
  sessionRows: column(),

  /** Adaptation, in scaled units: what adapts; how far the centre moved since FIT, and the spread (variance) then and now; weights
   *  of the readout (trend, gain, last error), and the regressors of the last forecast: what the network said, its last error. */
  adapts: column(),
  shift: column(),
  spreadThen: column(),
  spread: column(),
  readout: column(3),
  said: column(),
  surprise: column(),

  /** Error averages: fast, slow, signed fast, running scale of the band; rows since they started. */
  fast: column(),
  slow: column(),
  signed: column(),
  running: column(),
  errorRows: column(),

  /** Limits: median and largest error of calibration, present limit; band factor. */
  fastMedian: column(),
  slowMedian: column(),
  fastMax: column(),
  slowMax: column(),
  fastLimit: column(),
  slowLimit: column(),
  band: column(),
  /** 1: recipe T to the letter, for limits that came with the model; 0: with the departures that learned limits need. */
  exact: column(),
  /** Blocks of the rolling limit: rows in the open block, closed blocks, then sums and sums of squares. Recipe U, which has no
   *  such limit, keeps its tables here instead, as bytes. */
  blockRows: column(),
  blocksClosed: column(),
  blocks: column(Math.max(recipe.blocks * 4, tableBytes / 8)),
  sketchFast: column(p2Width),
  sketchSlow: column(p2Width),
  sketchBand: column(p2Width),

  /** Recipe U; see novelty/layout.ts. */
  novelty: column(noveltyWidth),

  process: column(alarmWidth),
  instrument: column(alarmWidth),

  /** What was last said of the sensor, for rows that are not scored and for `changes`. */
  score: column(),
  alarm: column(),
  quality: column(),
  state: column(),
  held: column(11),
} as const

/** Numbers in a sensor's row. */
export const rowWidth = width

/** The recipes, as their column holds them. */
export const Recipe = { trained: 0, novelty: 1 } as const

/** Phases of a sensor's life with the model. */
export const Phase = { fit: 0, calibrate: 1, score: 2 } as const

/** Whether a sensor is silent: it speaks, it was found silent, or nobody could hear whether it was (its history ended before). */
export const Silence = { none: 0, found: 1, unheard: 2 } as const

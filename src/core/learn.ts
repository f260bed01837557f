import type { Scale } from '../model/model.ts'
import { p2Reset, p2Update, p2Value } from '../model/stats/p2-quantile.ts'
import { startAdapting } from './adapt.ts'
import { C, Phase, Recipe } from './columns.ts'
import { average, runningScale } from './errors.ts'
import { learnRange } from './range.ts'
import { recipe } from './recipe.ts'
import type { Residual } from './residual.ts'
import { addToBlocks, limitFloor, moveLimits } from './threshold.ts'

/** Readings in FIT, once a few were seen, that lie farther than this many standard deviations off are absurd. */
const absurdDeviations = 20

/**
 * Whether a reading of the learning spell is too absurd to learn from, such as one 10⁹ among fifties.
 *
 * At most one reading and one in a hundred is left out, so a sensor that changes its level is learned all the same.
 */
export function leaveOut(f: Float64Array, at: number, value: number): boolean {
  const learned = f[at + C.learned]!
  if (learned < 5 || f[at + C.leftOut]! >= 1 + learned / 100) return Math.abs(value) > 1e100
  if (f[at + C.phase] === Phase.calibrate) {
    const span = f[at + C.span]!
    return value > f[at + C.high]! + span || value < f[at + C.low]! - span
  }
  const sd = Math.sqrt(f[at + C.squares]! / learned)
  return Math.abs(value - f[at + C.mean]!) > absurdDeviations * sd
}

/**
 * Learns scale and habits from a reading of FIT; `stepMs` is the time since the one before, 0 for the first.
 *
 * `declared`: the scale that the model was trained with for this sensor; it is taken in place of the one learned here.
 */
export function fitReading(
  f: Float64Array,
  at: number,
  value: number,
  stepMs: number,
  declared: Scale | undefined,
): void {
  const learned = f[at + C.learned]! + 1
  const delta = value - f[at + C.mean]!
  f[at + C.learned] = learned
  f[at + C.mean] = f[at + C.mean]! + delta / learned
  f[at + C.squares] = f[at + C.squares]! + delta * (value - f[at + C.mean]!)
  growRange(f, at, value, learned === 1)
  learnHabits(f, at, stepMs)
  setScale(f, at)
  if (declared === undefined) return
  f[at + C.center] = declared.center
  f[at + C.unit] = declared.scale
}

function growRange(f: Float64Array, at: number, value: number, first: boolean): void {
  if (first || value < f[at + C.low]!) f[at + C.low] = value
  if (first || value > f[at + C.high]!) f[at + C.high] = value
  f[at + C.nextLow] = f[at + C.low]!
  f[at + C.nextHigh] = f[at + C.high]!
}

function learnHabits(f: Float64Array, at: number, stepMs: number): void {
  const run = f[at + C.run]!
  if (run > f[at + C.longestRun]!) f[at + C.longestRun] = run
  if (run > 1) f[at + C.repeats] = f[at + C.repeats]! + 1
  if (stepMs <= 0) return
  if (stepMs > f[at + C.longestStepMs]!) f[at + C.longestStepMs] = stepMs
  if (f[at + C.phase] === Phase.fit) p2Update(f, at + C.sketchFast, 0.5, stepMs)
}

/** The scale as FIT has it so far: unit = max(sd, 2.5 % of span); a constant sensor gets a span from its own size. */
function setScale(f: Float64Array, at: number): void {
  const mean = f[at + C.mean]!
  const span = Math.max(f[at + C.high]! - f[at + C.low]!, 1e-4 * Math.abs(mean), 1e-9)
  f[at + C.center] = mean
  f[at + C.span] = span
  f[at + C.unit] = Math.max(Math.sqrt(f[at + C.squares]! / f[at + C.learned]!), recipe.floorShare * span)
}

/** Ends FIT: the scale is fixed for ever, the network's state is kept, forecasts with the provisional scale are not. */
export function startCalibration(f: Float64Array, at: number): void {
  f[at + C.medianStepMs] = Math.max(p2Value(f, at + C.sketchFast, 0.5) || 0, 1)
  p2Reset(f, at + C.sketchFast)
  f[at + C.phase] = Phase.calibrate
  f[at + C.valid] = 0
  f[at + C.predicts] = 0
  startAdapting(f, at)
}

/** Learns range and habits from a reading of CAL. */
export function learnMore(f: Float64Array, at: number, value: number, stepMs: number): void {
  f[at + C.learned] = f[at + C.learned]! + 1
  growRange(f, at, value, false)
  learnHabits(f, at, stepMs)
}

/** Learns the usual and the largest error from a reading of CAL, which nothing was fitted on. */
export function calibrateReading(f: Float64Array, at: number, value: number, stepMs: number, residual: Residual): void {
  learnMore(f, at, value, stepMs)
  average(f, at, residual, Infinity, Infinity)
  if (Number.isNaN(residual.first)) return
  const scale = runningScale(f, at)
  followScale(f, at, residual.first)
  if (f[at + C.errorRows]! <= recipe.calibrationSkip) return
  const slow = f[at + C.slow]!
  const fast = f[at + C.fast]!
  p2Update(f, at + C.sketchSlow, 0.5, slow)
  p2Update(f, at + C.sketchFast, 0.5, fast)
  p2Update(f, at + C.sketchBand, recipe.bandShare, Math.abs(residual.first) / scale)
  if (slow > f[at + C.slowMax]!) f[at + C.slowMax] = slow
  if (fast > f[at + C.fastMax]!) f[at + C.fastMax] = fast
  // Recipe U has its tables in the place of the blocks.
  if (f[at + C.recipe] === Recipe.trained) addToBlocks(f, at, slow, fast)
}

/**
 * Ends CAL: usual error, largest error (at least a floor above the usual one), first limits, band factor.
 *
 * The usual errors are the medians of CAL: as the sketches have them, or as they are given by whoever kept all of them.
 */
export function finishCalibration(
  f: Float64Array,
  at: number,
  slowMedian = p2Value(f, at + C.sketchSlow, 0.5) || 0,
  fastMedian = p2Value(f, at + C.sketchFast, 0.5) || 0,
): void {
  const floor = limitFloor(f, at)
  f[at + C.slowMedian] = slowMedian
  f[at + C.fastMedian] = fastMedian
  f[at + C.slowMax] = Math.max(f[at + C.slowMax]!, f[at + C.slowMedian]! + floor)
  f[at + C.fastMax] = Math.max(f[at + C.fastMax]!, f[at + C.fastMedian]! + floor)
  f[at + C.band] = Math.max(p2Value(f, at + C.sketchBand, recipe.bandShare) || 0, 1)
  f[at + C.phase] = Phase.score
  f[at + C.sessionRows] = recipe.sessionRows
  moveLimits(f, at)
}

/**
 * Learns from a scored good reading: the range ever seen and the rolling limits.
 *
 * W holds every average, those of anomalies too, as the recipe says; where the limits did not come with the model, at most twice
 * the limit high: a limit that learned nothing in alarm would never end an alarm that a changed but healthy process raised. The
 * 2,100 readings of W bound how fast that goes.
 */
export function learnLive(f: Float64Array, at: number, value: number, novelty: number, residual: Residual): void {
  learnRange(f, at, value, Math.abs(novelty))
  if (Number.isNaN(residual.first)) return
  followScale(f, at, residual.first)
  if (f[at + C.exact] === 1) {
    addToBlocks(f, at, f[at + C.slow]!, f[at + C.fast]!)
    return
  }
  const slowMost = f[at + C.slowMedian]! + recipe.blockCap * (f[at + C.slowLimit]! - f[at + C.slowMedian]!)
  const fastMost = f[at + C.fastMedian]! + recipe.blockCap * (f[at + C.fastLimit]! - f[at + C.fastMedian]!)
  addToBlocks(f, at, Math.min(f[at + C.slow]!, slowMost), Math.min(f[at + C.fast]!, fastMost))
}

/** Follows the size of the one-step error; one error counts at most five times the scale, so spikes do not widen it. */
function followScale(f: Float64Array, at: number, error: number): void {
  const rows = f[at + C.errorRows]!
  const size = rows < recipe.calibrationSkip ? Math.abs(error) : Math.min(Math.abs(error), 5 * runningScale(f, at))
  f[at + C.running] =
    f[at + C.running]! + Math.max(recipe.bandWeight, 1 / Math.max(1, rows)) * (size - f[at + C.running]!)
}

/** A new session after a gap: error averages restart at their medians, forecasts from before it do not count. */
export function restartSession(f: Float64Array, at: number): void {
  f[at + C.valid] = 0
  f[at + C.sessionRows] = 0
  f[at + C.fast] = f[at + C.fastMedian]!
  f[at + C.slow] = f[at + C.slowMedian]!
  f[at + C.signed] = 0
}

import { assert } from '../../base/assert.ts'
import { ConfigurationError } from '../../base/errors.ts'
import type { RowRange } from '../data/history.ts'
import { bootstrapDifference, bootstrapMean, type MeanInterval, usualBlockLength } from './bootstrap.ts'
import type { Difference, EvaluationTable, Interval, Judgement, PredictorRow, Verdict } from './evaluation-table.ts'
import { findingOf } from './finding.ts'
import { meanOf, naiveScale } from './metrics.ts'
import {
  type Align,
  addLosses,
  bandLevel,
  divideLosses,
  lossesOf,
  type Predictor,
  type RowLosses,
} from './predictor.ts'
import type { Series } from './series.ts'

/** A predictor that predicted less than this share of what the model did is not compared: it would hide rows from all. */
const leastShare = 0.5

/** What an evaluation is made of. */
export interface EvaluationParts {
  readonly truth: Series
  /** The model first, then the simple methods. */
  readonly predictors: readonly Predictor[]
  readonly horizons: number
  /** The rows whose values are judged; what is predicted of them may come from rows before. */
  readonly range: RowRange
  readonly seed: number
  /** Of all intervals; default 0.95. */
  readonly confidence?: number
  /** Of all intervals; default 1,000. */
  readonly resamples?: number
  /** Rows of a block of the bootstrap; default ⌈n^(1/3)⌉, and the horizon at least. */
  readonly blockLength?: number
}

/** How a judgement is made: options of all intervals, and MASE's scale. */
interface Measure {
  readonly parts: EvaluationParts
  readonly scale: number
}

/**
 * Judges predictors beside one another, each against the first, which is the model.
 *
 * Every measure is taken on the rows that all compared predictors predicted, so the numbers of a column are comparable.
 * A prediction across a gap is not judged: what lies behind it is not h steps later.
 * Intervals and differences are by the moving-block bootstrap; a verdict is given where the interval of the paired
 * difference leaves 0 out. At 95 % one verdict of twenty between equals is wrong, and many are given.
 * Errors: `ConfigurationError` for rows that the series does not have; assertion on a shape mismatch.
 */
export function evaluate(parts: EvaluationParts): EvaluationTable {
  checkParts(parts)
  const { truth, predictors, horizons, range, confidence = 0.95 } = parts
  const measure: Measure = { parts, scale: naiveScale(truth) }
  const compared = comparedOf(parts)
  const judgements = predictors.map((): Judgement[] => [])
  let sums: RowLosses[] = []
  for (let horizon = 1; horizon <= horizons; horizon++) {
    const losses = lossesAt(parts, compared, horizon)
    losses.forEach((own, at) => {
      judgements[compared[at]!]!.push(judge(measure, predictors[compared[at]!]!, horizon, own, losses[0]!))
    })
    sums = sums.length === 0 ? losses : sums.map((sum, at) => addLosses(sum, losses[at]!))
  }
  const means = sums.map((sum) => divideLosses(sum, horizons))
  means.forEach((own, at) => {
    judgements[compared[at]!]!.push(judge(measure, predictors[compared[at]!]!, 'all', own, means[0]!))
  })
  const rows = predictors.map(
    ({ name }, at): PredictorRow => ({
      name,
      isModel: at === 0,
      isCompared: compared.includes(at),
      judgements: compared.includes(at) ? judgements[at]! : unknownJudgements(horizons),
    }),
  )
  return {
    horizons,
    range: { from: range.from, to: range.to },
    confidence,
    scale: { by: truth.season === null ? 'naive' : 'seasonal naive', value: known(measure.scale) },
    rows,
    sentence: findingOf(rows, horizons),
    notes: notesOf(rows),
  }
}

function checkParts({ truth, predictors, horizons, range }: EvaluationParts): void {
  const rows = truth.values.length
  assert(predictors.length > 0, 'an evaluation needs a model')
  assert(horizons >= 1, 'an evaluation needs a horizon of one row at least')
  for (const { name, expected } of predictors) {
    assert(expected.length === rows * horizons, `${name} gives ${expected.length} values, not ${rows} × ${horizons}`)
  }
  if (range.from >= 0 && range.to <= rows && range.from < range.to) return
  throw new ConfigurationError([
    { path: 'range', value: `${range.from}…${range.to}`, expected: `rows within 0…${rows}, one at least` },
  ])
}

/** Positions of the predictors that are compared: the model, and those that predicted half as much as it. */
function comparedOf({ predictors, horizons, range, truth }: EvaluationParts): number[] {
  const counts = predictors.map(({ expected }) => {
    let count = 0
    for (let horizon = 1; horizon <= horizons; horizon++) {
      count += alignTo(truth, range, horizons, horizon)(expected).filter((value) => !Number.isNaN(value)).length
    }
    return count
  })
  return [...predictors.keys()].filter((at) => at === 0 || (counts[at]! > 0 && counts[at]! >= leastShare * counts[0]!))
}

/** Puts what was said `horizon` rows before beside each row of the range; NaN where a gap lies between. */
function alignTo({ gapBefore }: Series, range: RowRange, horizons: number, horizon: number): Align {
  const start = new Int32Array(range.to)
  for (let row = 1; row < range.to; row++) start[row] = gapBefore[row] === 1 ? row : start[row - 1]!
  return (forecasts) =>
    Float64Array.from({ length: range.to - range.from }, (_, at) => {
      const row = range.from + at
      return row - horizon >= start[row]! ? forecasts[(row - horizon) * horizons + horizon - 1]! : Number.NaN
    })
}

/** Losses of the compared predictors at one horizon, all on the rows that all of them predicted. */
function lossesAt(parts: EvaluationParts, compared: readonly number[], horizon: number): RowLosses[] {
  const { truth, predictors, horizons, range } = parts
  const align = alignTo(truth, range, horizons, horizon)
  const common = truth.values.slice(range.from, range.to)
  for (const at of compared) {
    align(predictors[at]!.expected).forEach((value, row) => {
      if (Number.isNaN(value)) common[row] = Number.NaN
    })
  }
  return compared.map((at) => lossesOf(predictors[at]!, common, align))
}

function judge(
  { parts, scale }: Measure,
  predictor: Predictor,
  horizon: number | 'all',
  own: RowLosses,
  model: RowLosses,
): Judgement {
  const { seed, resamples = 1000, confidence = 0.95, horizons } = parts
  const n = meanOf(own.absolute).n
  const blockLength = parts.blockLength ?? usualBlockLength(n, horizon === 'all' ? horizons : horizon)
  const options = { seed, resamples, confidence, blockLength }
  const absolute = bootstrapMean(own.absolute, options)
  const squared = bootstrapMean(own.squared, options)
  const isModel = own === model
  const mean = (losses: Float64Array | null): number | null => (losses ? known(meanOf(losses).value) : null)
  return {
    horizon,
    n,
    mse: known(squared.mean),
    mae: intervalOf(absolute),
    rmse: intervalOf({ mean: Math.sqrt(squared.mean), low: Math.sqrt(squared.low), high: Math.sqrt(squared.high) }),
    mase: scale > 0 ? known(absolute.mean / scale) : null,
    smape: mean(own.symmetric),
    crps: mean(own.crps),
    pinball: mean(own.pinball),
    coverage: mean(own.inside),
    width: mean(own.width),
    bandLevel: bandLevel(predictor),
    absolute: isModel ? null : differenceOf(bootstrapDifference(own.absolute, model.absolute, options)),
    squared: isModel ? null : differenceOf(bootstrapDifference(own.squared, model.squared, options)),
  }
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function intervalOf({ mean, low, high }: Pick<MeanInterval, 'mean' | 'low' | 'high'>): Interval {
  return { value: known(mean), low: known(low), high: known(high) }
}

function differenceOf(interval: MeanInterval): Difference | null {
  if (interval.n === 0) return null
  const verdict: Verdict = interval.high < 0 ? 'better' : interval.low > 0 ? 'worse' : 'no clear difference'
  return { ...intervalOf(interval), verdict }
}

/** Judgements of a predictor that said too little. */
function unknownJudgements(horizons: number): Judgement[] {
  const none: Interval = { value: null, low: null, high: null }
  const places: (number | 'all')[] = [...Array.from({ length: horizons }, (_, at) => at + 1), 'all']
  return places.map((horizon) => ({
    horizon,
    n: 0,
    mse: null,
    mae: none,
    rmse: none,
    mase: null,
    smape: null,
    crps: null,
    pinball: null,
    coverage: null,
    width: null,
    bandLevel: null,
    absolute: null,
    squared: null,
  }))
}

function notesOf(rows: readonly PredictorRow[]): string[] {
  return rows
    .filter(({ isCompared }) => !isCompared)
    .map(({ name }) => `${name} is not compared: it predicted less than half of the rows that the model predicted.`)
}

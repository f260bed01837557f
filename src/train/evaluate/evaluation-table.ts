import type { RowRange } from '../data/history.ts'

/** A measure and the interval in which it could as well have been; null where it is not known. */
export interface Interval {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
}

/** A simple method beside the model: `better` and `worse` only where the interval of the difference leaves 0 out. */
export type Verdict = 'better' | 'worse' | 'no clear difference'

/** Mean loss of a method minus mean loss of the model, on the same rows: below 0 the method is better. */
export interface Difference extends Interval {
  readonly verdict: Verdict
}

/** How a predictor did at one horizon, or in the mean over all. */
export interface Judgement {
  readonly horizon: number | 'all'
  /** Target rows that all compared predictors predicted; with `all`, at every horizon. */
  readonly n: number
  readonly mse: number | null
  readonly mae: Interval
  readonly rmse: Interval
  readonly mase: number | null
  /** 0 to 200 %. */
  readonly smape: number | null
  readonly crps: number | null
  /** Mean pinball loss over the quantiles. */
  readonly pinball: number | null
  /** Of the band: the share of values inside, the mean width and the share that was promised. */
  readonly coverage: number | null
  readonly width: number | null
  readonly bandLevel: number | null
  /** Against the model by absolute and by squared error; null for the model itself and where nothing can be compared. */
  readonly absolute: Difference | null
  readonly squared: Difference | null
}

/** One predictor's row: horizons 1…H, then `all`. */
export interface PredictorRow {
  readonly name: string
  readonly isModel: boolean
  /** False where it predicted too little to be compared; its measures are null then. */
  readonly isCompared: boolean
  readonly judgements: readonly Judgement[]
}

/**
 * An evaluation. It is plain JSON as it stands: no NaN and no infinity, null instead.
 *
 * Units: engineering units, squared for squared errors.
 */
export interface EvaluationTable {
  readonly horizons: number
  /** Rows whose values were judged. */
  readonly range: RowRange
  readonly confidence: number
  /** What MASE divides by: the mean absolute error of this forecast on the fit rows. */
  readonly scale: { readonly by: 'naive' | 'seasonal naive'; readonly value: number | null }
  /** The model first. */
  readonly rows: readonly PredictorRow[]
  /** Says plainly which simple method beats the model, or that none does. */
  readonly sentence: string
  readonly notes: readonly string[]
}

/** The judgement at a horizon. */
export function judgementAt(row: PredictorRow, horizon: number | 'all'): Judgement | undefined {
  return row.judgements.find((judgement) => judgement.horizon === horizon)
}

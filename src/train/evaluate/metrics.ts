import {
  absoluteErrors,
  bandWidths,
  gaussianCrps,
  insideBand,
  meanPinballLosses,
  pinballLosses,
  quantileCrps,
  squaredErrors,
  symmetricErrors,
} from './losses.ts'
import type { Series } from './series.ts'

/** A measure over the rows that have both a truth and a prediction: NaN over none. */
export interface Measured {
  readonly value: number
  /** How many rows that were. */
  readonly n: number
}

/** The mean of what is not NaN. */
export function meanOf(losses: Float64Array): Measured {
  let sum = 0
  let n = 0
  for (const loss of losses) {
    if (Number.isNaN(loss)) continue
    sum += loss
    n++
  }
  return { value: sum / n, n }
}

/** Mean squared error, (1/n)·Σ (y − f)². */
export function mse(truth: Float64Array, predicted: Float64Array): Measured {
  return meanOf(squaredErrors(truth, predicted))
}

/** Mean absolute error, (1/n)·Σ |y − f|. */
export function mae(truth: Float64Array, predicted: Float64Array): Measured {
  return meanOf(absoluteErrors(truth, predicted))
}

/** Root mean squared error, √MSE. */
export function rmse(truth: Float64Array, predicted: Float64Array): Measured {
  const { value, n } = mse(truth, predicted)
  return { value: Math.sqrt(value), n }
}

/**
 * What MASE divides by: the mean of |y(t) − y(t − m)| over the fit rows, with no gap between the two, m being the season
 * where there is one, else 1.
 *
 * NaN where the fit rows have no such pair; 0 for a series that never changed. Units: engineering units.
 */
export function naiveScale({ values, gapBefore, fitRows, season }: Omit<Series, 'stepMs'>): number {
  const lag = season ?? 1
  const truth = values.slice(0, fitRows)
  const before = new Float64Array(fitRows).fill(Number.NaN)
  let start = 0
  for (let row = 0; row < fitRows; row++) {
    if (gapBefore[row] === 1) start = row
    if (row - lag >= start) before[row] = values[row - lag]!
  }
  return mae(truth, before).value
}

/**
 * Mean absolute scaled error, MAE / `scale` of `naiveScale`: below 1 is better than the (seasonal) naive forecast was, one
 * step (one season) ahead, on the fit rows. NaN where the scale is 0.
 *
 * Source: Hyndman and Koehler, International Journal of Forecasting 22 (2006).
 */
export function mase(truth: Float64Array, predicted: Float64Array, scale: number): Measured {
  const { value, n } = mae(truth, predicted)
  return { value: scale > 0 ? value / scale : Number.NaN, n }
}

/** Symmetric mean absolute percentage error, 0 to 200 %: (200/n)·Σ |y − f| / (|y| + |f|), both zero: 0. */
export function smape(truth: Float64Array, predicted: Float64Array): Measured {
  return meanOf(symmetricErrors(truth, predicted))
}

/** Mean pinball loss of one quantile. */
export function pinball(truth: Float64Array, quantile: Float64Array, level: number): Measured {
  return meanOf(pinballLosses(truth, quantile, level))
}

/** Mean pinball loss over several quantiles, by level. */
export function meanPinball(truth: Float64Array, quantiles: ReadonlyMap<number, Float64Array>): Measured {
  return meanOf(meanPinballLosses(truth, quantiles))
}

/** Mean CRPS of normal forecasts. */
export function crpsOfGaussian(truth: Float64Array, mean: Float64Array, deviation: Float64Array): Measured {
  return meanOf(gaussianCrps(truth, mean, deviation))
}

/** Mean CRPS from quantiles, by level: 2·mean pinball. */
export function crpsOfQuantiles(truth: Float64Array, quantiles: ReadonlyMap<number, Float64Array>): Measured {
  return meanOf(quantileCrps(truth, quantiles))
}

/** The share of rows whose truth lies within the band, its edges included. */
export function coverage(truth: Float64Array, lower: Float64Array, upper: Float64Array): Measured {
  return meanOf(insideBand(truth, lower, upper))
}

/** The mean width of the band over the rows with a truth. */
export function meanWidth(truth: Float64Array, lower: Float64Array, upper: Float64Array): Measured {
  return meanOf(bandWidths(truth, lower, upper))
}

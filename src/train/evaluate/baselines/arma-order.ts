import { log } from '../../../base/math.ts'
import { headOf, knownMean, type Series, unbrokenRuns } from '../series.ts'
import { fitArmaCss } from './arma-fit.ts'
import { type ArmaModel, forecastArma } from './arma-forecast.ts'

/** The orders that are looked at: 0…ar and 0…ma. */
export interface OrderLimit {
  readonly ar: number
  readonly ma: number
}

/**
 * Chooses and fits an ARMA model on the fit rows.
 *
 * Whether the series or its differences are modelled is decided by forecasts, because AIC cannot compare the two: both
 * are fitted on the first four fifths of the fit rows and the last fifth is predicted; the smaller mean squared error
 * over all asked horizons wins, the series itself when they are equal. The winner is fitted again on all fit rows.
 * Null where there are too few rows to fit on.
 */
export function chooseArma(series: Series, horizons: number, limit: OrderLimit): ArmaModel | null {
  const first = Math.floor(series.fitRows * 0.8)
  const known = headOf(series, series.fitRows, first)
  const error = (differences: 0 | 1): number => {
    const model = fitArma(known, differences, limit)
    return model === null ? Number.POSITIVE_INFINITY : tailError(model, known, horizons)
  }
  return fitArma(series, error(1) < error(0) ? 1 : 0, limit)
}

/**
 * Fits the ARMA model with the least AIC = n·ln(S/n) + 2·k on the fit rows, all orders judged on the same rows; k counts the
 * coefficients, the variance and, without differences, the mean. Null where there are too few rows.
 */
export function fitArma(series: Series, differences: 0 | 1, limit: OrderLimit): ArmaModel | null {
  const mean = differences === 0 ? knownMean(series, series.fitRows) : 0
  const stretches = stretchesOf(series, differences, mean)
  let best: ArmaModel | null = null
  let least = Number.POSITIVE_INFINITY
  for (let p = 0; p <= limit.ar; p++) {
    for (let q = 0; q <= limit.ma; q++) {
      const fit = fitArmaCss(stretches, p, q, limit.ar)
      if (fit === null) continue
      const aic = fit.rows * log(fit.squaredError / fit.rows) + 2 * (p + q + 2 - differences)
      if (!(aic < least)) continue
      least = aic
      const { ar, ma } = fit
      best = { differences, intercept: mean * (1 - ar.reduce((sum, value) => sum + value, 0)), ar, ma }
    }
  }
  return best
}

/** The unbroken stretches of the fit rows, as differences or without their mean. */
function stretchesOf(series: Series, differences: 0 | 1, mean: number): Float64Array[] {
  return unbrokenRuns(series, 0, series.fitRows).map(({ from, to }) => {
    const run = series.values.subarray(from, to)
    if (differences === 0) return run.map((value) => value - mean)
    return run.subarray(1).map((value, t) => value - run[t]!)
  })
}

/** Mean squared error of the forecasts of the rows behind the fit rows, over all horizons. */
function tailError(model: ArmaModel, series: Series, horizons: number): number {
  const { values, fitRows } = series
  const forecasts = forecastArma(model, series, horizons)
  let sum = 0
  let n = 0
  for (let row = fitRows - 1; row < values.length; row++) {
    for (let h = 1; h <= horizons && row + h < values.length; h++) {
      if (series.gapBefore[row + h] === 1) break
      const error = values[row + h]! - forecasts[row * horizons + h - 1]!
      if (!Number.isFinite(error)) continue
      sum += error * error
      n++
    }
  }
  return n === 0 ? Number.POSITIVE_INFINITY : sum / n
}

import { log } from '../../../base/math.ts'
import { type Baseline, emptyForecasts, knownMean, type Series, unbrokenRuns } from '../series.ts'
import { NormalEquations } from '../solve.ts'
import { type ArmaModel, forecastArma } from './arma-forecast.ts'
import { isStable, stabilised } from './stability.ts'

/** No order above this is looked at. */
const largestOrder = 32
/** An order needs this many complete rows for each coefficient. */
const rowsPerCoefficient = 5

/**
 * An autoregression of the order that AIC likes best, k steps ahead by iteration.
 *
 * Missing values and gaps are taken as `forecastArma` says.
 */
export const ar: Baseline = {
  name: 'AR',
  summary: 'an autoregression, order by AIC',
  predict(series, horizons) {
    const model = fitAr(series)
    return model === null ? emptyForecasts(series, horizons) : forecastArma(model, series, horizons)
  },
}

/**
 * Fits an autoregression on the fit rows by conditional least squares with an intercept.
 *
 * `order` null: the order with the least AIC = n·ln(RSS/n) + 2·(order + 2), from 0 to min(10·log₁₀ n, 32), all judged on
 * the same rows, then fitted again on all rows that it can use. Coefficients that would explode are drawn inside the
 * unit circle around the mean of the fit rows. Null where there are too few rows to fit on. The limit is R's.
 * Source: Lütkepohl, New Introduction to Multiple Time Series Analysis, 3.2 and 4.3, for one series; as statsmodels' AutoReg.
 */
export function fitAr(series: Series, order: number | null = null): ArmaModel | null {
  const mean = knownMean(series, series.fitRows)
  if (Number.isNaN(mean)) return null
  const wanted = order ?? bestOrder(series, mean)
  if (wanted === null) return null
  const equations = lagEquations(series, mean, wanted)
  if (equations.rows < rowsPerCoefficient * (wanted + 1)) return null
  const solution = equations.solve()
  // A constant series has no lags that tell anything.
  if (solution === null) return { differences: 0, intercept: mean, ar: new Float64Array(0), ma: new Float64Array(0) }
  const lags = solution.subarray(1)
  const held = stabilised(lags)
  const share = 1 - held.reduce((sum, value) => sum + value, 0)
  const offset = isStable(lags) ? solution[0]! : 0
  return { differences: 0, intercept: offset + mean * share, ar: held, ma: new Float64Array(0) }
}

function bestOrder(series: Series, mean: number): number | null {
  // 10·log₁₀ n = (10 / ln 10)·ln n.
  let limit = Math.min(largestOrder, Math.floor((10 / Math.LN10) * log(Math.max(1, series.fitRows))))
  let equations = lagEquations(series, mean, limit)
  while (equations.rows < rowsPerCoefficient * (limit + 1)) {
    if (limit === 0) return null
    // Scattered missing values leave few long stretches: look at shorter ones.
    limit = Math.floor(limit / 2)
    equations = lagEquations(series, mean, limit)
  }
  const n = equations.rows
  let best = 0
  let least = Number.POSITIVE_INFINITY
  equations.errorsByWidth().forEach((error, at) => {
    const aic = n * log(error / n) + 2 * (at + 2)
    if (aic < least) [best, least] = [at, aic]
  })
  return best
}

/** Rows of 1 and the last `order` values before a row, centred, with the row's own value as what they give. */
function lagEquations(series: Series, mean: number, order: number): NormalEquations {
  const equations = new NormalEquations(order + 1)
  const x = new Float64Array(order + 1)
  x[0] = 1
  for (const { from, to } of unbrokenRuns(series, 0, series.fitRows)) {
    for (let row = from + order; row < to; row++) {
      for (let lag = 1; lag <= order; lag++) x[lag] = series.values[row - lag]! - mean
      equations.add(x, series.values[row]! - mean)
    }
  }
  return equations
}

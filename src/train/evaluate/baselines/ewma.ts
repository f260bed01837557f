import { type Baseline, emptyForecasts, type Series } from '../series.ts'

/** Golden ratio minus one: each look leaves this share of the bracket. */
const golden = 0.6180339887498949

/**
 * The exponentially weighted moving average: level ← level + alpha·(value − level), the level is what comes.
 *
 * Works when the level wanders without a trend; with a trend it lags. A missing value leaves the level as it is; after a
 * gap the level starts again at the first value.
 * Source: simple exponential smoothing (Brown 1956; Hyndman and Athanasopoulos, Forecasting, 3rd ed., 8.1).
 */
export const ewma: Baseline = {
  name: 'EWMA',
  summary: 'an exponentially weighted mean of the values so far',
  predict(series, horizons) {
    const out = emptyForecasts(series, horizons)
    const alpha = fitAlpha(series)
    let level = Number.NaN
    series.values.forEach((value, row) => {
      level = nextLevel(level, value, series.gapBefore[row] === 1, alpha)
      out.fill(level, row * horizons, (row + 1) * horizons)
    })
    return out
  },
}

/**
 * The alpha in (0, 1] with the least squared one-step error on the fit rows: the best of 0.01, 0.02, …, 1, then a
 * golden-section search beside it. 1 (the naive forecast) where there is nothing to fit on.
 */
export function fitAlpha(series: Series): number {
  let best = 1
  let least = squaredError(series, 1)
  for (let step = 1; step < 100; step++) {
    const error = squaredError(series, step / 100)
    if (error < least) [best, least] = [step / 100, error]
  }
  let low = Math.max(0.001, best - 0.01)
  let high = Math.min(1, best + 0.01)
  while (high - low > 1e-5) {
    const left = high - golden * (high - low)
    const right = low + golden * (high - low)
    if (squaredError(series, left) < squaredError(series, right)) high = right
    else low = left
  }
  const middle = (low + high) / 2
  return squaredError(series, middle) < least ? middle : best
}

function nextLevel(level: number, value: number, isAfterGap: boolean, alpha: number): number {
  const kept = isAfterGap ? Number.NaN : level
  if (!Number.isFinite(value)) return kept
  return Number.isNaN(kept) ? value : kept + alpha * (value - kept)
}

function squaredError({ values, gapBefore, fitRows }: Series, alpha: number): number {
  let sum = 0
  let level = Number.NaN
  for (let row = 0; row < fitRows; row++) {
    const value = values[row]!
    const error = gapBefore[row] === 1 ? Number.NaN : value - level
    if (Number.isFinite(error)) sum += error * error
    level = nextLevel(level, value, gapBefore[row] === 1, alpha)
  }
  return sum
}

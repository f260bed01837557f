import { assert } from '../../base/assert.ts'
import { erf, exp } from '../../base/math.ts'

/**
 * Losses row by row, NaN where the truth or what was predicted is missing; `metrics.ts` takes their means.
 *
 * Shapes: all arrays (N) alike. Units: those of the values, squared for squared errors.
 */
type RowLoss = (truth: Float64Array, predicted: Float64Array) => Float64Array

/** (y − f)². */
export const squaredErrors: RowLoss = (truth, predicted) => rowByRow(truth, predicted, (y, f) => (y - f) * (y - f))

/** |y − f|. */
export const absoluteErrors: RowLoss = (truth, predicted) => rowByRow(truth, predicted, (y, f) => Math.abs(y - f))

/** 200·|y − f| / (|y| + |f|), in percent from 0 to 200; 0 where both are zero. Source: Makridakis et al., the M4 competition. */
export const symmetricErrors: RowLoss = (truth, predicted) =>
  rowByRow(truth, predicted, (y, f) => {
    const size = Math.abs(y) + Math.abs(f)
    return size === 0 ? 0 : (200 * Math.abs(y - f)) / size
  })

/** The quantile loss: level·(y − f) where y ≥ f, (1 − level)·(f − y) below. Source: Koenker and Bassett 1978. */
export function pinballLosses(truth: Float64Array, quantile: Float64Array, level: number): Float64Array {
  return rowByRow(truth, quantile, (y, f) => (y >= f ? level * (y - f) : (1 - level) * (f - y)))
}

/**
 * The mean pinball loss over all levels; NaN where any of the quantiles is missing.
 *
 * Shapes: each quantile (N), by its level between 0 and 1.
 */
export function meanPinballLosses(truth: Float64Array, quantiles: ReadonlyMap<number, Float64Array>): Float64Array {
  const sum = new Float64Array(truth.length)
  for (const [level, quantile] of quantiles) {
    pinballLosses(truth, quantile, level).forEach((loss, row) => {
      sum[row] = sum[row]! + loss
    })
  }
  return sum.map((value) => value / quantiles.size)
}

/**
 * The continuous ranked probability score of a normal forecast, with z = (y − mean)/sd:
 * sd·(z·(2Φ(z) − 1) + 2φ(z) − 1/√π); |y − mean| where sd is 0.
 *
 * Source: Gneiting and Raftery, JASA 102 (2007), equation 21 and below.
 */
export function gaussianCrps(truth: Float64Array, mean: Float64Array, deviation: Float64Array): Float64Array {
  return truth.map((y, row) => {
    const error = y - mean[row]!
    const sd = deviation[row]!
    if (sd === 0) return Math.abs(error)
    const z = error / sd
    const density = exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
    return sd * (z * erf(z / Math.SQRT2) + 2 * density - 1 / Math.sqrt(Math.PI))
  })
}

/**
 * The CRPS of a forecast of which some quantiles are known: twice their mean pinball loss.
 *
 * Works when the levels are many and evenly spread; fails (an approximation from below or above) when they are few.
 * Source: Laio and Tamea, HESS 11 (2007): CRPS = 2·∫₀¹ pinball dlevel.
 */
export function quantileCrps(truth: Float64Array, quantiles: ReadonlyMap<number, Float64Array>): Float64Array {
  return meanPinballLosses(truth, quantiles).map((loss) => 2 * loss)
}

/** 1 where lower ≤ y ≤ upper, else 0. */
export function insideBand(truth: Float64Array, lower: Float64Array, upper: Float64Array): Float64Array {
  return truth.map((y, row) => {
    const [low, high] = [lower[row]!, upper[row]!]
    return Number.isNaN(y + low + high) ? Number.NaN : y >= low && y <= high ? 1 : 0
  })
}

/** upper − lower, where there is a truth. */
export function bandWidths(truth: Float64Array, lower: Float64Array, upper: Float64Array): Float64Array {
  return truth.map((y, row) => (Number.isNaN(y) ? y : upper[row]! - lower[row]!))
}

function rowByRow(truth: Float64Array, predicted: Float64Array, loss: (y: number, f: number) => number): Float64Array {
  assert(truth.length === predicted.length, `a truth of ${truth.length} rows needs as many predictions`)
  return truth.map((y, row) => {
    const f = predicted[row]!
    return Number.isNaN(y) || Number.isNaN(f) ? Number.NaN : loss(y, f)
  })
}

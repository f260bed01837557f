/** Centre and shrunk covariance of rows. */
export interface Moments {
  /** (p) */
  readonly mean: Float64Array
  /** (p,p), symmetric, positive definite unless no column varies. */
  readonly covariance: Float64Array
  /** Share of the target, 0…1: how much of the sample covariance was not believed. */
  readonly shrinkage: number
}

/**
 * Mean and Ledoit-Wolf covariance of rows: the sample covariance drawn towards the mean variance times identity, as far as
 * its own sampling noise demands.
 *
 * Works with fewer rows than columns, and with missing values (NaN): every mean is over the rows that have the column, every
 * product over those that have both, so that one silent channel costs no row of the others; columns without a row have mean 0.
 * Fails to see correlations of columns that are never there together.
 * Shapes: rows (n,p) row-major. Cost: 2·n·p² flops.
 * Source: Ledoit and Wolf, Journal of Multivariate Analysis 88 (2004); with all values there, the estimate is scikit-learn's
 * `ledoit_wolf`.
 */
export function ledoitWolf(rows: Float64Array, p: number): Moments {
  const n = Math.floor(rows.length / p)
  const mean = columnMeans(rows, n, p)
  const product = new Float64Array(p * p)
  const square = new Float64Array(p * p)
  const count = new Float64Array(p * p)
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < p; i++) {
      const di = rows[row * p + i]! - mean[i]!
      if (Number.isNaN(di)) continue
      for (let j = 0; j <= i; j++) {
        const both = di * (rows[row * p + j]! - mean[j]!)
        if (Number.isNaN(both)) continue
        const at = i * p + j
        product[at] = product[at]! + both
        square[at] = square[at]! + both * both
        count[at] = count[at]! + 1
      }
    }
  }
  return { mean, ...shrink(product, square, count, p) }
}

function columnMeans(rows: Float64Array, n: number, p: number): Float64Array {
  const mean = new Float64Array(p)
  for (let i = 0; i < p; i++) {
    let sum = 0
    let count = 0
    for (let row = 0; row < n; row++) {
      const value = rows[row * p + i]!
      if (Number.isNaN(value)) continue
      sum += value
      count++
    }
    mean[i] = count > 0 ? sum / count : 0
  }
  return mean
}

function shrink(product: Float64Array, square: Float64Array, count: Float64Array, p: number) {
  const covariance = new Float64Array(p * p)
  let trace = 0
  let size = 0
  let noise = 0
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      const at = i * p + j
      const n = count[at]!
      if (n === 0) continue
      const s = product[at]! / n
      const twice = i === j ? 1 : 2
      covariance[at] = s
      size += twice * s * s
      noise += (twice * (square[at]! / n - s * s)) / n
      if (i === j) trace += s
    }
  }
  const target = trace / p
  const spread = size - p * target * target
  const shrinkage = spread > 0 ? Math.min(1, Math.max(0, noise / spread)) : 1
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (1 - shrinkage) * covariance[i * p + j]! + (i === j ? shrinkage * target : 0)
      covariance[i * p + j] = value
      covariance[j * p + i] = value
    }
  }
  return { covariance, shrinkage }
}

import { novelty } from './constants.ts'
import { N } from './layout.ts'

/** What the sensor's own linear model said of a reading, in y. */
export interface OwnResidual {
  predicted: number
  error: number
}

/** Begins: no weights, unit covariance, unit scale. */
export function startResidual(f: Float64Array, at: number): void {
  f[at + N.covariance] = 1
  f[at + N.covariance + 3] = 1
  f[at + N.covariance + 5] = 1
  f[at + N.scale] = 1
}

/**
 * RESID: the residual of recursive least squares of y on [1, slow mean, usual value]; then learns from it.
 *
 * Robust after fifty rows: Huber's weight, and an outlier of more than six scales counts a twentieth. The first reading has
 * residual 0 and teaches nothing. P stays bounded (trace ≤ 30), so that forgetting cannot wind it up while nothing moves.
 * Shapes: weights (3), P as its upper triangle (6), row by row.
 */
export function takeResidual(
  f: Float64Array,
  at: number,
  y: number,
  slow: number,
  usual: number,
  out: OwnResidual,
): void {
  const rows = f[at + N.rows]!
  if (rows === 0) {
    out.predicted = y
    out.error = 0
    return
  }
  const w = at + N.weights
  out.predicted = f[w]! + f[w + 1]! * slow + f[w + 2]! * usual
  out.error = y - out.predicted
  const size = Math.abs(out.error)
  const scale = f[at + N.scale]!
  learnWeights(f, at, out.error, rows >= novelty.robustAfter ? robustWeight(size, scale) : 1, slow, usual)
  const counted = rows >= novelty.robustAfter ? Math.min(size, novelty.scaleErrorsMost * scale) : size
  const weight = Math.max(novelty.scaleWeight, 1 / (rows + 5))
  f[at + N.scale] = Math.max(scale + weight * (novelty.scaleFactor * counted - scale), novelty.scaleLeast)
}

function robustWeight(size: number, scale: number): number {
  const huber = size <= novelty.huber * scale ? 1 : (novelty.huber * scale) / size
  return size > novelty.outlier * scale ? Math.min(huber, novelty.outlierWeight) : huber
}

function learnWeights(f: Float64Array, at: number, error: number, weight: number, slow: number, usual: number): void {
  const p = at + N.covariance
  const g0 = f[p]! + f[p + 1]! * slow + f[p + 2]! * usual
  const g1 = f[p + 1]! + f[p + 3]! * slow + f[p + 4]! * usual
  const g2 = f[p + 2]! + f[p + 4]! * slow + f[p + 5]! * usual
  const divisor = novelty.forgetting / weight + g0 + slow * g1 + usual * g2
  const w = at + N.weights
  f[w] = f[w]! + (g0 / divisor) * error
  f[w + 1] = f[w + 1]! + (g1 / divisor) * error
  f[w + 2] = f[w + 2]! + (g2 / divisor) * error
  shrink(f, p, g0, g0, divisor)
  shrink(f, p + 1, g0, g1, divisor)
  shrink(f, p + 2, g0, g2, divisor)
  shrink(f, p + 3, g1, g1, divisor)
  shrink(f, p + 4, g1, g2, divisor)
  shrink(f, p + 5, g2, g2, divisor)
  const trace = f[p]! + f[p + 3]! + f[p + 5]!
  if (trace <= novelty.traceMost) return
  for (let i = 0; i < 6; i++) f[p + i] = f[p + i]! * (novelty.traceMost / trace)
}

function shrink(f: Float64Array, p: number, a: number, b: number, divisor: number): void {
  f[p] = (f[p]! - (a / divisor) * b) / novelty.forgetting
}

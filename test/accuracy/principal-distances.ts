import { ledoitWolf } from '../../src/model/stats/ledoit-wolf.ts'
import { sortedQuantile } from '../../src/model/stats/sorted-quantile.ts'

/** Share of the variance that the components kept hold. */
const varianceKept = 0.9

/**
 * The usual statistics of a plant's principal components: Hotelling's T² within those that hold 90 % of the variance and the squared
 * error outside them (SPE), each over its 99 % quantile on other normal ticks, which favours it; the larger counts.
 *
 * Shapes: z and normal (T,C) in scaled units. Source: Chiang, Russell and Braatz, Fault Detection and Diagnosis in Industrial Systems (2001).
 */
export function principalDistances(
  z: Float64Array,
  normal: Float64Array,
  channels: number,
): (z: Float64Array) => number[] {
  const { covariance, shrinkage } = ledoitWolf(z, channels)
  // The sample covariance: what was drawn towards the mean variance is taken back.
  const trace = [...Array(channels).keys()].reduce((sum, i) => sum + covariance[i * channels + i]!, 0)
  const sample = covariance.map((value, at) => {
    const onDiagonal = at % (channels + 1) === 0 ? (shrinkage * trace) / channels : 0
    return (value - onDiagonal) / (1 - shrinkage)
  })
  const { values, vectors } = eigen(sample, channels)
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!)
  let kept = 0
  for (let sum = 0; sum < varianceKept * trace; kept++) sum += values[order[kept]!]!
  const both = (row: Float64Array): [number, number] => {
    let [inside, rest] = [0, row.reduce((sum, one) => sum + one * one, 0)]
    for (const component of order.slice(0, kept)) {
      let score = 0
      for (let i = 0; i < channels; i++) score += row[i]! * vectors[i * channels + component]!
      inside += score ** 2 / values[component]!
      rest -= score ** 2
    }
    return [inside, rest]
  }
  const rowsOf = (all: Float64Array) =>
    Array.from({ length: all.length / channels }, (_, row) => both(all.subarray(row * channels, (row + 1) * channels)))
  const learned = rowsOf(normal)
  const limits = [0, 1].map((which) => sortedQuantile(Float64Array.from(learned, (row) => row[which]!).sort(), 0.99))
  return (all) => rowsOf(all).map(([inside, rest]) => Math.max(inside / limits[0]!, rest / limits[1]!))
}

/** Eigenvalues and vectors (columns) of a symmetric matrix by Jacobi's rotations. */
function eigen(matrix: Float64Array, n: number): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const a = matrix.slice()
  const vectors = new Float64Array(n * n)
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]!) < 1e-14) continue
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * a[p * n + q]!)
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        rotate(a, n, p, q, c, t * c, true)
        rotate(vectors, n, p, q, c, t * c, false)
      }
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors }
}

/** Turns columns p and q, and rows too where the matrix is to stay symmetric. */
function rotate(a: Float64Array, n: number, p: number, q: number, c: number, s: number, isBoth: boolean): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p]!, a[k * n + q]!]
    a[k * n + p] = c * x - s * y
    a[k * n + q] = s * x + c * y
  }
  if (!isBoth) return
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k]!, a[q * n + k]!]
    a[p * n + k] = c * x - s * y
    a[q * n + k] = s * x + c * y
  }
}

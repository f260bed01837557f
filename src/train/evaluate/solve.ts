import { assert } from '../../base/assert.ts'

/** A pivot below this share of its diagonal means that a column is a sum of those before it. */
const smallestPivot = 1e-12

/**
 * The normal equations of least-squares problems with the same inputs, summed row by row: A = Σ x·xᵀ, b = Σ x·y.
 *
 * Works when x and y are centred near zero; fails when not, because squares of large means swallow what differs.
 * Shapes: x (N), A (N,N) of which the lower triangle is kept, b (problems, N). Cost: N²/2 products a row, and N a problem.
 */
export class NormalEquations {
  readonly width: number
  /** How many rows were added. */
  rows = 0
  readonly #a: Float64Array
  readonly #b: Float64Array
  #yy = 0

  /** `problems`: how many targets a row has. */
  constructor(width: number, problems = 1) {
    this.width = width
    this.#a = new Float64Array(width * width)
    this.#b = new Float64Array(problems * width)
  }

  /** Adds one row: its inputs (N) and what they are to give, a number for each problem. */
  add(x: Float64Array, ...y: readonly number[]): void {
    const { width } = this
    assert(x.length === width, `normal equations of ${width} inputs need as many in a row`)
    assert(y.length * width === this.#b.length, 'a row has a target for every problem')
    for (let i = 0; i < width; i++) {
      const xi = x[i]!
      const at = i * width
      for (let j = 0; j <= i; j++) this.#a[at + j] = this.#a[at + j]! + xi * x[j]!
      for (let p = 0; p < y.length; p++) this.#b[p * width + i] = this.#b[p * width + i]! + xi * y[p]!
    }
    this.#yy += y[0]! * y[0]!
    this.rows++
  }

  /**
   * The coefficients of the first `width` inputs, with `added[i]` on the diagonal of each (none: 0).
   *
   * Shapes: (width), or null where an input is a sum of those before it. Source: Cholesky, A + D = L·Lᵀ.
   */
  solve(width = this.width, added?: Float64Array, problem = 0): Float64Array | null {
    const factor = this.#factor(width, added)
    if (factor.length < width * width) return null
    const x = forwardSubstitute(factor, width, this.#b.subarray(problem * this.width))
    for (let i = width - 1; i >= 0; i--) {
      let sum = x[i]!
      for (let k = i + 1; k < width; k++) sum -= factor[k * width + i]! * x[k]!
      x[i] = sum / factor[i * width + i]!
    }
    return x
  }

  /**
   * The squared error of the first problem that is left with the first 1, 2, … inputs, from one factorisation.
   *
   * Shapes: (at most N); shorter where an input is a sum of those before it. Source: with L·z = b, what k inputs
   * explain is z₁² + … + z_k².
   */
  errorsByWidth(): Float64Array {
    const factor = this.#factor(this.width)
    const whole = Math.floor(factor.length / this.width)
    const z = forwardSubstitute(factor, whole, this.#b, this.width)
    let left = this.#yy
    return z.map((part) => {
      left -= part * part
      return Math.max(0, left)
    })
  }

  /** The rows of L (row-major, `width` wide) up to the first that depends on those before it. */
  #factor(width: number, added?: Float64Array): Float64Array {
    const factor = new Float64Array(width * width)
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = this.#a[i * this.width + j]! + (i === j ? (added?.[i] ?? 0) : 0)
        const whole = sum
        for (let k = 0; k < j; k++) sum -= factor[i * width + k]! * factor[j * width + k]!
        if (i !== j) factor[i * width + j] = sum / factor[j * width + j]!
        else if (!(sum > smallestPivot * whole)) return factor.subarray(0, i * width)
        else factor[i * width + i] = Math.sqrt(sum)
      }
    }
    return factor
  }
}

/** z of L·z = b for the first `count` rows of L, whose rows are `stride` apart. */
function forwardSubstitute(factor: Float64Array, count: number, b: Float64Array, stride = count): Float64Array {
  const z = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= factor[i * stride + k]! * z[k]!
    z[i] = sum / factor[i * stride + i]!
  }
  return z
}

import { assert } from '../../../base/assert.ts'
import { NormalEquations } from '../solve.ts'
import { isStable, stabilised } from './stability.ts'

/** Coefficients of an ARMA model and the squared error that they leave. */
export interface ArmaFit {
  readonly ar: Float64Array
  /** e(t) + ma·e(t−1): the sign of statsmodels. */
  readonly ma: Float64Array
  readonly squaredError: number
  /** Rows over which the error was summed. */
  readonly rows: number
}

/** How many times the coefficients are bettered at most; the usual number is below ten. */
const mostSteps = 50
/** The search ends when a step betters the squared error by less than this share. */
const smallestGain = 1e-12

/**
 * Fits an ARMA(p, q) model without intercept by conditional sum of squares.
 *
 * In each stretch the first `burn` values (p at least) are given and the errors there count as zero, so orders that are
 * compared need one `burn`. Start values by Hannan and Rissanen, then Levenberg and Marquardt's method; every step stays
 * where the model is stationary and invertible. Null where there are too few rows.
 * Works when stretches are long against the memory of the MA part; fails (biased) on many short ones.
 * Shapes: each of `stretches` (any length), centred values without a missing one.
 * Source: Box and Jenkins, 7.1.2; Hannan and Rissanen, Biometrika 69 (1982); Marquardt 1963.
 */
export function fitArmaCss(stretches: readonly Float64Array[], p: number, q: number, burn = p): ArmaFit | null {
  assert(burn >= p, `an AR part of order ${p} needs ${p} values before the first error`)
  const rows = stretches.reduce((sum, { length }) => sum + Math.max(0, length - burn), 0)
  if (rows < 5 * (p + q + 1)) return null
  const search = new Search(stretches, p, q, burn)
  let beta = hannanRissanen(stretches, p, q)
  let now = search.squaredError(beta)
  let damping = 1e-3
  for (let step = 0; step < mostSteps && p + q > 0; step++) {
    const next = search.better(beta, damping)
    const error = next === null ? Number.POSITIVE_INFINITY : search.squaredError(next)
    if (next === null || !(error < now)) {
      damping *= 10
      if (damping > 1e8) break
      continue
    }
    const gain = now - error
    beta = next
    now = error
    damping = Math.max(damping / 10, 1e-9)
    if (gain < smallestGain * now) break
  }
  return { ar: beta.slice(0, p), ma: beta.slice(p), squaredError: now, rows }
}

/** Whether the AR part is stationary and the MA part invertible. */
function isAllowed(beta: Float64Array, p: number): boolean {
  return isStable(beta.subarray(0, p)) && isStable(beta.slice(p).map((value) => -value))
}

/** The errors of a model and their slopes by its coefficients, beta = [ar (p)][ma (q)]. */
class Search {
  readonly #stretches: readonly Float64Array[]
  readonly #p: number
  readonly #q: number
  readonly #burn: number
  readonly #errors: Float64Array
  readonly #slopes: readonly Float64Array[]

  constructor(stretches: readonly Float64Array[], p: number, q: number, burn: number) {
    this.#stretches = stretches
    this.#p = p
    this.#q = q
    this.#burn = burn
    const longest = Math.max(0, ...stretches.map(({ length }) => length))
    this.#errors = new Float64Array(longest)
    this.#slopes = Array.from({ length: p + q }, () => new Float64Array(longest))
  }

  /** Σ e² over all rows behind the given ones. */
  squaredError(beta: Float64Array): number {
    let sum = 0
    for (const w of this.#stretches) {
      this.#runErrors(w, beta)
      for (let t = this.#burn; t < w.length; t++) sum += this.#errors[t]! * this.#errors[t]!
    }
    return sum
  }

  /** The coefficients after one damped Gauss–Newton step; null where there is none that is allowed. */
  better(beta: Float64Array, damping: number): Float64Array | null {
    const width = beta.length
    const equations = new NormalEquations(width)
    const scale = new Float64Array(width)
    const x = new Float64Array(width)
    for (const w of this.#stretches) {
      this.#runErrors(w, beta)
      this.#runSlopes(w, beta)
      for (let t = this.#burn; t < w.length; t++) {
        for (let k = 0; k < width; k++) {
          x[k] = this.#slopes[k]![t]!
          scale[k] = scale[k]! + x[k]! * x[k]!
        }
        equations.add(x, -this.#errors[t]!)
      }
    }
    const step = equations.solve(
      width,
      scale.map((value) => value * damping),
    )
    if (step === null) return null
    const next = beta.map((value, k) => value + step[k]!)
    return isAllowed(next, this.#p) ? next : null
  }

  /** e(t) = w(t) − Σ ar·w(t−i) − Σ ma·e(t−j), zero in the given rows. */
  #runErrors(w: Float64Array, beta: Float64Array): void {
    const e = this.#errors
    e.fill(0, 0, Math.min(this.#burn, w.length))
    for (let t = this.#burn; t < w.length; t++) {
      let error = w[t]!
      for (let i = 0; i < this.#p; i++) error -= beta[i]! * w[t - 1 - i]!
      for (let j = 0; j < this.#q && j < t; j++) error -= beta[this.#p + j]! * e[t - 1 - j]!
      e[t] = error
    }
  }

  /** ∂e(t)/∂β = −(w(t−i) or e(t−j)) − Σ ma·∂e(t−j)/∂β. */
  #runSlopes(w: Float64Array, beta: Float64Array): void {
    this.#slopes.forEach((slope, k) => {
      const isAr = k < this.#p
      const source = isAr ? w : this.#errors
      const lag = isAr ? k + 1 : k - this.#p + 1
      slope.fill(0, 0, Math.min(this.#burn, w.length))
      for (let t = this.#burn; t < w.length; t++) {
        let value = t >= lag ? -source[t - lag]! : 0
        for (let j = 0; j < this.#q && j < t; j++) value -= beta[this.#p + j]! * slope[t - 1 - j]!
        slope[t] = value
      }
    })
  }
}

/**
 * Start values: a long autoregression gives errors, then w is regressed on its own lags and on those errors.
 *
 * What is not stationary or not invertible is drawn inside; zeros where the stretches are too short.
 */
function hannanRissanen(stretches: readonly Float64Array[], p: number, q: number): Float64Array {
  const long = q === 0 ? 0 : 20
  const none = new Float64Array(0)
  const coefficients = regress(stretches, stretches, long, 0, long) ?? none
  const errors = stretches.map((w) => w.map((value, t) => (t < long ? 0 : value - weighted(coefficients, w, t))))
  const beta = regress(stretches, errors, p, q, long + Math.max(p, q))
  if (beta === null) return new Float64Array(p + q)
  const ma = stabilised(beta.slice(p).map((value) => -value)).map((value) => -value)
  return Float64Array.of(...stabilised(beta.slice(0, p)), ...ma)
}

function weighted(coefficients: Float64Array, w: Float64Array, t: number): number {
  let sum = 0
  for (let i = 0; i < coefficients.length; i++) sum += coefficients[i]! * w[t - 1 - i]!
  return sum
}

/** w regressed on p lags of itself and q lags of the errors, from row `first` of each stretch on. */
function regress(
  stretches: readonly Float64Array[],
  errors: readonly Float64Array[],
  p: number,
  q: number,
  first: number,
): Float64Array | null {
  const equations = new NormalEquations(p + q)
  const x = new Float64Array(p + q)
  stretches.forEach((w, at) => {
    for (let t = first; t < w.length; t++) {
      for (let i = 0; i < p; i++) x[i] = w[t - 1 - i]!
      for (let j = 0; j < q; j++) x[p + j] = errors[at]![t - 1 - j]!
      equations.add(x, w[t]!)
    }
  })
  return equations.rows < 2 * (p + q) ? null : equations.solve()
}

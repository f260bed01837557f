import { type Baseline, emptyForecasts, knownMean, type Series } from '../series.ts'
import { NormalEquations } from '../solve.ts'

/** A prediction reads this row and those before it: lags 0 to 19. */
const lags = 20
/** Penalties that are tried, as shares of the mean square of the inputs times the rows. */
const penalties = [1e-8, 1e-6, 1e-4, 1e-2, 1]

/** The rows on which a prediction can be made, and their inputs: (N, 1 + lags), the first a 1. */
interface Inputs {
  /** Position among the inputs, by row; −1 where nothing can be said. */
  readonly positionOf: Int32Array
  readonly x: Float64Array
}

/**
 * Ridge regression on the last 20 rows, one for every horizon (direct, not iterated).
 *
 * The penalty is chosen by horizon: fitted on the first four fifths of the fit rows, the least squared error on the last
 * fifth wins, then all fit rows are fitted. The intercept is not penalised.
 * A missing value among the inputs is held at the one before it, and is never what is learned; after a gap nothing is
 * said for 19 rows, counted from the first value.
 * Source: Hoerl and Kennard, Technometrics 12 (1970).
 */
export const ridge: Baseline = {
  name: 'ridge',
  summary: 'ridge regression on the last 20 values, one for every horizon',
  predict(series, horizons) {
    const out = emptyForecasts(series, horizons)
    const mean = knownMean(series, series.fitRows)
    if (Number.isNaN(mean)) return out
    const inputs = inputsOf(series, mean)
    for (let h = 1; h <= horizons; h++) {
      const weights = fitHorizon(series, inputs, mean, h)
      if (weights === null) continue
      for (let row = 0; row < series.values.length; row++) {
        const x = inputsAt(inputs, row)
        if (x !== null) out[row * horizons + h - 1] = mean + dot(weights, x)
      }
    }
    return out
  },
}

function inputsAt({ positionOf, x }: Inputs, row: number): Float64Array | null {
  const at = positionOf[row]!
  return at < 0 ? null : x.subarray(at * (lags + 1), (at + 1) * (lags + 1))
}

function inputsOf({ values, gapBefore }: Series, mean: number): Inputs {
  const rows = values.length
  const positionOf = new Int32Array(rows).fill(-1)
  const x = new Float64Array(rows * (lags + 1))
  const held = new Float64Array(rows)
  let seen = 0
  let count = 0
  for (let row = 0; row < rows; row++) {
    if (gapBefore[row] === 1) seen = 0
    const isKnown = Number.isFinite(values[row]!)
    if (!isKnown && seen === 0) continue
    held[row] = isKnown ? values[row]! - mean : held[row - 1]!
    if (++seen < lags) continue
    const at = count * (lags + 1)
    x[at] = 1
    for (let lag = 0; lag < lags; lag++) x[at + 1 + lag] = held[row - lag]!
    positionOf[row] = count++
  }
  return { positionOf, x: x.subarray(0, count * (lags + 1)) }
}

/** The weights (1 + lags) for one horizon; null where there are too few rows. */
function fitHorizon(series: Series, inputs: Inputs, mean: number, horizon: number): Float64Array | null {
  const split = Math.floor(series.fitRows * 0.8)
  const first = new NormalEquations(lags + 1)
  const all = new NormalEquations(lags + 1)
  eachPair(series, inputs, mean, horizon, 0, series.fitRows, (x, y, target) => {
    if (target < split) first.add(x, y)
    all.add(x, y)
  })
  if (first.rows < 2 * (lags + 1)) return null
  const size = meanSquare(series, mean)
  let best: number = penalties[0]!
  let least = Number.POSITIVE_INFINITY
  for (const penalty of penalties) {
    const weights = first.solve(lags + 1, diagonal(penalty * size * first.rows))
    if (weights === null) continue
    let error = 0
    eachPair(series, inputs, mean, horizon, split, series.fitRows, (x, y) => {
      const e = y - dot(weights, x)
      error += e * e
    })
    if (error < least) [best, least] = [penalty, error]
  }
  return all.solve(lags + 1, diagonal(best * size * all.rows))
}

/** Calls back with each pair of inputs and value `horizon` rows later, whose row lies in `from`…`to`. */
function eachPair(
  { values, gapBefore }: Series,
  inputs: Inputs,
  mean: number,
  horizon: number,
  from: number,
  to: number,
  take: (x: Float64Array, y: number, target: number) => void,
): void {
  let start = 0
  for (let target = 0; target < to; target++) {
    if (gapBefore[target] === 1) start = target
    const row = target - horizon
    // What lies behind a gap is not `horizon` steps later.
    if (target < from || row < start || !Number.isFinite(values[target]!)) continue
    const x = inputsAt(inputs, row)
    if (x !== null) take(x, values[target]! - mean, target)
  }
}

/** The intercept goes free, but for what keeps a constant series solvable. */
function diagonal(penalty: number): Float64Array {
  const added = new Float64Array(lags + 1).fill(penalty)
  added[0] = 0
  return added
}

function meanSquare({ values, fitRows }: Series, mean: number): number {
  let sum = 0
  let n = 0
  for (let row = 0; row < fitRows; row++) {
    const value = values[row]! - mean
    if (!Number.isFinite(value)) continue
    sum += value * value
    n++
  }
  // A constant series has nothing to weigh: any penalty gives weights of zero.
  return sum > 0 ? sum / n : 1
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

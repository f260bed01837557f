import { emptyForecasts, type Series } from '../series.ts'

/**
 * A linear model of a series: w(t) = c + Σ ar·w(t−i) + e(t) + Σ ma·e(t−j), where w is the series, or its differences.
 *
 * Units: intercept in engineering units; the coefficients have none.
 */
export interface ArmaModel {
  /** 0: w is the series itself; 1: w(t) = x(t) − x(t−1). */
  readonly differences: 0 | 1
  readonly intercept: number
  readonly ar: Float64Array
  /** In the sign of statsmodels and of Box and Jenkins' computer programs: e(t) + ma·e(t−1). */
  readonly ma: Float64Array
}

/** What a model remembers of the rows so far; the newest value comes first in every list. */
interface Memory {
  level: number
  readonly w: Float64Array
  readonly e: Float64Array
  /** Values of w that are known since the last start. */
  known: number
}

/**
 * Forecasts of an ARMA model from every row, k steps ahead by iteration with future errors of zero.
 *
 * A missing value is replaced by its own forecast, with an error of zero, so that nothing after it is poisoned. After a
 * gap the model starts again: errors are zero, and nothing is said until as many rows were seen, without a missing
 * one, as it looks back.
 * Shapes: (T,H). Source: Box and Jenkins, Time Series Analysis, 5.2.
 */
export function forecastArma(model: ArmaModel, series: Series, horizons: number): Float64Array {
  const out = emptyForecasts(series, horizons)
  const memory: Memory = {
    level: Number.NaN,
    w: new Float64Array(Math.max(model.ar.length, 1)),
    e: new Float64Array(Math.max(model.ma.length, 1)),
    known: 0,
  }
  series.values.forEach((value, row) => {
    if (series.gapBefore[row] === 1) forget(memory)
    observe(model, memory, value)
    if (isReady(model, memory)) ahead(model, memory, out.subarray(row * horizons, (row + 1) * horizons))
  })
  return out
}

function isReady({ differences, ar }: ArmaModel, { level, known }: Memory): boolean {
  return known >= ar.length && (differences === 0 || Number.isFinite(level))
}

function forget(memory: Memory): void {
  memory.level = Number.NaN
  memory.e.fill(0)
  memory.known = 0
}

/** Takes one value into the memory, or its forecast where it is missing. */
function observe(model: ArmaModel, memory: Memory, value: number): void {
  const isKnown = Number.isFinite(value)
  const isWarm = isReady(model, memory)
  if (!isKnown && !isWarm) {
    forget(memory)
    return
  }
  const expected = isWarm ? nextW(model, memory) : Number.NaN
  const base = model.differences === 1 ? memory.level : 0
  const w = isKnown ? value - base : expected
  memory.level = isKnown ? value : base + expected
  // The first value after a start has no difference yet.
  if (Number.isNaN(w)) return
  push(memory.w, w)
  push(memory.e, isWarm ? w - expected : 0)
  memory.known++
}

function nextW({ intercept, ar, ma }: ArmaModel, { w, e }: Memory): number {
  let sum = intercept
  for (let i = 0; i < ar.length; i++) sum += ar[i]! * w[i]!
  for (let j = 0; j < ma.length; j++) sum += ma[j]! * e[j]!
  return sum
}

function push(list: Float64Array, newest: number): void {
  list.copyWithin(1, 0)
  list[0] = newest
}

function ahead(model: ArmaModel, memory: Memory, out: Float64Array): void {
  const future: Memory = { ...memory, w: memory.w.slice(), e: memory.e.slice() }
  for (let h = 0; h < out.length; h++) {
    const w = nextW(model, future)
    push(future.w, w)
    push(future.e, 0)
    future.level = model.differences === 1 ? future.level + w : w
    out[h] = future.level
  }
}

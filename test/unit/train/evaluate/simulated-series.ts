import { createPrng } from '../../../../src/base/prng.ts'
import type { Series } from '../../../../src/train/evaluate/series.ts'

/** What a series is made of, where it is not the usual. */
export type SeriesParts = Partial<Omit<Series, 'values'>>

/** A series without a gap but the one before its first row; all rows may be fitted on. */
export function seriesOf(values: ArrayLike<number>, parts: SeriesParts = {}): Series {
  const gapBefore = new Uint8Array(values.length)
  gapBefore[0] = 1
  return {
    values: Float64Array.from(values),
    gapBefore,
    fitRows: values.length,
    season: null,
    stepMs: 60_000,
    ...parts,
  }
}

/** Gap marks for a series of so many rows. */
export function gapsAt(rows: number, ...at: readonly number[]): Uint8Array {
  const gapBefore = new Uint8Array(rows)
  gapBefore[0] = 1
  for (const row of at) gapBefore[row] = 1
  return gapBefore
}

/** An ARMA process and where it starts. */
export interface Process {
  readonly seed: number
  readonly rows: number
  readonly ar?: readonly number[]
  readonly ma?: readonly number[]
  readonly mean?: number
}

/**
 * A simulated ARMA process that Python repeats bit for bit: the noise is the sum of twelve numbers of the minimal
 * standard generator (Park and Miller 1988, multiplier 48271) less six, and the first 100 rows are thrown away.
 */
export function simulate({ seed, rows, ar = [], ma = [], mean = 0 }: Process): Float64Array {
  let state = seed
  const noise = Float64Array.from({ length: rows + 100 }, () => {
    let sum = -6
    for (let k = 0; k < 12; k++) {
      state = (state * 48271) % 2147483647
      sum += state / 2147483647
    }
    return sum
  })
  const w = new Float64Array(rows + 100)
  for (let t = 0; t < w.length; t++) {
    w[t] = noise[t]!
    ar.forEach((a, i) => {
      if (t > i) w[t] = w[t]! + a * w[t - i - 1]!
    })
    ma.forEach((b, j) => {
      if (t > j) w[t] = w[t]! + b * noise[t - j - 1]!
    })
  }
  return w.slice(100).map((value) => value + mean)
}

/** Sums of the first 1, 2, … values. */
export function cumulated(values: Float64Array): Float64Array {
  let sum = 0
  return values.map((value) => {
    sum += value
    return sum
  })
}

/** A wave of a period with noise on it. */
export function wave(rows: number, period: number, noise: number, seed = 1): Float64Array {
  const prng = createPrng(seed)
  return Float64Array.from({ length: rows }, (_, t) => 3 * Math.sin((2 * Math.PI * t) / period) + noise * prng.normal())
}

import type { Series } from './series.ts'

const dayMs = 86_400_000
/** A season must be seen this often before it is believed. */
const seasonsNeeded = 4
/** A day or a week is expected: the usual 95 % convince. */
const expectedErrors = 1.96
/** Among many lags one is two errors high by chance; it takes more to name one that nobody expected. */
const searchedErrors = 3.5
/** Below this, or less than this above the trough before it, a season explains so little that it is better left out. */
const smallestCorrelation = 0.1
/** Longest lag that is searched; a longer season must be a day or a week. */
const longestLag = 2000
/** Rows that are looked at, the newest; more tell nothing new and cost time. */
const mostRows = 50_000

/**
 * The rows of one season: a day or a week, where the autocorrelation there is a significant peak (of two, the higher);
 * else the strongest significant peak of all lags; else null.
 *
 * A peak is the highest within a tenth of its lag, and stands above the trough before it, so a slow decay is no season.
 * Significance is by Bartlett's standard error √((1 + 2·Σ ρ²)/n) over the smaller lags, which a season itself widens: a
 * day is believed when it was seen four or five times, a season that nobody expects after twelve or so.
 * Fails (null) when a drift or a step in level hides the season; a season under much noise may be a row off.
 * Units: rows. Cost: rows × lags, at most 50,000 × the longest lag that is looked at.
 * Source: Bartlett, JRSS Supplement 8 (1946).
 */
export function seasonOf(values: Float64Array, gapBefore: Uint8Array, stepMs: number): number | null {
  const first = Math.max(0, values.length - mostRows)
  const rows = { values: values.subarray(first), gapBefore: gapBefore.subarray(first) }
  const longest = Math.floor(rows.values.length / seasonsNeeded)
  const named = [dayMs, 7 * dayMs].map((ms) => Math.round(ms / stepMs)).filter((lag) => lag >= 2 && lag <= longest)
  const reach = Math.max(...named.map((lag) => Math.ceil(lag * 1.1) + 1), Math.min(longestLag, longest))
  const correlation = autocorrelation(rows, reach)
  const errors = bartlettErrors(correlation, rows.values.length)
  const troughs = lowestBefore(correlation)
  const isSeason = (lag: number, sigmas: number): boolean =>
    correlation[lag]! > Math.max(smallestCorrelation, sigmas * errors[lag]!) &&
    correlation[lag]! - troughs[lag]! > smallestCorrelation
  // Noise moves a broad peak off its place: a day may be lower than its neighbours by as much as noise is.
  const noise = 2 / Math.sqrt(rows.values.length)
  const expected = named.filter((lag) => isSeason(lag, expectedErrors) && isHighest(correlation, lag, noise))
  if (expected.length > 0) return strongest(correlation, expected)
  const searched: number[] = []
  for (let lag = 2; lag <= Math.min(longestLag, longest); lag++) {
    if (isSeason(lag, searchedErrors) && isHighest(correlation, lag, 0)) searched.push(lag)
  }
  if (searched.length === 0) return null
  // Twice a season is a peak as high as one, but for noise: the shortest of those nearly as high is the season.
  const highest = correlation[strongest(correlation, searched)]!
  return searched.find((lag) => correlation[lag]! >= 0.9 * highest)!
}

/**
 * Autocorrelation at lags 0…`lags`, over the pairs of known values with no gap between them; NaN where there are none.
 *
 * Shapes: (lags + 1). The first is 1.
 */
export function autocorrelation(
  { values, gapBefore }: Pick<Series, 'values' | 'gapBefore'>,
  lags: number,
): Float64Array {
  const mean = meanOfKnown(values)
  const centred = values.map((value) => (Number.isFinite(value) ? value - mean : Number.NaN))
  const segment = new Int32Array(values.length)
  for (let row = 1; row < segment.length; row++) segment[row] = segment[row - 1]! + gapBefore[row]!
  const out = new Float64Array(lags + 1)
  for (let lag = 0; lag <= lags; lag++) out[lag] = covariance(centred, segment, lag) / covariance(centred, segment, 0)
  return out
}

function meanOfKnown(values: Float64Array): number {
  const known = values.filter(Number.isFinite)
  return known.reduce((sum, value) => sum + value, 0) / known.length
}

function covariance(centred: Float64Array, segment: Int32Array, lag: number): number {
  let sum = 0
  let n = 0
  for (let row = lag; row < centred.length; row++) {
    const product = centred[row]! * centred[row - lag]!
    if (segment[row] !== segment[row - lag] || Number.isNaN(product)) continue
    sum += product
    n++
  }
  return n === 0 ? Number.NaN : sum / n
}

function bartlettErrors(correlation: Float64Array, rows: number): Float64Array {
  let squares = 0
  return correlation.map((value, lag) => {
    const error = Math.sqrt((1 + 2 * squares) / rows)
    if (lag > 0 && !Number.isNaN(value)) squares += value * value
    return error
  })
}

/** The lowest correlation of all smaller lags but 0, by lag; 1 where there is none. */
function lowestBefore(correlation: Float64Array): Float64Array {
  let lowest = 1
  return correlation.map((value, lag) => {
    const before = lowest
    if (lag > 0 && value < lowest) lowest = value
    return before
  })
}

/** Whether no lag within a tenth is higher by more than `margin`. */
function isHighest(correlation: Float64Array, lag: number, margin: number): boolean {
  const near = Math.max(1, Math.round(lag / 10))
  for (let other = Math.max(1, lag - near); other <= Math.min(correlation.length - 1, lag + near); other++) {
    if (correlation[other]! > correlation[lag]! + margin) return false
  }
  return true
}

function strongest(correlation: Float64Array, lags: readonly number[]): number {
  return lags.reduce((best, lag) => (correlation[lag]! > correlation[best]! ? lag : best))
}

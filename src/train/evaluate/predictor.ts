import { assert } from '../../base/assert.ts'
import {
  absoluteErrors,
  bandWidths,
  gaussianCrps,
  insideBand,
  meanPinballLosses,
  quantileCrps,
  squaredErrors,
  symmetricErrors,
} from './losses.ts'

/** Standard deviations on either side of the mean that hold 95 % of a normal distribution. */
const gaussianReach = 1.959963984540054

/** A band that is to hold a share of the values. Shapes: (T,H) as what was predicted. */
export interface Band {
  readonly lower: Float64Array
  readonly upper: Float64Array
  /** The share of values that it is to hold, 0.95 for 95 %. */
  readonly level: number
}

/**
 * What one method predicted, as `Baseline.predict` and `forecastsOf` give it.
 *
 * Shapes: all (T,H): at row t, column h − 1, what was predicted of row t + h; NaN where nothing. Units: engineering units.
 */
export interface Predictor {
  readonly name: string
  readonly expected: Float64Array
  /** Standard deviations of normal forecasts around `expected`. */
  readonly deviation?: Float64Array | null
  /** Quantiles by level. */
  readonly quantiles?: ReadonlyMap<number, Float64Array> | null
  /** Default: 95 % of the normal forecasts, or from the lowest to the highest quantile. */
  readonly band?: Band | null
}

/** Losses of one predictor, one a target row; null where it gives nothing to take them from. Shapes: (N). */
export interface RowLosses {
  readonly absolute: Float64Array
  readonly squared: Float64Array
  readonly symmetric: Float64Array
  readonly crps: Float64Array | null
  readonly pinball: Float64Array | null
  readonly inside: Float64Array | null
  readonly width: Float64Array | null
}

/** A column of (T,H) put beside the rows that it speaks of. */
export type Align = (forecasts: Float64Array) => Float64Array

/** The losses of a predictor against a truth (N), NaN where the truth is. */
export function lossesOf(predictor: Predictor, truth: Float64Array, align: Align): RowLosses {
  const expected = align(predictor.expected)
  const deviation = predictor.deviation ? align(predictor.deviation) : null
  const quantiles = predictor.quantiles ? alignAll(predictor.quantiles, align) : null
  const band = bandOf(predictor, expected, deviation, quantiles, align)
  return {
    absolute: absoluteErrors(truth, expected),
    squared: squaredErrors(truth, expected),
    symmetric: symmetricErrors(truth, expected),
    crps: deviation ? gaussianCrps(truth, expected, deviation) : quantiles ? quantileCrps(truth, quantiles) : null,
    pinball: quantiles ? meanPinballLosses(truth, quantiles) : null,
    inside: band ? insideBand(truth, band.lower, band.upper) : null,
    width: band ? bandWidths(truth, band.lower, band.upper) : null,
  }
}

/** The share of values that a predictor's band is to hold; null where it has none. */
export function bandLevel({ band, deviation, quantiles }: Predictor): number | null {
  if (band) return band.level
  if (deviation) return 0.95
  const levels = quantiles ? sortedLevels(quantiles) : []
  return levels.length < 2 ? null : levels.at(-1)! - levels[0]!
}

/** Sums of losses, by which the losses of several horizons are averaged row by row. */
export function addLosses(sum: RowLosses, more: RowLosses): RowLosses {
  const both = (a: Float64Array | null, b: Float64Array | null): Float64Array | null => (a && b ? added(a, b) : null)
  return {
    absolute: added(sum.absolute, more.absolute),
    squared: added(sum.squared, more.squared),
    symmetric: added(sum.symmetric, more.symmetric),
    crps: both(sum.crps, more.crps),
    pinball: both(sum.pinball, more.pinball),
    inside: both(sum.inside, more.inside),
    width: both(sum.width, more.width),
  }
}

/** Losses divided by a number. */
export function divideLosses(losses: RowLosses, by: number): RowLosses {
  const part = (a: Float64Array): Float64Array => a.map((value) => value / by)
  const partOf = (a: Float64Array | null): Float64Array | null => (a ? part(a) : null)
  return {
    absolute: part(losses.absolute),
    squared: part(losses.squared),
    symmetric: part(losses.symmetric),
    crps: partOf(losses.crps),
    pinball: partOf(losses.pinball),
    inside: partOf(losses.inside),
    width: partOf(losses.width),
  }
}

function added(a: Float64Array, b: Float64Array): Float64Array {
  assert(a.length === b.length, 'losses that are added speak of the same rows')
  return a.map((value, row) => value + b[row]!)
}

function alignAll(quantiles: ReadonlyMap<number, Float64Array>, align: Align): ReadonlyMap<number, Float64Array> {
  return new Map([...quantiles].map(([level, values]) => [level, align(values)]))
}

function sortedLevels(quantiles: ReadonlyMap<number, Float64Array>): number[] {
  return [...quantiles.keys()].sort((a, b) => a - b)
}

function bandOf(
  { band }: Predictor,
  expected: Float64Array,
  deviation: Float64Array | null,
  quantiles: ReadonlyMap<number, Float64Array> | null,
  align: Align,
): Omit<Band, 'level'> | null {
  if (band) return { lower: align(band.lower), upper: align(band.upper) }
  if (deviation) {
    return {
      lower: expected.map((mean, row) => mean - gaussianReach * deviation[row]!),
      upper: expected.map((mean, row) => mean + gaussianReach * deviation[row]!),
    }
  }
  const levels = quantiles ? sortedLevels(quantiles) : []
  if (quantiles === null || levels.length < 2) return null
  return { lower: quantiles.get(levels[0]!)!, upper: quantiles.get(levels.at(-1)!)! }
}

import { type Baseline, emptyForecasts } from '../series.ts'

/**
 * The naive forecast: what comes is what was last seen.
 *
 * A missing value leaves the last one before it; after a gap nothing is said until a value is seen.
 */
export const naive: Baseline = {
  name: 'naive',
  summary: 'the last value',
  predict(series, horizons) {
    const out = emptyForecasts(series, horizons)
    let last = Number.NaN
    series.values.forEach((value, row) => {
      if (series.gapBefore[row] === 1) last = Number.NaN
      if (Number.isFinite(value)) last = value
      out.fill(last, row * horizons, (row + 1) * horizons)
    })
    return out
  },
}

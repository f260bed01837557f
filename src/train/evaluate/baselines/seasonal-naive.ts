import { type Baseline, emptyForecasts, type Series } from '../series.ts'
import { naive } from './naive.ts'

/**
 * The seasonal naive forecast: what comes is what was seen one season before.
 *
 * Rows do not measure time across a gap, so the season is looked up behind the last gap only. Where it cannot be seen
 * there, or the value is missing, the season before that is looked at, and at last the naive forecast is given.
 * Without a season nothing is said.
 */
export const seasonalNaive: Baseline = {
  name: 'seasonal naive',
  summary: 'the value one season before',
  predict(series, horizons) {
    const { season } = series
    if (season === null) return emptyForecasts(series, horizons)
    const out = naive.predict(series, horizons)
    let start = 0
    for (let row = 0; row < series.values.length; row++) {
      if (series.gapBefore[row] === 1) start = row
      for (let h = 1; h <= horizons; h++) {
        const seen = seasonBefore(series, season, row + h, start, row)
        if (seen !== null) out[row * horizons + h - 1] = seen
      }
    }
    return out
  },
}

/** The newest known value in rows `start`…`last` that lies whole seasons before row `of`, two seasons back at most. */
function seasonBefore({ values }: Series, season: number, of: number, start: number, last: number): number | null {
  const nearest = of - season * Math.ceil((of - last) / season)
  for (const row of [nearest, nearest - season]) {
    if (row >= start && Number.isFinite(values[row]!)) return values[row]!
  }
  return null
}

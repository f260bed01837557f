import { describe, expect, it } from 'vitest'
import { ewma, fitAlpha } from '../../../../../src/train/evaluate/baselines/ewma.ts'
import { naive } from '../../../../../src/train/evaluate/baselines/naive.ts'
import { ridge } from '../../../../../src/train/evaluate/baselines/ridge.ts'
import { seasonalNaive } from '../../../../../src/train/evaluate/baselines/seasonal-naive.ts'
import { baselines, baselinesFor } from '../../../../../src/train/evaluate/baselines.ts'
import type { Series } from '../../../../../src/train/evaluate/series.ts'
import { cumulated, gapsAt, type SeriesParts, seriesOf, simulate, wave } from '../simulated-series.ts'

const rows = 900
const fitRows = 600
const horizons = 3
const none = Number.NaN
const process = simulate({ seed: 21, rows, ar: [0.8], ma: [0.3], mean: 50 })

function known(series: Series): SeriesParts {
  return { gapBefore: series.gapBefore, fitRows: series.fitRows, season: series.season }
}

describe.each(baselines.map((baseline) => [baseline.name, baseline] as const))('the baseline %s', (_, baseline) => {
  const holed = process.map((value, row) => (row >= 700 && row < 704 ? none : value))
  const series = seriesOf(holed, { fitRows, season: 24, gapBefore: gapsAt(rows, 300, 800) })
  const forecasts = baseline.predict(series, horizons)

  it('answers (T,H) and says something of most rows', () => {
    expect(forecasts).toHaveLength(rows * horizons)
    // At most 32 rows are lost at the start and after each of two gaps.
    expect(forecasts.filter(Number.isFinite).length).toBeGreaterThan((rows - 3 * 32) * horizons)
  })
  it('reads no row behind the one it predicts from', () => {
    for (const now of [650, 702, 805, 850]) {
      const changed = series.values.map((value, row) => (row > now ? -value * 3 : value))
      const head = (all: Float64Array): Float64Array => all.slice(0, (now + 1) * horizons)
      expect(head(baseline.predict(seriesOf(changed, known(series)), horizons))).toEqual(head(forecasts))
    }
  })
  it('is not poisoned by missing values: it predicts through them and after them', () => {
    const around = forecasts.subarray(699 * horizons, 800 * horizons)
    expect(around.every((value) => value > 30 && value < 70)).toBe(true)
  })
  it('forgets what lies before a gap', () => {
    const changed = series.values.map((value, row) => (row >= fitRows && row < 800 ? value + 1000 : value))
    const behind = (all: Float64Array): Float64Array => all.slice(800 * horizons)
    expect(behind(baseline.predict(seriesOf(changed, known(series)), horizons))).toEqual(behind(forecasts))
  })
  it('takes infinities for missing values', () => {
    const spoilt = series.values.map((value, row) => (row === 702 || row === 10 ? Number.POSITIVE_INFINITY : value))
    const marked = spoilt.map((value) => (Number.isFinite(value) ? value : none))
    expect(baseline.predict(seriesOf(spoilt, known(series)), horizons)).toEqual(
      baseline.predict(seriesOf(marked, known(series)), horizons),
    )
  })
  it('says the constant of a constant series and nothing of an empty one', () => {
    const flat = baseline.predict(seriesOf(new Float64Array(200).fill(4), { fitRows: 150, season: 24 }), 2)
    // Sums of centred zeros give the constant but for roundings.
    expect(flat.subarray(2 * 50).every((value) => Math.abs(value - 4) < 1e-9)).toBe(true)
    const empty = baseline.predict(seriesOf(new Float64Array(50).fill(none), { season: 24 }), 2)
    expect(empty.every(Number.isNaN)).toBe(true)
    expect(baseline.predict(seriesOf([]), 2)).toHaveLength(0)
  })
})

describe('baselinesFor()', () => {
  it('has the seasonal method only where there is a season', () => {
    expect(baselinesFor(seriesOf([1], { season: 24 }))).toEqual(baselines)
    const names = baselinesFor(seriesOf([1])).map(({ name }) => name)
    expect(names).toEqual(['naive', 'EWMA', 'AR', 'MA', 'ARMA', 'ridge'])
  })
})

describe('naive', () => {
  it('holds the last value, over missing ones but not over a gap', () => {
    const series = seriesOf([1, none, 3, none, 5], { gapBefore: gapsAt(5, 3) })
    expect([...naive.predict(series, 1)]).toEqual([1, 1, 3, none, 5])
  })
})

describe('seasonal naive', () => {
  it('says the value one season before, further seasons before for far horizons', () => {
    const series = seriesOf([1, 2, 3, 11, 12, 13], { season: 3 })
    const forecasts = seasonalNaive.predict(series, 4)
    // From the last row, 13: rows 6 to 9 are as rows 3, 4, 5 and 3 were.
    expect([...forecasts.subarray(20)]).toEqual([11, 12, 13, 11])
  })
  it('looks another season back for a missing value, and says the last value where there is none', () => {
    const series = seriesOf([1, 2, none, 4, 5, 6], { season: 2 })
    // Row 4 would be as row 2, which is missing: as row 0. Row 3 from row 1: there is no row behind row 1 but itself.
    expect([...seasonalNaive.predict(series, 1)]).toEqual([1, 1, 2, 1, 4, 5])
  })
  it('does not look across a gap', () => {
    const series = seriesOf([1, 2, 3, 4, 5, 6], { season: 2, gapBefore: gapsAt(6, 3) })
    expect([...seasonalNaive.predict(series, 1)]).toEqual([1, 1, 2, 4, 4, 5])
  })
})

describe('EWMA', () => {
  it('goes alpha of the way to each value', () => {
    const series = seriesOf(process, { fitRows })
    const alpha = fitAlpha(series)
    const [first, second] = [process[0]!, process[1]!]
    const forecasts = ewma.predict(series, 1)
    expect(forecasts[0]).toBe(first)
    expect(forecasts[1]).toBe(first + alpha * (second - first))
  })
  it('finds the alpha that made the series', () => {
    // An IMA(1,1) with ma = −0.7 is what an EWMA with alpha 0.3 is best for; its standard error at 4,000 rows is
    // √((1 − 0.49)/4000) = 0.011, of which this is three.
    const level = cumulated(simulate({ seed: 31, rows: 4000, ma: [-0.7] }))
    expect(Math.abs(fitAlpha(seriesOf(level)) - 0.3)).toBeLessThan(0.034)
    expect(fitAlpha(seriesOf(cumulated(simulate({ seed: 32, rows: 4000, ma: [0.5] }))))).toBeGreaterThan(0.99)
  })
})

describe('ridge', () => {
  it('predicts a wave without noise at every horizon', () => {
    const clean = wave(900, 37, 0)
    const forecasts = ridge.predict(seriesOf(clean, { fitRows: 500 }), 12)
    for (let row = 600; row < 880; row++) {
      for (const h of [1, 12]) {
        // The smallest penalty, 1e-8 of the squares, leaves an error of this size of a wave 3 high.
        expect(Math.abs(forecasts[row * 12 + h - 1]! - clean[row + h]!)).toBeLessThan(1e-4)
      }
    }
  })
  it('comes close to the best there is on an autoregression', () => {
    const series = seriesOf(simulate({ seed: 41, rows: 4000, ar: [0.7] }), { fitRows: 2400 })
    const forecasts = ridge.predict(series, 2)
    const error = (h: number): number => {
      let sum = 0
      for (let row = 2400; row < 3990; row++) sum += (series.values[row + h]! - forecasts[row * 2 + h - 1]!) ** 2
      return sum / 1590
    }
    // The noise has variance 1, two steps ahead 1 + 0.49; 1,590 rows scatter by √(2/1590) = 3.5 %, and this is three of it.
    expect(Math.abs(error(1) - 1)).toBeLessThan(0.11)
    expect(Math.abs(error(2) - 1.49)).toBeLessThan(0.17)
  })
})

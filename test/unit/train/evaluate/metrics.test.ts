import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import {
  coverage,
  crpsOfGaussian,
  crpsOfQuantiles,
  mae,
  mase,
  meanPinball,
  meanWidth,
  mse,
  naiveScale,
  pinball,
  rmse,
  smape,
} from '../../../../src/train/evaluate/metrics.ts'
import { gapsAt, seriesOf } from './simulated-series.ts'

const none = Number.NaN
const truth = Float64Array.of(1, 2, none, 4, 0)
const said = Float64Array.of(2, none, 3, 1, 0)
const of = (...values: number[]): Float64Array => Float64Array.from(values)

describe('the errors of points', () => {
  it('are means over the rows with both a truth and a prediction, and tell how many those are', () => {
    expect(mse(truth, said)).toEqual({ value: 10 / 3, n: 3 })
    expect(mae(truth, said)).toEqual({ value: 4 / 3, n: 3 })
    expect(rmse(truth, said)).toEqual({ value: Math.sqrt(10 / 3), n: 3 })
    expect(mae(of(none), of(1))).toEqual({ value: none, n: 0 })
  })
  it('smape() is in percent up to 200, and 0 where both are zero', () => {
    // 200·1/3, 200·3/5 and 0.
    expect(smape(truth, said).value).toBeCloseTo((200 / 3 + 120) / 3, 12)
    expect(smape(of(0), of(0))).toEqual({ value: 0, n: 1 })
    expect(smape(of(0, 5), of(3, -5)).value).toBe(200)
  })
})

describe('mase()', () => {
  it('divides by the mean change of the fit rows', () => {
    const series = seriesOf([1, 3, 2, 6, 1000], { fitRows: 4 })
    // |2|, |−1| and |4|.
    expect(naiveScale(series)).toBe(7 / 3)
    expect(mase(of(1, 2), of(2, 4), 7 / 3)).toEqual({ value: 1.5 / (7 / 3), n: 2 })
  })
  it('divides by the mean change over a season where there is one', () => {
    expect(naiveScale(seriesOf([1, 3, 2, 6, 1000], { fitRows: 4, season: 2 }))).toBe(2)
  })
  it('leaves out what a gap or a missing value lies in', () => {
    const gapBefore = gapsAt(6, 3)
    expect(naiveScale(seriesOf([1, 2, none, 10, 13, 18], { gapBefore }))).toBe(3)
    expect(naiveScale(seriesOf([1, 2, 3, 10, 13, 18], { gapBefore, season: 2 }))).toBe(5)
  })
  it('says nothing where the fit rows never change', () => {
    expect(mase(of(1), of(2), naiveScale(seriesOf([4, 4, 4]))).value).toBeNaN()
  })
})

describe('the errors of distributions', () => {
  it('pinball() weighs what is above the quantile by its level', () => {
    expect(pinball(of(10), of(8), 0.9).value).toBeCloseTo(1.8, 12)
    expect(pinball(of(8), of(10), 0.9).value).toBeCloseTo(0.2, 12)
    expect(pinball(of(8), of(10), 0.5).value).toBe(1)
  })
  it('meanPinball() is the mean over the levels, of rows with all quantiles', () => {
    const quantiles = new Map([
      [0.1, of(7, none)],
      [0.9, of(8, 8)],
    ])
    const measured = meanPinball(of(10, 10), quantiles)
    expect(measured.n).toBe(1)
    expect(measured.value).toBeCloseTo((0.3 + 1.8) / 2, 12)
  })
  it('crpsOfGaussian() has the known value in the middle, and is an absolute error without a deviation', () => {
    // φ(0)·2 − 1/√π = (√2 − 1)/√π.
    expect(crpsOfGaussian(of(3), of(3), of(2)).value).toBeCloseTo((2 * (Math.SQRT2 - 1)) / Math.sqrt(Math.PI), 12)
    expect(crpsOfGaussian(of(3), of(5), of(0))).toEqual({ value: 2, n: 1 })
    expect(crpsOfGaussian(of(3, 3), of(5, none), of(none, 1)).n).toBe(0)
  })
  it('crpsOfGaussian() is E|X − y| − ½·E|X − X′|, of which it is the closed form', () => {
    const prng = createPrng(5)
    const draws = Float64Array.from({ length: 200_000 }, () => 1 + 2 * prng.normal())
    let sum = 0
    for (let k = 0; k < draws.length; k += 2) {
      const [a, b] = [draws[k]!, draws[k + 1]!]
      sum += (Math.abs(a - 2.5) + Math.abs(b - 2.5)) / 2 - Math.abs(a - b) / 2
    }
    // The 100,000 terms scatter by less than 1.5, their mean by 0.005; this is three of it.
    expect(Math.abs(sum / 100_000 - crpsOfGaussian(of(2.5), of(1), of(2)).value)).toBeLessThan(0.015)
  })
  it('crpsOfQuantiles() comes near the closed form with many quantiles', () => {
    // Quantiles of a uniform distribution on 0…1: its CRPS at y is y²·⅓·… = y³/3 + (1 − y)³/3.
    const levels = Array.from({ length: 200 }, (_, k) => (k + 0.5) / 200)
    const quantiles = new Map(levels.map((level) => [level, of(level, level)]))
    const expected =
      ([0.3, 0.8].map((y) => y ** 3 / 3 + (1 - y) ** 3 / 3) as [number, number]).reduce((a, b) => a + b) / 2
    // The midpoint rule with 200 levels of a loss whose slope is 1 at most: 1/200² of it.
    expect(crpsOfQuantiles(of(0.3, 0.8), quantiles).value).toBeCloseTo(expected, 4)
  })
})

describe('the band', () => {
  it('holds what lies on its edges, and is measured where there is a truth', () => {
    const lower = of(1, 1, 1, none)
    const upper = of(3, 3, 3, 4)
    const seen = of(1, 3, 3.5, 3)
    expect(coverage(seen, lower, upper)).toEqual({ value: 2 / 3, n: 3 })
    expect(meanWidth(seen, lower, upper)).toEqual({ value: 2, n: 3 })
    expect(meanWidth(of(none), of(1), of(2)).n).toBe(0)
  })
})

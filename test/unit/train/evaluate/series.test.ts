import { describe, expect, it } from 'vitest'
import { headOf, knownMean, unbrokenRuns } from '../../../../src/train/evaluate/series.ts'
import { gapsAt, seriesOf } from './simulated-series.ts'

const none = Number.NaN
const series = seriesOf([1, 2, none, none, 5, 6, 7, none], { gapBefore: gapsAt(8, 6), season: 2 })

describe('unbrokenRuns()', () => {
  it('are what missing values and gaps leave of a range', () => {
    expect(unbrokenRuns(series, 0, 8)).toEqual([
      { from: 0, to: 2 },
      { from: 4, to: 6 },
      { from: 6, to: 7 },
    ])
    expect(unbrokenRuns(series, 1, 5)).toEqual([
      { from: 1, to: 2 },
      { from: 4, to: 5 },
    ])
    expect(unbrokenRuns(series, 2, 4)).toEqual([])
  })
})

describe('knownMean()', () => {
  it('is the mean of the known values of the first rows', () => {
    expect(knownMean(series, 5)).toBe(8 / 3)
    expect(knownMean(seriesOf([none]), 1)).toBeNaN()
  })
})

describe('headOf()', () => {
  it('is the series as it was, with fewer rows to fit on', () => {
    expect(headOf(series, 3, 2)).toEqual({ ...seriesOf([1, 2, none]), fitRows: 2, season: 2 })
  })
})

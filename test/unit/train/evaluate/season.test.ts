import { describe, expect, it } from 'vitest'
import { autocorrelation, seasonOf } from '../../../../src/train/evaluate/season.ts'
import { cumulated, gapsAt, seriesOf, simulate, wave } from './simulated-series.ts'

const hourMs = 3_600_000

function found(values: Float64Array, stepMs = hourMs, gapBefore = gapsAt(values.length)): number | null {
  return seasonOf(values, gapBefore, stepMs)
}

describe('seasonOf()', () => {
  it('finds the day of an hourly series, and of one every five minutes, under as much noise as there is wave', () => {
    expect(found(wave(24 * 30, 24, 3))).toBe(24)
    expect(found(wave(288 * 10, 288, 3), 300_000)).toBe(288)
  })
  it('finds the week where it tells more than the day', () => {
    const weekly = wave(24 * 7 * 8, 24, 1).map((value, row) => (Math.floor(row / 24) % 7 < 5 ? value : 0.1 * value - 4))
    expect(found(weekly)).toBe(168)
  })
  it('finds another season where there is no day', () => {
    expect(found(wave(3000, 37, 0.5), 1000)).toBe(37)
    expect(found(wave(3000, 5, 0.5), 1000)).toBe(5)
    expect(found(wave(3000, 26, 0.3))).toBe(26)
  })
  it('finds none in noise, in a random walk, in an autoregression, under a wave too slow to be seen again, nor in a constant', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(found(simulate({ seed, rows: 3000 }))).toBeNull()
      expect(found(cumulated(simulate({ seed, rows: 3000 })))).toBeNull()
      expect(found(simulate({ seed, rows: 3000, ar: [0.95] }))).toBeNull()
    }
    // A wave of two periods decays with wiggles of noise on it.
    expect(found(wave(3000, 1500, 2))).toBeNull()
    expect(found(new Float64Array(500).fill(3))).toBeNull()
    expect(found(new Float64Array(500).fill(Number.NaN))).toBeNull()
  })
  it('wants to have seen a season four times', () => {
    expect(found(wave(95, 24, 0.1))).toBeNull()
    expect(found(wave(120, 24, 0.1))).toBe(24)
    expect(found(Float64Array.of(1))).toBeNull()
  })
  it('goes on with missing values, and does not count across a gap', () => {
    const holed = wave(24 * 30, 24, 1).map((value, row) => (row % 7 === 3 ? Number.NaN : value))
    expect(found(holed)).toBe(24)
    const shifted = wave(24 * 30 + 11, 24, 1).filter((_, row) => row < 300 || row >= 311)
    expect(found(shifted, hourMs, gapsAt(shifted.length, 300))).toBe(24)
  })
})

describe('autocorrelation()', () => {
  it('is the share of variance that a lag explains, over known pairs without a gap between', () => {
    const series = seriesOf([1, -1, 1, -1, Number.NaN, -1, 1, -1, 1], { gapBefore: gapsAt(9, 6) })
    const [zero, one, two] = autocorrelation(series, 2)
    expect(zero).toBe(1)
    expect(one).toBe(-1)
    expect(two).toBe(1)
  })
  it('comes near a power of the coefficient for an autoregression', () => {
    const correlation = autocorrelation(seriesOf(simulate({ seed: 8, rows: 20_000, ar: [0.7] })), 3)
    // Three Bartlett errors of 20,000 rows: 3·√((1 + 2·(0.49 + 0.24))/20000) = 0.033.
    for (const [lag, expected] of [1, 0.7, 0.49, 0.343].entries()) {
      expect(Math.abs(correlation[lag]! - expected)).toBeLessThan(0.033)
    }
  })
})

import { describe, expect, test } from 'vitest'
import { scalerKinds } from '../../../../src/model/model.ts'
import { fitScale } from '../../../../src/train/data/scaler.ts'

describe('fitScale()', () => {
  const values = Array.from({ length: 101 }, (_, at) => at)

  test('standard is mean and deviation, minmax the range, robust median and quartiles', () => {
    // 0…100: variance (101² − 1) / 12; quartiles 25 and 75.
    expect(fitScale('standard', values, 'a').center).toBeCloseTo(50, 12)
    expect(fitScale('standard', values, 'a').scale).toBeCloseTo(Math.sqrt(850), 12)
    expect(fitScale('minmax', values, 'a')).toEqual({ center: 0, scale: 100 })
    expect(fitScale('robust', values, 'a')).toEqual({ center: 50, scale: 50 / 1.349 })
    expect(fitScale('none', values, 'a')).toEqual({ center: 0, scale: 1 })
  })

  test('robust hardly moves for outliers, however far off they are', () => {
    const many = Array.from({ length: 1_001 }, (_, at) => at / 10)
    expect(fitScale('robust', [...many, 1e7, -1e7], 'a').center).toBeCloseTo(50, 9)
    // Quartiles move by half a place of 1,003: 0.1.
    expect(fitScale('robust', [...many, 1e7, -1e7], 'a').scale).toBeCloseTo(50.1 / 1.349, 9)
  })

  test.each(scalerKinds)('%s of a flat sensor is finite and positive, at zero too', (kind) => {
    for (const level of [0, -40, 1e6]) {
      const { center, scale } = fitScale(kind, [level, level, level], 'a')
      expect(scale).toBeGreaterThan(0)
      expect(Number.isFinite(scale) && Number.isFinite((level - center) / scale)).toBe(true)
    }
  })

  test('what is missing is not counted; nothing at all is an error that names the channel', () => {
    expect(fitScale('minmax', [Number.NaN, 2, 6, Number.NaN], 'a')).toEqual({ center: 2, scale: 4 })
    expect(() => fitScale('standard', [Number.NaN], 'flow')).toThrow(/^flow: no good reading/)
  })
})

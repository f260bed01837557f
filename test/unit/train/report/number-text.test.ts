import { describe, expect, it } from 'vitest'
import { columnText, exponentOf, numberText, powerText } from '../../../../src/train/report/number-text.ts'

describe('numberText()', () => {
  it('writes about four digits, with a real minus sign and powers of ten', () => {
    const cases: readonly [number | null, string][] = [
      [0, '0'],
      [0.1 + 0.2, '0.3'],
      [61.2934, '61.29'],
      [-4.20001, '−4.2'],
      [1234.5, '1235'],
      [12_345.6, '12,346'],
      [0.00012347, '0.0001235'],
      [1.5e-7, '1.5·10⁻⁷'],
      [-1e9, '−10⁹'],
      [null, '–'],
      [Number.NaN, '–'],
      [-Infinity, '−∞'],
    ]
    for (const [value, text] of cases) expect(numberText(value)).toBe(text)
    expect(numberText(6.4853, 3)).toBe('6.49')
    expect(powerText(-2.5e12, 4)).toBe('−2.5·10¹²')
  })
})

describe('columnText()', () => {
  it('gives all numbers of a column the same digits behind the point', () => {
    expect(columnText([0.412, 1.91, -0.5, null])).toEqual(['0.412', '1.910', '−0.500', '–'])
    expect(columnText([61.3, 58.25])).toEqual(['61.3', '58.3'])
    expect(columnText([3, 12_000, -1])).toEqual(['3', '12,000', '−1'])
  })
  it('writes number by number what spans too much', () => {
    expect(columnText([0.00012, 0.25])).toEqual(['0.00012', '0.25'])
    expect(columnText([1e12, 3])).toEqual(['10¹²', '3'])
  })
  it('has an answer for a column without a number', () => {
    expect(columnText([null, Number.NaN])).toEqual(['–', '–'])
    expect(columnText([0, 0])).toEqual(['0', '0'])
    expect(columnText([])).toEqual([])
  })
})

describe('exponentOf()', () => {
  it('is exact at powers of ten', () => {
    for (let power = -300; power <= 300; power += 7) expect(exponentOf(Number(`1e${power}`))).toBe(power)
    expect(exponentOf(-0.05)).toBe(-2)
  })
})

import { describe, expect, it } from 'vitest'
import { axisLabels, formatDuration, formatRate, formatTime, formatValue } from '../../../../src/server/ui/format.ts'

const now = new Date(2026, 10, 23, 14, 3, 22).getTime()

describe('formatValue', () => {
  it.each([
    [null, '–'],
    [Number.NaN, '–'],
    [0, '0.000'],
    [0.1234, '0.123'],
    [-24.54, '−24.54'],
    [871.26, '871.3'],
    [2970.4, '2,970'],
    [1e9, '1.00e+9'],
    [-0.00001, '−1.00e−5'],
  ])('writes %s as %s', (value, text) => {
    expect(formatValue(value)).toBe(text)
  })
})

describe('formatTime', () => {
  it('leaves the date out today, and the year out this year', () => {
    expect(formatTime(now - 1_000, now)).toBe('14:03:21')
    expect(formatTime(new Date(2026, 1, 7, 9, 5, 0).getTime(), now)).toBe('7 Feb, 09:05:00')
    expect(formatTime(new Date(2013, 11, 2, 21, 15, 0).getTime(), now, false)).toBe('2 Dec 2013, 21:15')
    expect(formatTime(null, now)).toBe('–')
  })
})

describe('formatDuration', () => {
  it.each([
    [4_000, '4 s'],
    [60_000, '1 min'],
    [95_000, '1 min 35 s'],
    [5_400_000, '1 h 30 min'],
    [86_400_000, '24 h'],
    [604_800_000, '7 d 0 h'],
  ])('writes %s ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('formatRate', () => {
  it('keeps a digit below ten', () => {
    expect([0, 0.25, 9.94, 42.4, 12_345].map(formatRate)).toEqual(['0', '0.3', '9.9', '42', '12,345'])
  })
})

describe('axisLabels', () => {
  it('writes the date where a day begins, with the year when it is another one', () => {
    const at = (day: number, hour: number) => new Date(2014, 1, day, hour).getTime() / 1_000
    expect(axisLabels([at(7, 18), at(8, 0), at(8, 6)], 6 * 3_600, now)).toEqual([
      '18:00\n7 Feb 2014',
      '00:00\n8 Feb',
      '06:00',
    ])
  })

  it('writes days alone on a long axis, and clock time alone today', () => {
    const day = (month: number) => new Date(2026, month, 1).getTime() / 1_000
    expect(axisLabels([day(0), day(1)], 31 * 86_400, now)).toEqual(['1 Jan', '1 Feb'])
    expect(axisLabels([now / 1_000], 10, now)).toEqual(['14:03:22'])
  })
})

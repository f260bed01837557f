import { describe, expect, it } from 'vitest'
import { linearAxis, logAxis, niceStep, rangeOf } from '../../../../src/train/report/axis.ts'
import { timeAxis, timeText } from '../../../../src/train/report/time-axis.ts'

const labels = (axis: { readonly ticks: readonly { readonly label: string }[] }): string[] =>
  axis.ticks.map(({ label }) => label)

describe('linearAxis()', () => {
  it('puts ticks at multiples of 1, 2 or 5, all with the same digits', () => {
    expect(labels(linearAxis(0, 1, 5))).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0'])
    expect(labels(linearAxis(-3, 12, 5))).toEqual(['−2', '0', '2', '4', '6', '8', '10', '12'])
    expect(labels(linearAxis(-0.07, 0.07, 4))).toEqual(['−0.05', '0.00', '0.05'])
    expect(labels(linearAxis(0, 45_000, 5))).toEqual(['0', '10,000', '20,000', '30,000', '40,000'])
    expect(labels(linearAxis(0, 3e-7, 3))).toEqual(['0', '10⁻⁷', '2·10⁻⁷', '3·10⁻⁷'])
    expect(labels(linearAxis(0, 4e9, 4))).toEqual(['0', '10⁹', '2·10⁹', '3·10⁹', '4·10⁹'])
  })
  it('makes room around a single value', () => {
    for (const value of [0, 5, -1e9, 1e-12]) {
      const axis = linearAxis(value, value, 5)
      expect(axis.place(value)).toBeCloseTo(0.5, 9)
      expect(axis.ticks.length).toBeGreaterThan(1)
    }
  })
  it('places its ends at 0 and 1, and what is unknown nowhere', () => {
    const axis = linearAxis(10, 30, 5)
    expect([axis.place(10), axis.place(20), axis.place(30), axis.place(Number.NaN)]).toEqual([0, 0.5, 1, Number.NaN])
  })
})

describe('logAxis()', () => {
  it('puts ticks at 1, 2 and 5, at powers where it spans more, at even steps where it spans less', () => {
    expect(labels(logAxis(0.01, 1, 6))).toEqual(['0.01', '0.02', '0.05', '0.1', '0.2', '0.5', '1'])
    expect(labels(logAxis(1e-9, 1, 5))).toEqual(['10⁻⁸', '10⁻⁶', '10⁻⁴', '0.01', '1'])
    expect(labels(logAxis(3, 4, 4))).toEqual(['3', '3.2', '3.4', '3.6', '3.8', '4'])
  })
  it('places by magnitude, and nothing that is not above 0', () => {
    const axis = logAxis(1, 100, 5)
    expect(axis.place(10)).toBeCloseTo(0.5, 12)
    expect(axis.place(0)).toBeNaN()
    expect(axis.place(-1)).toBeNaN()
  })
})

describe('timeAxis()', () => {
  const at = (text: string): number => Date.parse(text)
  const texts = (from: string, to: string, count = 6): string[] =>
    timeAxis(at(from), at(to), count).ticks.map(({ label, below }) =>
      below === undefined ? label : `${label}|${below}`,
    )

  it('shows the clock, and the day where it changes', () => {
    expect(texts('2024-03-12T17:10Z', '2024-03-13T08:00Z')).toEqual([
      '18:00|12 Mar',
      '21:00',
      '00:00|13 Mar',
      '03:00',
      '06:00',
    ])
    expect(texts('2024-03-12T00:00:00Z', '2024-03-12T00:00:04Z', 4)[1]).toBe('00:00:01')
    expect(texts('2024-03-12T00:00:00Z', '2024-03-12T00:00:00.1Z', 5)[1]).toBe('00:00:00.020')
  })
  it('shows days counted from the first, and the year where it changes', () => {
    expect(texts('2023-12-20T00:00Z', '2024-01-14T00:00Z')).toEqual([
      '21 Dec|2023',
      '26 Dec',
      '1 Jan|2024',
      '6 Jan',
      '11 Jan',
    ])
  })
  it('shows months and years over long spans', () => {
    expect(texts('2023-05-03T00:00Z', '2024-06-01T00:00Z')).toEqual(['Jul|2023', 'Oct', 'Jan|2024', 'Apr'])
    expect(texts('1990-05-03T00:00Z', '2024-06-01T00:00Z', 4)).toEqual(['1990', '2000', '2010', '2020'].slice(1))
  })
  it('has an axis for a single instant', () => {
    const ms = at('2024-03-12T06:00Z')
    expect(timeAxis(ms, ms, 5).place(ms)).toBe(0.5)
    expect(timeText(ms)).toBe('12 Mar 2024 06:00')
  })
})

describe('niceStep() and rangeOf()', () => {
  it('give steps that a reader can count by, and the range of what is known', () => {
    expect([niceStep(10, 5), niceStep(9, 5), niceStep(0.3, 7), niceStep(8000, 3)]).toEqual([2, 2, 0.05, 2000])
    expect(
      rangeOf([
        [1, Number.NaN],
        [-2, Infinity],
      ]),
    ).toEqual([-2, 1])
    expect(rangeOf([[Number.NaN], []])).toBeNull()
  })
})

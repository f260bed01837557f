import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { faultNames, faults } from './faults.mjs'
import { kindNames } from './kinds.mjs'
import { cleanSeries, faultySeries, severities } from './series.mjs'

const rows = 2000
const periodRows = 100
/** A rhythm with noise, of about unit spread. */
function signal(): Float64Array {
  const random = createPrng(7)
  return Float64Array.from({ length: rows }, (_, t) => Math.sin((2 * Math.PI * t) / periodRows) + 0.2 * random.normal())
}

describe('a fault', () => {
  test.each(faultNames)('%s changes the rows that it labels, and no other', (name) => {
    const clean = signal()
    for (const sign of [1, -1] as const) {
      const values = signal()
      const place = { first: 1200, spread: 1, size: 1, sign, periodRows, random: createPrng(3) }
      const last = faults[name].inject(values, place)
      const changed = [...values.keys()].filter((t) => values[t] !== clean[t])
      if (name === 'silent') expect(changed).toEqual([])
      else expect(changed.length).toBeGreaterThan(0.1 * (last - place.first + 1))
      expect(changed.every((t) => t >= place.first && t <= last)).toBe(true)
      expect(last).toBeLessThan(rows)
    }
  })

  test('that is subtle is smaller than a plain one', () => {
    const shiftOf = (size: number): number => {
      const values = signal()
      faults.level.inject(values, { first: 1200, spread: 1, size, sign: 1, periodRows, random: createPrng(3) })
      return values[1200]! - signal()[1200]!
    }
    expect(shiftOf(0.5)).toBeCloseTo(1.5, 10)
    expect(shiftOf(1)).toBeCloseTo(3, 10)
  })
})

describe('the bench', () => {
  test('knows at least twenty kinds, and each fault on at least eight of them', () => {
    expect(kindNames.length).toBeGreaterThanOrEqual(20)
    for (const fault of faultNames) {
      const on = kindNames.filter((kind) => faultySeries(kind, fault, 'plain', 0) !== null)
      expect(on.length, fault).toBeGreaterThanOrEqual(8)
    }
  }, 60_000)

  test('gives the same series for the same seed, another for another, and halves by seed', () => {
    const [a, again, b] = [0, 0, 1].map((seed) => faultySeries('tank', 'level', 'subtle', seed)!)
    expect(again).toEqual(a)
    expect(b!.values).not.toEqual(a!.values)
    expect([a!.half, b!.half]).toEqual(['choose', 'report'])
    expect(faultySeries('tank', 'level', severities[1]!, 0)!.values).not.toEqual(a!.values)
  })

  test('labels one window in the second half, by the rows that arrive', () => {
    for (const kind of ['daily', 'gaps', 'missingReadings', 'jittered'] as const) {
      const series = faultySeries(kind, 'level', 'plain', 2)!
      const [[first, last] = [0, 0]] = series.windows
      expect(first).toBeGreaterThan(0.4 * series.values.length)
      expect(last - first).toBeGreaterThan(50)
      expect(last).toBeLessThan(series.values.length)
      expect(series.timeMs.every((timeMs, row) => row === 0 || timeMs > series.timeMs[row - 1]!)).toBe(true)
    }
  })

  test('a fault of a constant is one per cent of it and more, not what rounding leaves', () => {
    const { values, windows } = faultySeries('constant', 'level', 'subtle', 0)!
    const [first] = windows[0]!
    expect(Math.abs(values[first]! / values[first - 1]! - 1)).toBeGreaterThan(0.01)
  })

  test('silence has a gap in its window and no reading in the gap', () => {
    const { timeMs, windows, stepMs } = faultySeries('noisy', 'silent', 'plain', 0)!
    const [first] = windows[0]!
    expect(timeMs[first]! - timeMs[first - 1]!).toBeGreaterThan(90 * stepMs)
  })

  test('a third of the readings of one kind is missing, and a counter never falls but to start again', () => {
    const sparse = cleanSeries('missingReadings', 0)
    expect(sparse.values.length / 8640).toBeGreaterThan(0.6)
    expect(sparse.values.length / 8640).toBeLessThan(0.8)
    const falls = cleanSeries('counter', 0).values.filter((x, row, all) => row > 0 && x < all[row - 1]!)
    expect(falls.length).toBeGreaterThanOrEqual(28)
    expect(falls.length).toBeLessThanOrEqual(30)
  })

  test.each(kindNames)('%s gives a month of numbers without a label', (kind) => {
    const { values, windows, timeMs } = cleanSeries(kind, 1)
    expect(values.every(Number.isFinite)).toBe(true)
    expect(windows).toEqual([])
    expect((timeMs.at(-1)! - timeMs[0]!) / 86_400_000).toBeGreaterThan(29)
  })
})

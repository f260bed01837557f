import { describe, expect, test } from 'vitest'
import { countRows, perSensorDay, rowRates } from './row-rates.mjs'

describe('rates of rows', () => {
  const alarm = Uint8Array.from([1, 0, 0, 1, 1, 0, 1, 0, 0, 0])

  test('count normal and faulty rows apart, from the row after warm-up on', () => {
    expect(countRows(alarm, [[3, 5]])).toEqual({ normal: 7, normalInAlarm: 2, faulty: 3, faultyInAlarm: 2 })
    expect(countRows(alarm, [[3, 5]], 4)).toEqual({ normal: 4, normalInAlarm: 1, faulty: 2, faultyInAlarm: 1 })
  })

  test('are FAR, MAR and F1 over all series', () => {
    const { far, mar, f1 } = rowRates([countRows(alarm, [[3, 5]]), countRows(alarm, [])])
    expect(far).toBeCloseTo(6 / 17, 12)
    expect(mar).toBeCloseTo(1 / 3, 12)
    expect(f1).toBeCloseTo(4 / (3 + 2 + 6), 12)
    expect(rowRates([countRows(new Uint8Array(5), [])])).toEqual({ far: 0, mar: 0, f1: 0 })
  })

  test('an alarm in 288 rows of five minutes is one a day', () => {
    expect(perSensorDay(1, 288, 300_000)).toBe(1)
    expect(perSensorDay(3, 8_640, 300_000)).toBeCloseTo(0.1, 12)
  })
})

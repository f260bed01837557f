import { describe, expect, test } from 'vitest'
import { CivilCalendar, utcCalendar } from '../../../src/base/civil-calendar.ts'
import { timeZoneTable } from '../../../src/base/time-zone.ts'
import { calendarCycles, calendarMisfit, calendarWidth, writeCalendar } from '../../../src/model/calendar.ts'

const at = (cycle: (typeof calendarCycles)[number], iso: string): number[] => {
  const to = new Float64Array(2)
  writeCalendar([cycle], utcCalendar, Date.parse(iso), to, 0)
  return [...to]
}

describe('writeCalendar()', () => {
  test.each([
    ['hour', '2024-05-01T13:00:00Z', '2024-05-01T13:15:00Z'],
    ['day', '2024-05-01T00:00:00Z', '2024-05-01T06:00:00Z'],
    // 2024-04-29 was a Monday; a quarter of a week is 42 hours.
    ['week', '2024-04-29T00:00:00Z', '2024-04-30T18:00:00Z'],
  ] as const)('a %s begins at sine 0, cosine 1, and a quarter later they are 1, 0', (cycle, start, quarter) => {
    // base/math.ts promises its sine within a few units of the last place.
    for (const [index, value] of [0, 1].entries()) expect(at(cycle, start)[index]).toBeCloseTo(value, 12)
    for (const [index, value] of [1, 0].entries()) expect(at(cycle, quarter)[index]).toBeCloseTo(value, 12)
  })

  test('a year is 365.2425 days, so that midsummer stays where it is', () => {
    // The beginning of 2024 is 54 mean years after 1970 within a day: an angle of less than 2π / 365.
    expect(at('year', '2024-01-01T00:00:00Z')[1]).toBeGreaterThan(0.999)
    expect(at('year', '2024-07-02T00:00:00Z')[1]).toBeLessThan(-0.999)
  })

  test('times before 1970 have a phase, too', () => {
    expect(at('day', '1969-12-31T06:00:00Z')[0]).toBeCloseTo(1, 12)
  })

  test('writes two values a cycle, in the order asked for, and nothing beside them', () => {
    const to = new Float32Array(2 + calendarWidth(calendarCycles)).fill(9)
    writeCalendar(['day', 'hour'], utcCalendar, Date.parse('2024-05-01T06:30:00Z'), to, 1)
    expect(to[0]).toBe(9)
    expect(to[4]).toBeCloseTo(-1, 6)
    expect(new Set(to.subarray(5))).toEqual(new Set([9]))
  })
})

describe('in a calendar of a place', () => {
  const shifts = [{ name: 'early', fromMinute: 0, toMinute: 480, days: [0, 1, 2, 3, 4] }]
  const zone = timeZoneTable('Europe/Berlin')!
  const berlin = new CivilCalendar({ zone, holidays: [20_812], shifts, dayStartMinute: 360 })
  const of = (cycle: (typeof calendarCycles)[number], iso: string): number[] => {
    const to = new Float64Array(2)
    writeCalendar([cycle], berlin, Date.parse(iso), to, 0)
    return [...to].map((value) => Math.round(value * 1e9) / 1e9 + 0)
  }

  test('days begin at local midnight, in summer and winter', () => {
    expect(of('day', '2026-07-01T22:00:00Z')).toEqual([0, 1])
    expect(of('day', '2026-12-01T23:00:00Z')).toEqual([0, 1])
  })

  test('a holiday is the same as a Sunday, and no shift runs', () => {
    expect(of('week', '2026-12-25T11:00:00Z')).toEqual(of('week', '2026-12-27T11:00:00Z'))
    expect(of('shift', '2026-12-25T11:00:00Z')).toEqual([0, 0])
    expect(of('shift', '2026-12-23T07:00:00Z')).toEqual([1, 0])
  })

  test('a network that learned another zone, or shifts that nobody declared, is refused with what to do', () => {
    expect(calendarMisfit(['day'], 'Europe/Berlin', berlin.parts)).toBeNull()
    expect(calendarMisfit([], 'Asia/Tokyo', berlin.parts)).toBeNull()
    expect(calendarMisfit(['day'], 'UTC', berlin.parts)).toMatch(/set timeZone: UTC .*--timezone UTC/)
    expect(calendarMisfit(['shift'], 'UTC', utcCalendar.parts)).toMatch(/no shifts are declared/)
  })
})

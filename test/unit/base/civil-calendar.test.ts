import { describe, expect, test } from 'vitest'
import { CivilCalendar, newMoment, utcCalendar } from '../../../src/base/civil-calendar.ts'
import { timeZoneTable, zoneOffset } from '../../../src/base/time-zone.ts'

const hourMs = 3_600_000
const berlin = timeZoneTable('Europe/Berlin')!
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000

function at(calendar: CivilCalendar, iso: string) {
  const moment = newMoment()
  calendar.locate(Date.parse(iso), moment)
  const minute = moment.minuteOfWeek % 1440
  const clock = `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`
  return { ...moment, text: `${weekdays[Math.floor(moment.minuteOfWeek / 1440)]} ${clock}` }
}

const inBerlin = new CivilCalendar({ zone: berlin, holidays: [], shifts: [], dayStartMinute: 0 })
const three = new CivilCalendar({
  zone: berlin,
  holidays: [dayOf('2026-12-25')],
  shifts: [
    { name: 'early', fromMinute: 0, toMinute: 480, days: [0, 1, 2, 3, 4] },
    { name: 'late', fromMinute: 480, toMinute: 960, days: [0, 1, 2, 3, 4] },
    { name: 'night', fromMinute: 960, toMinute: 1440, days: [0, 1, 2, 3] },
  ],
  dayStartMinute: 330,
})

describe('timeZoneTable()', () => {
  test.each(['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kolkata'])(
    'says of %s, from 1970 to 2099, what the platform says',
    (zone) => {
      const calendar = new CivilCalendar({ zone: timeZoneTable(zone)!, holidays: [], shifts: [], dayStartMinute: 0 })
      const offsetAt = zoneOffset(zone)!
      const moment = newMoment()
      for (let ms = Date.UTC(1970, 0, 1); ms < Date.UTC(2099, 11, 31); ms += 97 * 24 * hourMs + 1_234_567) {
        calendar.locate(ms, moment)
        expect(moment.localMs - ms).toBe(offsetAt(ms))
      }
    },
  )

  test('is undefined for a zone that nobody knows', () => {
    expect(timeZoneTable('Mars/Olympus')).toBeUndefined()
  })
})

describe('CivilCalendar', () => {
  test('follows local time through both changes of the clocks, to the second', () => {
    expect(at(inBerlin, '2026-03-29T00:59:59Z').text).toBe('Sun 1:59')
    expect(at(inBerlin, '2026-03-29T01:00:00Z').text).toBe('Sun 3:00')
    expect(at(inBerlin, '2026-10-25T00:30:00Z').text).toBe('Sun 2:30')
    expect(at(inBerlin, '2026-10-25T01:30:00Z').text).toBe('Sun 2:30')
    expect(at(inBerlin, '2026-07-05T22:00:00Z').text).toBe('Mon 0:00')
  })

  test('places a moment alike, whatever it placed before', () => {
    const times = Array.from({ length: 400 }, (_, i) => Date.UTC(2026, 2, 28) + ((i * 7_919) % 400) * 1_800_000)
    const seen = times.map((ms) => at(three, new Date(ms).toISOString()))
    const fresh = times.map((ms) => at(new CivilCalendar(three.parts), new Date(ms).toISOString()))
    expect(seen).toEqual(fresh)
  })

  test('knows days before 1970 and weekends', () => {
    expect(at(utcCalendar, '1969-12-31T23:59:00Z')).toMatchObject({ text: 'Wed 23:59', isRest: false })
    expect(at(utcCalendar, '2026-12-05T10:00:00Z')).toMatchObject({ text: 'Sat 10:00', isRest: true })
  })

  test('begins the production day with the first shift, and says which one runs', () => {
    // 2026-12-07 is a Monday; in winter Berlin is UTC + 1.
    expect(at(three, '2026-12-07T04:30:00Z')).toMatchObject({ text: 'Mon 0:00', shift: 0, shiftPart: 0, isRest: false })
    expect(at(three, '2026-12-07T16:30:00Z')).toMatchObject({ shift: 1, shiftPart: 0.5 })
    // The night from Thursday to Friday belongs to Thursday; the one after Friday is not worked.
    expect(at(three, '2026-12-11T03:00:00Z')).toMatchObject({ text: 'Thu 22:30', shift: 2, isRest: false })
    expect(at(three, '2026-12-11T23:00:00Z')).toMatchObject({ text: 'Fri 18:30', shift: -1, isRest: true })
  })

  test('takes a holiday for a Sunday on which no shift begins, the night after it included', () => {
    expect(at(three, '2026-12-25T08:00:00Z')).toMatchObject({ text: 'Sun 3:30', shift: -1, isRest: true, movedDays: 2 })
    expect(at(three, '2026-12-24T22:00:00Z')).toMatchObject({ shift: 2, isRest: false, movedDays: 0 })
  })

  test('has a fingerprint of all that it is made of, in whatever order', () => {
    const one = new CivilCalendar({ ...inBerlin.parts, holidays: [1, 2] })
    expect(one.fingerprint).toBe(new CivilCalendar({ ...inBerlin.parts, holidays: [2, 1, 1] }).fingerprint)
    const shorter = { ...berlin, fromMs: berlin.fromMs.slice(1), offsetMs: berlin.offsetMs.slice(1) }
    const others = [inBerlin, three, utcCalendar, new CivilCalendar({ ...one.parts, zone: shorter })]
    expect(new Set([one, ...others].map(({ fingerprint }) => fingerprint)).size).toBe(5)
  })
})

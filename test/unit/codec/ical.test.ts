import { expect, test } from 'vitest'
import { icalDays } from '../../../src/codec/ical.ts'

const calendar = (...lines: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//plant//', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const event = (...lines: string[]): string[] => ['BEGIN:VEVENT', 'UID:a', ...lines, 'END:VEVENT']
const dates = (text: string): string[] =>
  icalDays(text).days.map((day) => new Date(86_400_000 * day).toISOString().slice(0, 10))

test('a whole-day event is its days; its end is the first day after it', () => {
  const text = calendar(
    ...event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227', 'SUMMARY:Shut down'),
    ...event('DTSTART;VALUE=DATE:20260501'),
  )
  expect(dates(text)).toEqual(['2026-05-01', '2026-12-24', '2026-12-25', '2026-12-26'])
})

test('recurring events are followed, without the dates that are left out', () => {
  const text = calendar(
    ...event('DTSTART;VALUE=DATE:20240101', 'RRULE:FREQ=YEARLY;COUNT=3', 'EXDATE;VALUE=DATE:20250101'),
  )
  expect(dates(text)).toEqual(['2024-01-01', '2026-01-01'])
  const forEver = icalDays(calendar(...event('DTSTART;VALUE=DATE:20240101', 'RRULE:FREQ=YEARLY'))).days
  expect(forEver).toHaveLength(77)
})

test('events of hours and cancelled ones are counted, and no days', () => {
  const text = calendar(
    ...event('DTSTART:20260501T080000Z', 'DTEND:20260501T090000Z'),
    ...event('DTSTART;VALUE=DATE:20260501', 'STATUS:CANCELLED'),
  )
  expect(icalDays(text)).toEqual({ days: [], otherEvents: 2 })
})

test.each([
  ['text of another kind', 'a,b\n1,2\n'],
  ['nothing', ''],
  ['a contact', 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n'],
  ['days without end', calendar(...event('DTSTART;VALUE=DATE:19000101', 'RRULE:FREQ=DAILY', 'DURATION:P900D'))],
])('%s is refused', (_, text) => {
  expect(() => icalDays(text)).toThrow()
})

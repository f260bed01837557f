import ICAL from 'ical.js'

const dayMs = 86_400_000
/** Days, since 1970, that recurring events are followed to: 2100. */
const lastDay = Date.UTC(2100, 0, 1) / dayMs
/** Days that the events of one file may be: every day of a century. */
const daysMost = 36_525

/** What a calendar file says of whole days. */
export interface IcalDays {
  /** Local dates, as days since 1970-01-01. */
  readonly days: readonly number[]
  /** Events of hours, and cancelled ones: they are no days. */
  readonly otherEvents: number
}

/**
 * The whole days that the events of an iCalendar file (RFC 5545) cover; those that recur are followed to 2100.
 *
 * Errors: throws for a text that is no such file, or that has more days than a calendar of holidays can have.
 */
export function icalDays(text: string): IcalDays {
  const root = new ICAL.Component(ICAL.parse(text) as unknown[])
  if (root.name !== 'vcalendar') throw new Error(`it holds ${root.name}, no calendar (VCALENDAR)`)
  const days = new Set<number>()
  let otherEvents = 0
  for (const component of root.getAllSubcomponents('vevent')) {
    const event = new ICAL.Event(component)
    if (isWholeDays(event)) addDays(event, days)
    else otherEvents++
  }
  return { days: [...days].sort((a, b) => a - b), otherEvents }
}

function isWholeDays({ startDate, component }: ICAL.Event): boolean {
  return startDate?.isDate === true && component.getFirstPropertyValue('status') !== 'CANCELLED'
}

function dayOf(time: ICAL.Time): number {
  return Date.UTC(time.year, time.month - 1, time.day) / dayMs
}

/** Adds what an event covers. */
function addDays(event: ICAL.Event, days: Set<number>): void {
  const length = Math.max(1, dayOf(event.endDate) - dayOf(event.startDate))
  if (!event.isRecurring()) {
    addRun(days, dayOf(event.startDate), length)
    return
  }
  const starts = event.iterator()
  for (let start = starts.next(); start !== null && start !== undefined; start = starts.next()) {
    if (dayOf(start) > lastDay) break
    addRun(days, dayOf(start), length)
  }
}

function addRun(days: Set<number>, from: number, length: number): void {
  if (days.size + length > daysMost) throw new Error(`its events are more than ${daysMost} days`)
  for (let day = from; day < from + length; day++) days.add(day)
}

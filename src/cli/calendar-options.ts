import type { CivilCalendar } from '../base/civil-calendar.ts'
import { messageOf, type Problem } from '../base/errors.ts'
import { calendarMaker, parseCalendarSettings } from '../config/plant-calendar.ts'
import { readHolidays } from './read-holidays.ts'

/** What a command line says of local time. */
export interface CalendarArguments {
  readonly timezone?: string
  readonly holidays?: string
  readonly shifts?: string
}

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
/** Where a person finds each setting on the command line. */
const options: Readonly<Record<string, keyof CalendarArguments>> = {
  timeZone: 'timezone',
  holidays: 'holidays',
  shifts: 'shifts',
}

/** Names of a list with commas. */
export function listOf(text: string | undefined): string[] {
  const names = text?.split(',').map((name) => name.trim()) ?? []
  return names.filter((name) => name !== '')
}

/** `early=mon-fri/06:00-14:00`, days and end as one likes, as a shift of the configuration; undefined for another text. */
function shiftOf(text: string) {
  const [, name, first, last, from, to] =
    /^([^=]+)=(?:([a-z]{3})(?:-([a-z]{3}))?\/)?(\d\d:\d\d)(?:-(\d\d:\d\d))?$/.exec(text) ?? []
  if (name === undefined) return undefined
  return {
    name,
    from,
    ...(to === undefined ? {} : { to }),
    ...(first === undefined ? {} : { days: daysOf(first, last) }),
  }
}

/** The days from one to another, over the week's end where they go so; names that nobody knows stay as they are. */
function daysOf(first: string, last = first): string[] {
  const [from, to] = [weekdays.indexOf(first), weekdays.indexOf(last)]
  if (from < 0 || to < 0) return [first, last]
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, at) => weekdays[(from + at) % 7]!)
}

/** The calendar that a command line asks for; null where it has mistakes, which `report` hears. */
export function calendarOf(
  { timezone, holidays, shifts }: CalendarArguments,
  report: (problem: Problem) => void,
): CivilCalendar | null {
  const texts = listOf(shifts)
  const read = texts.map(shiftOf)
  const wrong = texts.filter((_, at) => read[at] === undefined)
  const expected = 'expected shifts such as early=mon-fri/06:00,late=mon-fri/14:00-22:00'
  for (const value of wrong) report({ path: '--shifts', value, expected })
  const raw = {
    ...(timezone === undefined ? {} : { timeZone: timezone }),
    ...(holidays === undefined ? {} : { holidays: listOf(holidays) }),
    ...(shifts === undefined || wrong.length > 0 ? {} : { shifts: read }),
  }
  const { settings, mistakes } = parseCalendarSettings(raw)
  for (const { key, message } of mistakes) {
    const option = options[key]!
    report({ path: `--${option}`, value: { timezone, holidays, shifts }[option], expected: message })
  }
  if (settings === undefined || wrong.length > 0) return null
  try {
    return calendarMaker(readHolidays)(settings)
  } catch (error) {
    report({ path: '--holidays', value: holidays, expected: messageOf(error) })
    return null
  }
}

/** The options, for every command that reads history: name and text. */
export const calendarOptions = [
  [
    '--timezone <zone>',
    'local time of the plant, such as Europe/Berlin: of its days and weeks, and of times that carry no zone (UTC by default)',
  ],
  [
    '--holidays <list>',
    'days on which nobody works, separated by commas: dates such as 2026-12-25, iCalendar files (.ics)',
  ],
  ['--shifts <list>', 'shifts in local time, such as early=mon-fri/06:00,late=mon-fri/14:00-22:00'],
] as const

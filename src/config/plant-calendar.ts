import { z } from 'zod'
import { CivilCalendar, type Shift } from '../base/civil-calendar.ts'
import { timeZoneTable, utc, zoneOffset } from '../base/time-zone.ts'

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const clockText = 'expected a time of day such as 06:00'
const dayMinutes = 1440
const dayMs = 86_400_000

function clock() {
  return z.string({ error: clockText }).regex(/^([01]\d|2[0-3]):[0-5]\d$/, clockText)
}

const shift = z.strictObject({
  name: z.string().min(1),
  /** Local time at which it begins; the first of the list begins the production day. */
  from: clock(),
  /** When it ends; when the next one begins, otherwise. */
  to: clock().optional(),
  /** The days on which its production day begins; every day otherwise. */
  days: z.array(z.enum(weekdays)).min(1).optional(),
})

function minuteOf(text: string): number {
  return 60 * Number(text.slice(0, 2)) + Number(text.slice(3))
}

type ShiftSettings = z.infer<typeof shift>

/** Shifts as minutes of the production day, or why they are none. */
function shiftsOf(settings: readonly ShiftSettings[]): Shift[] | { readonly at: number; readonly mistake: string } {
  const start = settings.length === 0 ? 0 : minuteOf(settings[0]!.from)
  const within = (text: string): number => (minuteOf(text) - start + dayMinutes) % dayMinutes
  const shifts: Shift[] = []
  for (const [at, { name, from, to, days = weekdays }] of settings.entries()) {
    const next = settings[at + 1]
    const fromMinute = within(from)
    const nextMinute = next === undefined ? dayMinutes : within(next.from)
    const toMinute = to === undefined ? nextMinute : within(to) || dayMinutes
    const mistake =
      nextMinute <= fromMinute
        ? `expected shifts in the order of their beginnings; ${next?.name} begins at ${next?.from}`
        : toMinute <= fromMinute || toMinute > nextMinute
          ? `expected ${name} to end after it begins and before the next shift, or the production day, begins`
          : undefined
    if (mistake !== undefined) return { at, mistake }
    shifts.push({ name, fromMinute, toMinute, days: days.map((day) => weekdays.indexOf(day)) })
  }
  return shifts
}

/** A local date as days since 1970; undefined for a text that is none. */
function dateOf(text: string): number | undefined {
  const isDate = z.iso.date().safeParse(text).success
  return isDate ? Date.parse(`${text}T00:00:00Z`) / dayMs : undefined
}

/** What a plant, and a rule of sensors, may say of local time. */
export const calendarSettings = {
  /** The IANA time zone whose days, weeks, holidays and shifts the sensors follow; UTC otherwise. */
  timeZone: z
    .string()
    .refine((zone) => zoneOffset(zone) !== undefined, 'expected a time zone such as Europe/Berlin')
    .optional(),
  /** Days on which nobody works: dates, and iCalendar files whose whole-day events they are. */
  holidays: z
    .array(
      z
        .string()
        .refine(
          (text) => dateOf(text) !== undefined || /\.ics$/i.test(text),
          'expected a date such as 2026-12-25, or the path of an iCalendar file that ends in .ics',
        ),
    )
    .optional(),
  shifts: z
    .array(shift)
    .max(8, 'expected at most 8 shifts')
    .superRefine((shifts, context) => {
      const parsed = shiftsOf(shifts)
      if (Array.isArray(parsed)) return
      context.addIssue({ code: 'custom', path: [parsed.at], message: parsed.mistake, input: shifts[parsed.at] })
    })
    .optional(),
}

const settingsSchema = z.strictObject(calendarSettings)

/** Parsed settings of a calendar; what is absent is UTC, no holidays, no shifts. */
export type CalendarSettings = z.infer<typeof settingsSchema>

/** Reads the days of an iCalendar file, as days since 1970. Errors: `OperatingError('read')` naming the file. */
export type ReadHolidays = (path: string) => readonly number[]

/** Checks settings that stand in no configuration file; answers them, or each mistake with its key. */
export function parseCalendarSettings(raw: Readonly<Record<string, unknown>>) {
  const parsed = settingsSchema.safeParse(raw)
  const mistakes = (parsed.error?.issues ?? []).map(({ path, message }) => ({ key: String(path[0]), message }))
  return { settings: parsed.data, mistakes }
}

/** Makes calendars of settings, one for all that say the same, so that their sensors share what it remembers. */
export function calendarMaker(readHolidays: ReadHolidays): (settings: CalendarSettings) => CivilCalendar {
  const made = new Map<string, CivilCalendar>()
  return ({ timeZone = utc.name, holidays = [], shifts = [] }) => {
    const key = JSON.stringify([timeZone, holidays, shifts])
    const known = made.get(key)
    if (known !== undefined) return known
    const calendar = new CivilCalendar({
      zone: timeZone === utc.name ? utc : timeZoneTable(timeZone)!,
      holidays: holidays.flatMap((text) => dateOf(text) ?? readHolidays(text)),
      // The schema has checked them.
      shifts: shiftsOf(shifts) as Shift[],
      dayStartMinute: shifts.length === 0 ? 0 : minuteOf(shifts[0]!.from),
    })
    made.set(key, calendar)
    return calendar
  }
}

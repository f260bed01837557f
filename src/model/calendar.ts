import { type CalendarParts, type CivilCalendar, newMoment } from '../base/civil-calendar.ts'
import { cos, sin } from '../base/math.ts'

/**
 * Cycles of the calendar that a network may be told: each is a sine and a cosine of the time within it, in the sensor's local
 * time. In the week a holiday is a Sunday; a shift has both 0 where none runs.
 */
export const calendarCycles = ['hour', 'day', 'week', 'year', 'shift'] as const
/** A cycle of the calendar. */
export type CalendarCycle = (typeof calendarCycles)[number]

const dayMs = 86_400_000
/** Length of each cycle, and a moment when it begins: 1970-01-05 was a Monday. */
const cycles: Readonly<Record<Exclude<CalendarCycle, 'shift'>, { readonly ms: number; readonly from: number }>> = {
  hour: { ms: 3_600_000, from: 0 },
  day: { ms: dayMs, from: 0 },
  week: { ms: 7 * dayMs, from: 4 * dayMs },
  year: { ms: 365.2425 * dayMs, from: 0 },
}
const moment = newMoment()

/** Inputs that the cycles are: two each. */
export function calendarWidth(wanted: readonly CalendarCycle[]): number {
  return 2 * wanted.length
}

/** Writes sine and cosine of each cycle at `at`. Units: time in ms since 1970, UTC; values in −1…1. */
export function writeCalendar(
  wanted: readonly CalendarCycle[],
  calendar: CivilCalendar,
  timeMs: number,
  to: Float32Array | Float64Array,
  at: number,
): void {
  if (wanted.length === 0) return
  calendar.locate(timeMs, moment)
  for (const [i, name] of wanted.entries()) {
    const phase = name === 'shift' ? moment.shiftPart : phaseOf(name)
    const angle = 2 * Math.PI * (phase - Math.floor(phase))
    const runs = name !== 'shift' || moment.shift >= 0
    to[at + 2 * i] = runs ? sin(angle) : 0
    to[at + 2 * i + 1] = runs ? cos(angle) : 0
  }
}

function phaseOf(name: Exclude<CalendarCycle, 'shift'>): number {
  const { ms, from } = cycles[name]
  const localMs = name === 'week' ? moment.localMs + dayMs * moment.movedDays : moment.localMs
  return (localMs - from) / ms
}

/** Why a network that was told these cycles in a zone cannot be told them by a calendar; null where it can. */
export function calendarMisfit(
  wanted: readonly CalendarCycle[],
  timeZone: string,
  { zone, shifts }: CalendarParts,
): string | null {
  if (wanted.length === 0) return null
  if (zone.name !== timeZone) {
    return (
      `it learned the ${wanted.join(', ')} of the time zone ${timeZone}, and here is ${zone.name}: ` +
      `set timeZone: ${timeZone} (on the command line --timezone ${timeZone}), or train it anew`
    )
  }
  if (wanted.includes('shift') && shifts.length === 0) {
    return 'it was told which shift runs, and no shifts are declared: set shifts (on the command line --shifts)'
  }
  return null
}

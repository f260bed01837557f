import { cos, sin } from '../base/math.ts'

/** Cycles of the calendar that a network may be told: each is a sine and a cosine of the time within it, UTC. */
export const calendarCycles = ['hour', 'day', 'week', 'year'] as const
/** A cycle of the calendar. */
export type CalendarCycle = (typeof calendarCycles)[number]

const dayMs = 86_400_000
/** Length of each cycle, and a moment when it begins: 1970-01-05 was a Monday. */
const cycles: Readonly<Record<CalendarCycle, { readonly ms: number; readonly from: number }>> = {
  hour: { ms: 3_600_000, from: 0 },
  day: { ms: dayMs, from: 0 },
  week: { ms: 7 * dayMs, from: 4 * dayMs },
  year: { ms: 365.2425 * dayMs, from: 0 },
}

/** Inputs that the cycles are: two each. */
export function calendarWidth(wanted: readonly CalendarCycle[]): number {
  return 2 * wanted.length
}

/** Writes sine and cosine of each cycle at `at`. Units: time in ms since 1970; values in −1…1. */
export function writeCalendar(
  wanted: readonly CalendarCycle[],
  timeMs: number,
  to: Float32Array | Float64Array,
  at: number,
): void {
  for (const [i, name] of wanted.entries()) {
    const { ms, from } = cycles[name]
    const phase = (timeMs - from) / ms
    const angle = 2 * Math.PI * (phase - Math.floor(phase))
    to[at + 2 * i] = sin(angle)
    to[at + 2 * i + 1] = cos(angle)
  }
}

import { fnv64 } from './hash.ts'
import { type TimeZoneTable, utc } from './time-zone.ts'

/** A shift of each production day on which it runs; times are minutes after the production day begins. */
export interface Shift {
  readonly name: string
  readonly fromMinute: number
  /** At most 1,440: no shift is longer than its production day. */
  readonly toMinute: number
  /** Days of the week on which it runs, 0 Monday … 6 Sunday: those on which its production day begins. */
  readonly days: readonly number[]
}

/** What a calendar is made of. */
export interface CalendarParts {
  readonly zone: TimeZoneTable
  /** Local dates on which nobody works, as days since 1970-01-01. */
  readonly holidays: readonly number[]
  /** In the order of their beginnings; none: working days are Monday to Friday. */
  readonly shifts: readonly Shift[]
  /** Minute of the local day at which a production day begins: midnight, or when the first shift begins. */
  readonly dayStartMinute: number
}

/** Where a moment falls in the plant's calendar. */
export interface CivilMoment {
  /** Minute of the production week, 0 where Monday begins; a holiday counts as a Sunday. */
  minuteOfWeek: number
  /** Nobody works: no shift runs; without shifts, the weekend and holidays. */
  isRest: boolean
  /** Place of the running shift in the list, −1 for none, and how much of it has passed, 0 … 1. */
  shift: number
  shiftPart: number
  /** Local time, as ms as if it were UTC. */
  localMs: number
  /** Days by which a holiday is moved to become the next Sunday. */
  movedDays: number
}

const dayMs = 86_400_000
const minuteMs = 60_000
const sunday = 6

/**
 * The calendar of a plant: local civil time, holidays and shifts, as data that no platform changes.
 *
 * Works when: the zone's table covers the time (1970 to 2100; outside, the nearest offset holds). In the hour that clocks repeat,
 * both passes are the same moments of the day; the hour that they skip is no moment.
 * Cost: the production day of the last moment is remembered, so a reading of the same day costs a few additions.
 */
export class CivilCalendar {
  /** What it is made of, as plain data. */
  readonly parts: CalendarParts
  readonly #holidays: ReadonlySet<number>
  readonly #dayStartMs: number
  /** The same for calendars that place every moment alike, whatever they were read from. */
  readonly fingerprint: string
  /** The stretch of time that `#day`, `#weekday` and `#localMs` hold for: one production day under one offset. */
  #fromMs = Infinity
  #toMs = -Infinity
  #offsetMs = 0
  #dayFromMs = 0
  #weekday = 0
  #isHoliday = false

  constructor(parts: CalendarParts) {
    const { zone, holidays, shifts, dayStartMinute } = parts
    this.parts = parts
    this.#holidays = new Set(holidays)
    this.#dayStartMs = dayStartMinute * minuteMs
    const rules = [zone.fromMs, zone.offsetMs, [...this.#holidays].sort((a, b) => a - b), shifts, dayStartMinute]
    this.fingerprint = `${zone.name} ${fnv64(rules.map((part) => JSON.stringify(part)))}`
  }

  /** Writes where a moment (ms since 1970, UTC) falls. */
  locate(timeMs: number, to: CivilMoment): void {
    if (!(timeMs >= this.#fromMs && timeMs < this.#toMs)) this.#turnTo(timeMs)
    const localMs = timeMs + this.#offsetMs
    const minute = (localMs - this.#dayFromMs) / minuteMs
    const weekday = this.#isHoliday ? sunday : this.#weekday
    to.localMs = localMs
    to.movedDays = weekday - this.#weekday
    to.minuteOfWeek = 1440 * weekday + Math.floor(minute)
    to.shift = -1
    to.shiftPart = 0
    const { shifts } = this.parts
    for (let i = 0; i < shifts.length; i++) {
      const { fromMinute, toMinute, days } = shifts[i]!
      if (this.#isHoliday || minute < fromMinute || minute >= toMinute || !days.includes(this.#weekday)) continue
      to.shift = i
      to.shiftPart = (minute - fromMinute) / (toMinute - fromMinute)
      break
    }
    to.isRest = shifts.length > 0 ? to.shift < 0 : weekday >= 5
  }

  /** Finds the stretch of time around a moment in which offset and production day stay. */
  #turnTo(timeMs: number): void {
    const { fromMs, offsetMs } = this.parts.zone
    let [low, high] = [0, fromMs.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (fromMs[middle]! <= timeMs) low = middle + 1
      else high = middle
    }
    this.#offsetMs = offsetMs[low]!
    const day = Math.floor((timeMs + this.#offsetMs - this.#dayStartMs) / dayMs)
    this.#dayFromMs = day * dayMs + this.#dayStartMs
    // 1970-01-01 was a Thursday.
    this.#weekday = (((day + 3) % 7) + 7) % 7
    this.#isHoliday = this.#holidays.has(day)
    this.#fromMs = Math.max(this.#dayFromMs - this.#offsetMs, fromMs[low - 1] ?? -Infinity)
    this.#toMs = Math.min(this.#dayFromMs + dayMs - this.#offsetMs, fromMs[low] ?? Infinity)
  }
}

/** An empty moment, to be written. */
export function newMoment(): CivilMoment {
  return { minuteOfWeek: 0, isRest: false, shift: -1, shiftPart: 0, localMs: 0, movedDays: 0 }
}

/** The calendar of a sensor of which nothing is said: UTC, Monday to Friday. */
export const utcCalendar = new CivilCalendar({ zone: utc, holidays: [], shifts: [], dayStartMinute: 0 })

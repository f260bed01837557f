import type { CivilMoment } from '../../base/civil-calendar.ts'
import { novelty } from './constants.ts'
import { N } from './layout.ts'
import { countOf, follow, learnMean, meanOf } from './packed-mean.ts'

/** Where a reading falls in the week. */
export interface Moment {
  /** Slot of the day, and hour of the day. */
  slot: number
  hour: number
  /** 0 Monday … 6 Sunday. */
  weekday: number
  /** Nobody works. */
  isRest: boolean
}

const weekMinutes = 7 * 1440

/** Where a moment falls in the week as one number of sixteen bits: its minute of the week, a week later where nobody works. */
export function weekMinute({ minuteOfWeek, isRest }: CivilMoment): number {
  return isRest ? minuteOfWeek + weekMinutes : minuteOfWeek
}

/** Writes where such a minute falls, for a sensor of so many slots a day. */
export function momentOf(minute: number, slots: number, to: Moment): void {
  to.isRest = minute >= weekMinutes
  const minuteOfWeek = to.isRest ? minute - weekMinutes : minute
  const weekday = Math.floor(minuteOfWeek / 1440)
  to.weekday = weekday
  to.slot = Math.floor(((minuteOfWeek - 1440 * weekday) / 1440) * slots)
  to.hour = Math.floor((24 * to.slot) / slots)
}

const most = novelty.slotsMost

/** Cells of a moment in the three tables. */
function dailyCell({ slot }: Moment): number {
  return slot
}
function restCell({ slot, isRest }: Moment): number {
  return (isRest ? 2 * most : most) + slot
}
function weekdayCell({ slot, weekday }: Moment): number {
  return (3 + weekday) * most + slot
}

/**
 * WEEK: what this hour usually looks like, by the table that was nearest lately among those that know the slot; NaN without.
 *
 * Three tables: means of each slot of a day; of the hours that are worked and of those that are not; of each weekday.
 * Works when: the process follows shifts and days, by the sensor's calendar. Fails when: it has a cycle of its own, which only the running errors then tell.
 * Shapes: `cells` (10 × 24) packed means from `from` on.
 */
export function usual(f: Float64Array, at: number, cells: Uint16Array, from: number, moment: Moment): number {
  const errors = at + N.tableErrors
  const daily = cells[from + dailyCell(moment)]!
  const rest = cells[from + restCell(moment)]!
  const weekday = cells[from + weekdayCell(moment)]!
  let error = Infinity
  let value = Number.NaN
  if (countOf(daily) >= novelty.dailyMeans) {
    error = f[errors]!
    value = meanOf(daily)
  }
  if (countOf(rest) >= novelty.otherMeans && f[errors + 1]! < error) {
    error = f[errors + 1]!
    value = meanOf(rest)
  }
  if (countOf(weekday) >= novelty.otherMeans && f[errors + 2]! < error) value = meanOf(weekday)
  return value
}

/** Teaches the tables a reading: first how far each was off, where all three have a mean, then the means. */
export function learnWeek(
  f: Float64Array,
  at: number,
  cells: Uint16Array,
  from: number,
  moment: Moment,
  y: number,
): void {
  const daily = from + dailyCell(moment)
  const rest = from + restCell(moment)
  const weekday = from + weekdayCell(moment)
  if (countOf(cells[daily]!) > 0 && countOf(cells[rest]!) > 0 && countOf(cells[weekday]!) > 0) {
    follow(f, at + N.tableErrors, y - meanOf(cells[daily]!))
    follow(f, at + N.tableErrors + 1, y - meanOf(cells[rest]!))
    follow(f, at + N.tableErrors + 2, y - meanOf(cells[weekday]!))
  }
  const weight = f[at + N.weekWeight]!
  learnMean(cells, daily, y, weight)
  learnMean(cells, rest, y, weight)
  learnMean(cells, weekday, y, weight)
}

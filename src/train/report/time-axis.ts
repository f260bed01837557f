import type { Axis, Tick } from './axis.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Steps that divide a clock or a calendar evenly, in ms. */
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 5, 10].map((n) => n * day),
]
/** Steps of whole months, for spans in which days no longer fit. */
const monthSteps = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200]
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * An axis of time with ticks at round times in UTC: clock times with the day below where it changes, or days, or months.
 *
 * Units: both ends in ms since 1970, event time.
 */
export function timeAxis(fromMs: number, toMs: number, count: number): Axis {
  const low = fromMs < toMs ? fromMs : fromMs - minute
  const high = fromMs < toMs ? toMs : toMs + minute
  const step = steps.find((candidate) => (high - low) / candidate <= count)
  const ticks = step === undefined ? monthTicks(low, high, count) : evenTicks(low, high, step)
  return { low, high, ticks, place: (value) => (value - low) / (high - low) }
}

function evenTicks(low: number, high: number, step: number): Tick[] {
  const ticks: Tick[] = []
  let before = ''
  for (const ms of roundTimes(low, high, step)) {
    const today = step >= day ? String(yearOf(ms)) : dayText(ms)
    const label = step >= day ? dayText(ms) : clockText(ms, step)
    ticks.push(today === before ? { value: ms, label } : { value: ms, label, below: today })
    before = today
  }
  return ticks
}

/** Days of several are counted from the first of each month, so that every month has the same ones. */
function roundTimes(low: number, high: number, step: number): number[] {
  const times: number[] = []
  const daily = Math.min(step, day)
  for (let ms = Math.ceil(low / daily) * daily; ms <= high; ms += daily) {
    const date = new Date(ms).getUTCDate() - 1
    const every = step / day
    // The 31st would stand beside the 1st.
    if (step <= day || (date % every === 0 && date + every <= 31)) times.push(ms)
  }
  return times
}

function monthTicks(low: number, high: number, count: number): Tick[] {
  const from = new Date(low).getUTCFullYear() * 12 + new Date(low).getUTCMonth()
  const to = new Date(high).getUTCFullYear() * 12 + new Date(high).getUTCMonth()
  const step = monthSteps.find((candidate) => (to - from) / candidate <= count) ?? 1200
  const ticks: Tick[] = []
  let before = ''
  for (let month = Math.ceil(from / step) * step; month <= to; month += step) {
    const year = Math.floor(month / 12)
    // Date.UTC reads years below 100 as of the last century; a date set by parts does not.
    const value = new Date(0).setUTCFullYear(year, month - year * 12, 1)
    if (value < low || value > high) continue
    const label = step >= 12 ? String(year) : months[month - year * 12]!
    const below = step >= 12 ? '' : String(year)
    ticks.push(below === before ? { value, label } : { value, label, below })
    before = below
  }
  return ticks
}

const yearOf = (ms: number): number => new Date(ms).getUTCFullYear()
const two = (value: number): string => String(value).padStart(2, '0')

function dayText(ms: number): string {
  const date = new Date(ms)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`
}

function clockText(ms: number, step: number): string {
  const date = new Date(ms)
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
  if (step >= minute) return clock
  const seconds = `${clock}:${two(date.getUTCSeconds())}`
  return step >= second ? seconds : `${seconds}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`
}

/** A time in UTC for a caption: 12 Mar 2024 06:00. */
export function timeText(ms: number): string {
  return `${dayText(ms)} ${yearOf(ms)} ${clockText(ms, minute)}`
}

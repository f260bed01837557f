/** Units in which a number may count time since 1970. */
export const timeUnits = ['ns', 'us', 'ms', 's', 'min', 'h'] as const
/** One unit of a numeric time stamp. */
export type TimeUnit = (typeof timeUnits)[number]

/** Local wall time in ms (as if it were UTC) → ms since 1970 UTC. */
export type LocalToUtc = (localMs: number) => number

/** The span that ECMAScript, and therefore every date that is written, can express. */
const timeMsMax = 8.64e15

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** Days since 1970-01-01 of a proleptic Gregorian date. Source: Howard Hinnant, days_from_civil. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** Two digits at `at`, or NaN, which every later range check refuses. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Minutes east of UTC of `Z`, `UTC`, `+02`, `+0200`, `+02:00`; undefined when it is no zone. */
function zoneMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z' || zone === 'UTC') return 0
  const sign = zone.charCodeAt(0) === 43 ? 1 : zone.charCodeAt(0) === 45 ? -1 : 0
  if (sign === 0) return undefined
  const hours = two(zone, 1)
  const colon = zone.charCodeAt(3) === 58 ? 1 : 0
  const minutes = zone.length === 3 ? 0 : two(zone, 3 + colon)
  const length = zone.length === 3 ? 3 : 5 + colon
  if (zone.length !== length || !(hours <= 23) || !(minutes <= 59)) return undefined
  return sign * (hours * 60 + minutes)
}

/** Milliseconds of the fraction that starts behind the point at `at`, floored, and where it ends. */
function fraction(text: string, at: number): { ms: number; end: number } {
  let ms = 0
  let scale = 100
  let end = at
  for (; end < text.length; end++) {
    const digit = text.charCodeAt(end) - 48
    if (digit < 0 || digit > 9) break
    ms += digit * scale
    scale = scale === 1 ? 0 : Math.floor(scale / 10)
  }
  return { ms, end }
}

/** Local ms of the clock part (`HH:MM[:SS[.f]]` from `at`) and where it ends; undefined when it is none. */
function clockPart(text: string, at: number): { ms: number; end: number } | undefined {
  const hour = two(text, at)
  const minute = two(text, at + 3)
  if (!(hour <= 23) || !(minute <= 59) || text.charCodeAt(at + 2) !== 58) return undefined
  let ms = (hour * 60 + minute) * 60_000
  let end = at + 5
  if (text.charCodeAt(end) === 58) {
    const second = two(text, end + 1)
    // A leap second (60) is the first moment of the next minute, as POSIX time has it.
    if (!(second <= 60)) return undefined
    ms += second * 1_000
    end += 3
    const point = text.charCodeAt(end)
    if (point === 46 || point === 44) {
      const part = fraction(text, end + 1)
      if (part.end === end + 1) return undefined
      ms += part.ms
      end = part.end
    }
  }
  return { ms, end }
}

/**
 * Milliseconds since 1970 of an ISO 8601 date or date and time (`T` or a space between them), floored to whole ms.
 *
 * Without a zone it is local time, which `toUtc` places; without `toUtc` it is UTC.
 * Errors: undefined for anything else, such as month 13 or 30 February; never throws.
 */
export function parseIsoTime(text: string, toUtc?: LocalToUtc): number | undefined {
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || Number.isNaN(year)) return undefined
  if (!(month >= 1 && month <= 12 && day >= 1)) return undefined
  if (day > monthDays[month - 1]! && !(month === 2 && day === 29 && isLeap(year))) return undefined
  let local = daysFromCivil(year, month, day) * 86_400_000
  if (text.length > 10) {
    const between = text.charCodeAt(10)
    if (between !== 84 && between !== 32 && between !== 116) return undefined
    const clock = clockPart(text, 11)
    if (clock === undefined) return undefined
    local += clock.ms
    if (clock.end < text.length) {
      const minutes = zoneMinutes(text.slice(text.charCodeAt(clock.end) === 32 ? clock.end + 1 : clock.end))
      return minutes === undefined ? undefined : local - minutes * 60_000
    }
  }
  return toUtc === undefined ? local : toUtc(local)
}

function inCalendar(ms: number): number | undefined {
  return ms >= -timeMsMax && ms <= timeMsMax ? Math.floor(ms) : undefined
}

/** Places by which the decimal point moves on the way to milliseconds. */
const decimalShift: Readonly<Partial<Record<TimeUnit, number>>> = { ns: -6, us: -3, ms: 0, s: 3 }

/**
 * Milliseconds of a decimal number, floored digit by digit: 1700000000.001 s is not a whole number of doubles, and
 * nanoseconds have more digits than a double has.
 */
function decimalTime(text: string, shift: number): number | undefined {
  const match = /^([+-]?)(\d{1,30})(?:\.(\d*))?$/.exec(text)
  if (match === null) return undefined
  const fraction = match[3] ?? ''
  const digits = match[2]! + fraction.padEnd(shift, '0')
  const point = match[2]!.length + shift
  const whole = point <= 0 ? 0 : Number(digits.slice(0, point))
  const cut = /[1-9]/.test(digits.slice(Math.max(0, point)))
  return inCalendar(match[1] === '-' ? -whole - (cut ? 1 : 0) : whole)
}

/** Milliseconds of a number that counts `unit`s since 1970; undefined outside the span of dates. */
export function numericTime(value: number, unit: TimeUnit): number | undefined {
  const shift = decimalShift[unit]
  if (shift === undefined) return inCalendar(value * (unit === 'min' ? 60_000 : 3_600_000) + 0.000_5)
  if (shift < 0) return inCalendar(value / (unit === 'ns' ? 1e6 : 1e3))
  if (shift === 0 || Number.isInteger(value)) return inCalendar(shift === 0 ? value : value * 1_000)
  return decimalTime(String(value), shift) ?? inCalendar(value * 1_000)
}

/** True for text that a number could be: digits with an optional sign, point and exponent. */
export function isNumericText(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)
}

/** Milliseconds of a numeric time written as text, floored; undefined when it is none. */
export function numericTimeText(text: string, unit: TimeUnit): number | undefined {
  if (unit === 'ms' && text.length < 16 && /^\d+$/.test(text)) return Number(text)
  if (!isNumericText(text)) return undefined
  const shift = decimalShift[unit]
  return (shift === undefined ? undefined : decimalTime(text, shift)) ?? numericTime(Number(text), unit)
}

/** The unit that a first time value of history speaks for; undefined when it is too small to say. */
export function guessTimeUnit(value: number): TimeUnit | undefined {
  return value >= 1e17 ? 'ns' : value >= 1e14 ? 'us' : value >= 1e11 ? 'ms' : value >= 1e8 ? 's' : undefined
}

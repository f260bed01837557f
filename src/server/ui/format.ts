const grouped = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
)
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const hourMinute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const hourMinuteSecond = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dash = '–'

/** A number with about four significant digits, a real minus sign and no jumping width; a dash where it is unknown. */
export function formatValue(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return dash
  const size = Math.abs(value)
  if (size >= 1e7 || (size > 0 && size < 5e-4)) return value.toExponential(2).replaceAll('-', '−')
  const digits = size >= 1_000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3
  return grouped[digits]!.format(value).replace('-', '−')
}

/** A score with two digits. */
export function formatScore(score: number): string {
  return score.toFixed(2)
}

/** A count, in thousands groups. */
export function formatCount(count: number): string {
  return grouped[0]!.format(count)
}

/** A rate: one digit below ten. */
export function formatRate(rate: number): string {
  return rate < 10 && rate > 0 ? grouped[1]!.format(rate) : formatCount(Math.round(rate))
}

function sameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString()
}

/** An instant in the browser's zone; with the date when it is not today, with the year when it is another. */
export function formatTime(ms: number | null, nowMs: number, seconds = true): string {
  if (ms === null) return dash
  const date = new Date(ms)
  const now = new Date(nowMs)
  const time = (seconds ? hourMinuteSecond : hourMinute).format(date)
  if (sameDay(date, now)) return time
  const day = (date.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(date)
  return `${day}, ${time}`
}

/** A length of time in its two largest units. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Labels of a time axis: clock time within days, the date where a new day begins, the year where it is another. */
export function axisLabels(seconds: readonly number[], stepSeconds: number, nowMs: number): string[] {
  let before: Date | undefined
  return seconds.map((second) => {
    const date = new Date(second * 1_000)
    const newDay = before === undefined ? !sameDay(date, new Date(nowMs)) : !sameDay(date, before)
    const newYear =
      before === undefined
        ? date.getFullYear() !== new Date(nowMs).getFullYear()
        : date.getFullYear() !== before.getFullYear()
    before = date
    const day = (newYear ? dayMonthYear : dayMonth).format(date)
    if (stepSeconds >= 86_400) return day
    const time = (stepSeconds < 60 ? hourMinuteSecond : hourMinute).format(date)
    return newDay ? `${time}\n${day}` : time
  })
}

import { log, pow } from '../../base/math.ts'
import { decimalsOf, exponentOf, fixedText, numberText, powerOfTen, powerText } from './number-text.ts'

/** A mark of an axis; `below` is a second line, the day under a time. */
export interface Tick {
  readonly value: number
  readonly label: string
  readonly below?: string
}

/** Where values lie between the two ends of a picture. */
export interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly Tick[]
  /** 0 at `low`, 1 at `high`, beyond them outside; NaN for what has no place, such as a value below 0 on a log axis. */
  place(value: number): number
}

/** The least and greatest finite values of some lists, or null when there are none. */
export function rangeOf(lists: readonly ArrayLike<number>[], isAllowed = Number.isFinite): [number, number] | null {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const value = list[i]!
      if (!isAllowed(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return low <= high ? [low, high] : null
}

/** A step of 1, 2 or 5 times a power of ten that parts a span into about `count` pieces. */
export function niceStep(span: number, count: number): number {
  const raw = span / count
  const exponent = exponentOf(raw)
  const mantissa = raw / powerOfTen(exponent)
  const nice = mantissa <= 1.5 ? 1 : mantissa <= 3.5 ? 2 : mantissa <= 7.5 ? 5 : 10
  return Number(`${nice}e${exponent}`)
}

/** Whole multiples of a step within two ends, each the float64 nearest to its decimal number. */
export function multiples(low: number, high: number, step: number): number[] {
  const found: number[] = []
  // A tick that misses the end by rounding only still belongs to it.
  const last = Math.floor(high / step + 1e-9)
  for (let k = Math.ceil(low / step - 1e-9); k <= last; k++) found.push(Number((k * step).toPrecision(12)) + 0)
  return found
}

/**
 * An even axis with ticks at nice numbers.
 *
 * `padding` is a share of the span that is left free at both ends; a span of nothing becomes one around its value.
 */
export function linearAxis(low: number, high: number, count: number, padding = 0): Axis {
  const span = high - low
  // Below this the span is rounding, and ticks would all read alike.
  const size = Math.max(Math.abs(low), Math.abs(high))
  const isFlat = span <= size * 1e-9
  const extra = isFlat ? (size > 0 ? size * 0.05 : 1) : span * padding
  const from = low - extra
  const to = high + extra
  const step = niceStep(to - from, count)
  const values = multiples(from, to, step)
  const labels = tickLabels(values, step)
  return {
    low: from,
    high: to,
    ticks: values.map((value, i) => ({ value, label: labels[i]! })),
    place: (value) => (value - from) / (to - from),
  }
}

function tickLabels(values: readonly number[], step: number): string[] {
  const largest = Math.max(...values.map(Math.abs), step)
  const isTooLong = exponentOf(largest) >= 7 || exponentOf(step) < -4
  if (isTooLong) return values.map((value) => (value === 0 ? '0' : powerText(value, 4)))
  return values.map((value) => fixedText(value, decimalsOf(step)))
}

const log10 = (value: number): number => log(value) / Math.LN10

/**
 * A logarithmic axis with ticks at 1, 2 and 5 times powers of ten, or at powers alone where it spans more.
 *
 * Errors: none; both ends must be above 0, which the caller looks after.
 */
export function logAxis(low: number, high: number, count: number, padding = 0): Axis {
  const span = Math.max(log10(high) - log10(low), 0.1)
  const middle = (log10(high) + log10(low)) / 2
  const from = middle - span * (0.5 + padding)
  const to = middle + span * (0.5 + padding)
  const place = (value: number): number => (value > 0 ? (log10(value) - from) / (to - from) : Number.NaN)
  const values = logTicks(from, to, count)
  const ticks = values.map((value) => ({
    value,
    label: exponentOf(value) < -3 ? powerText(value, 3) : numberText(value),
  }))
  return { low: pow(10, from), high: pow(10, to), ticks, place }
}

function logTicks(from: number, to: number, count: number): number[] {
  const first = Math.floor(from)
  const last = Math.ceil(to)
  const inside = (value: number): boolean => log10(value) >= from - 1e-9 && log10(value) <= to + 1e-9
  const decades = Array.from({ length: last - first + 1 }, (_, k) => first + k)
  const fine = decades.flatMap((power) => [1, 2, 5].map((factor) => Number(`${factor}e${power}`))).filter(inside)
  if (fine.length < 3) return multiples(pow(10, from), pow(10, to), niceStep(pow(10, to) - pow(10, from), count))
  if (fine.length <= count + 2) return fine
  const every = Math.max(1, Math.ceil((to - from) / count))
  return decades
    .filter((power) => power % every === 0)
    .map(powerOfTen)
    .filter(inside)
}

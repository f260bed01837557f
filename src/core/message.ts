import { type QualityName, qualityName } from '../domain/quality.ts'
import type { SensorSpec } from '../domain/sensor.ts'
import type { Found } from './novelty/novelty.ts'
import type { Scored } from './score.ts'

const symbols: Readonly<Record<string, string>> = {
  celsius: '°C',
  fahrenheit: '°F',
  kelvin: 'K',
  percent: '%',
  '': '',
}

/** A number as an operator reads it: about four digits, no exponent where it can be avoided. */
export function readable(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) return value.toPrecision(3)
  return String(Number(size >= 1000 ? value.toFixed(0) : value.toPrecision(4)))
}

/** What a sensor is called in a sentence. */
export function subject(spec: SensorSpec): string {
  return spec.labels['measurement'] ?? spec.id
}

/** A unit as it is written behind a number: °C for celsius; a unit without a sign is written as it is. */
export function unitSign(unit: string): string {
  return symbols[unit] ?? unit
}

/** A value with its unit, as an operator reads it. */
export function withUnit(spec: SensorSpec, value: number): string {
  const unit = unitSign(spec.unit)
  return unit === '' ? readable(value) : `${readable(value)} ${unit}`
}

function against(spec: SensorSpec, value: number, expected: number, lower: number, upper: number): string {
  const seen = `${subject(spec)} ${withUnit(spec, value)}`
  return Number.isNaN(expected)
    ? seen
    : `${seen}, expected ${readable(expected)} (${readable(lower)} … ${readable(upper)})`
}

/**
 * Why a process alarm is raised, in an operator's words.
 *
 * `direction` is the sign of the averaged error over its size, −1…1: near 0 the errors go both ways.
 */
export function reason(scored: Scored, errorLimit: number, direction: number, rows: number): string {
  const novelty = Math.abs(scored.novelty)
  if (novelty > Math.sqrt(scored.slow * scored.fast) / errorLimit) {
    return scored.novelty > 0 ? 'higher than ever seen' : 'lower than ever seen'
  }
  const since = rows > 1 ? ` for ${rows} readings` : ''
  if (scored.slow > scored.fast) {
    if (direction > 0.5) return `rising away from expectation${since}`
    return direction < -0.5 ? `falling away from expectation${since}` : `swinging more than usual${since}`
  }
  if (direction > 0.5) return `above expectation${since}`
  return direction < -0.5 ? `below expectation${since}` : `less steady than usual${since}`
}

/** Alike, for a sensor that recipe U judges: what about the reading has not been there before. */
export function noveltyReason({ by, sign }: Pick<Found, 'by' | 'sign'>): string {
  if (by === 'above') return 'higher than it has ever been'
  if (by === 'below') return 'lower than it has ever been'
  if (by === 'surprise') return 'this sequence of levels has not been seen before'
  const way = sign > 0 ? 'above' : 'below'
  const since = by === 'short' ? 'the last 10 readings' : 'the last 60 readings'
  return `${since} are ${way} what this weekday and hour usually looks like`
}

/** The sentence of a raised process alarm. */
export function raisedMessage(
  spec: SensorSpec,
  value: number,
  expected: number,
  lower: number,
  upper: number,
  why: string,
): string {
  return `${against(spec, value, expected, lower, upper)}: ${why}`
}

/** The sentence of a process alarm whose condition is gone. */
export function returnedMessage(
  spec: SensorSpec,
  value: number,
  expected: number,
  lower: number,
  upper: number,
): string {
  return `${against(spec, value, expected, lower, upper)}: back to what is expected`
}

const faults: Readonly<Partial<Record<QualityName, string>>> = {
  bad: 'its source says the value is bad or it is no number',
  range: 'outside its physical range',
  rate: 'changes faster than it physically can',
  stuck: 'stuck at one value',
  silent: 'no data',
  clock: 'its clock is wrong',
}

/** The sentence of an instrument alarm. */
export function faultMessage(spec: SensorSpec, code: number, value: number): string {
  const word = qualityName(code)
  const seen = Number.isFinite(value) && word !== 'silent' ? `${subject(spec)} ${withUnit(spec, value)}` : subject(spec)
  return `${seen}: instrument fault, ${faults[word] ?? word}`
}

/** The sentence of an instrument that works again. */
export function workingMessage(spec: SensorSpec): string {
  return `${subject(spec)}: the instrument works again`
}

/** The sentence of an occurrence that is over. */
export function endedMessage(spec: SensorSpec): string {
  return `${subject(spec)}: quiet since, the alarm is over`
}

/** The sentence of a process alarm whose level is taken as normal: by somebody, or because the stated time is over. */
export function acceptedMessage(spec: SensorSpec, value: number, by: string | null): string {
  const who = by === null ? 'the level stayed for the stated time' : by
  return `${subject(spec)} ${withUnit(spec, value)}: taken as normal from now on (${who})`
}

import { assert } from '../../base/assert.ts'
import { readable, unitSign } from '../../core/message.ts'

/** What a channel did in the window, and what it contributed to the expected value. */
export interface ChannelCourse {
  readonly name: string
  readonly unit: string
  /** Its mean in what the model learned from, in its own unit. */
  readonly usual: number
  /** What counts as one step of it, its standard deviation, in its own unit. */
  readonly scale: number
  /** (T), the oldest first; NaN: missing. */
  readonly values: ArrayLike<number>
  /** (T), to the expected value, in the unit of what is explained. */
  readonly contributions: ArrayLike<number>
}

/** A reading beside what the model expected of it. */
export interface SentenceOptions {
  readonly subject: { readonly name: string; readonly unit: string; readonly scale: number }
  readonly observed: number
  readonly expected: number
  readonly channels: readonly ChannelCourse[]
}

/** A residual below this share of the scale is nothing to speak of. */
const negligibleShare = 0.005
/** A channel stands out when it makes up at least this share of all that those channels contribute, */
const outstandingShare = 0.5
/** and at least this share of the residual: what is smaller explains nothing of it. */
const residualShare = 0.25
/** A channel rose, fell, or is beside its usual value, when it is so by at least so many scales. */
const movedScales = 0.5

/**
 * Says in one plain sentence how a reading differs from what was expected, and which channel made the model expect that:
 * "outlet temperature 4.2 °C above the expected 61.3 °C while load fell".
 *
 * A channel is named when it pulled the expectation away from the reading, and nothing else did so much. It then did
 * something that the reading did not follow. The reading's own past competes only when no other channel stands out, for
 * it follows them. When nothing stands out, nothing is named.
 * Units: each channel in its own; numbers have as many digits as the difference is worth.
 */
export function explanationSentence({ subject, observed, expected, channels }: SentenceOptions): string {
  assert(
    Number.isFinite(observed) && Number.isFinite(expected),
    'a sentence needs a reading and what was expected of it',
  )
  const residual = observed - expected
  const unit = unitSign(subject.unit)
  if (isNegligible(residual, subject.scale)) {
    return `${subject.name} ${withUnit(readable(observed), unit)}, as expected`
  }
  const decimals = decimalsFor(residual, 2)
  const difference = withUnit(rounded(Math.abs(residual), decimals), unit)
  const usual = withUnit(rounded(expected, Math.max(decimals, decimalsFor(expected, 3))), unit)
  const finding = `${subject.name} ${difference} ${residual > 0 ? 'above' : 'below'} the expected ${usual}`
  const cause = causeOf({ subject, observed, expected, channels })
  return cause === '' ? finding : `${finding} ${cause}`
}

/** What made the model expect something else: "while load fell", "although it had risen"; empty where nothing stands out. */
export function causeOf({ subject, observed, expected, channels }: SentenceOptions): string {
  const residual = observed - expected
  if (isNegligible(residual, subject.scale)) return ''
  const others = channels.filter(({ name }) => name !== subject.name)
  const cause = outstanding(others, residual) ?? outstanding(channels, residual)
  if (cause === null) return ''
  return cause.name === subject.name ? `although it ${pastCourse(cause)}` : `while ${cause.name} ${course(cause)}`
}

function isNegligible(residual: number, scale: number): boolean {
  return Math.abs(residual) < negligibleShare * scale || residual === 0
}

/** The channel that pulled the expectation away from the reading more than all others did anything, or null. */
function outstanding(channels: readonly ChannelCourse[], residual: number): ChannelCourse | null {
  let all = 0
  let most = 0
  let found: ChannelCourse | null = null
  for (const channel of channels) {
    const contribution = sumOf(channel.contributions)
    all += Math.abs(contribution)
    const pull = residual > 0 ? -contribution : contribution
    if (pull <= most) continue
    most = pull
    found = channel
  }
  return most >= outstandingShare * all && most >= residualShare * Math.abs(residual) ? found : null
}

type Movement = 'rose' | 'fell' | 'above' | 'below' | 'held'

/**
 * What a channel did, as far as it explains its contribution: integrated gradients ask how far it is from its usual value
 * where it mattered, so it rose or fell only if it went to the side on which it is.
 */
function movementOf({ values, contributions, usual, scale }: ChannelCourse): Movement {
  const ticks = values.length
  const part = Math.max(1, Math.floor(ticks / 5))
  const moved = (meanOf(values, ticks - part, ticks) - meanOf(values, 0, part)) / scale
  const total = sumOf(contributions)
  let weight = 0
  let sum = 0
  for (let t = 0; t < ticks; t++) {
    // Ticks that pulled the other way are not what the sentence is about.
    if (!Number.isFinite(values[t]!) || !(contributions[t]! * total > 0)) continue
    weight += contributions[t]!
    sum += contributions[t]! * (values[t]! - usual)
  }
  const away = weight === 0 ? 0 : sum / weight / scale
  if (Math.abs(moved) >= movedScales && moved > 0 === away > 0) return moved > 0 ? 'rose' : 'fell'
  if (Math.abs(away) >= movedScales) return away > 0 ? 'above' : 'below'
  return 'held'
}

function course(channel: ChannelCourse): string {
  const movement = movementOf(channel)
  if (movement === 'rose' || movement === 'fell') return movement
  if (movement === 'held') return `held at ${lately(channel)}`
  return `was ${movement} its usual ${inUnit(channel, channel.usual)}`
}

function pastCourse(channel: ChannelCourse): string {
  const movement = movementOf(channel)
  if (movement === 'rose') return 'had risen'
  if (movement === 'fell') return 'had fallen'
  if (movement === 'held') return `had held at ${lately(channel)}`
  return `had been ${movement} its usual ${inUnit(channel, channel.usual)}`
}

function lately(channel: ChannelCourse): string {
  return inUnit(channel, meanOf(channel.values, 0, channel.values.length))
}

function inUnit({ unit, scale }: ChannelCourse, value: number): string {
  return withUnit(rounded(value, Math.max(decimalsFor(scale, 2), 0)), unitSign(unit))
}

function withUnit(text: string, unit: string): string {
  return unit === '' ? text : `${text} ${unit}`
}

/** Digits behind the point that give a number so many significant digits, at least 0. */
function decimalsFor(value: number, digits: number): number {
  if (value === 0) return 0
  return Math.max(0, digits - 1 - Number(value.toExponential().split('e')[1]))
}

/** As `readable` in the core's messages, but with the digits behind the point given. */
function rounded(value: number, decimals: number): string {
  const isExtreme = Math.abs(value) >= 1e7 || decimals > 6
  return isExtreme ? readable(value) : String(Number(value.toFixed(decimals)) + 0)
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum
}

/** Mean of the finite values from `from` to `to`, NaN when there are none. */
function meanOf(values: ArrayLike<number>, from: number, to: number): number {
  let sum = 0
  let count = 0
  for (let i = from; i < to; i++) {
    if (!Number.isFinite(values[i]!)) continue
    sum += values[i]!
    count++
  }
  return sum / count
}

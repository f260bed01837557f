import { recipe } from './recipe.ts'

/** Good readings of one channel in order of event time, no two at one time. */
export interface ChannelReadings {
  readonly timeMs: ArrayLike<number>
  readonly value: ArrayLike<number>
}

/** Ticks of several channels. Shapes: timeMs (T), values (T,C) row-major; NaN: masked. */
export interface Ticks {
  readonly timeMs: Float64Array
  readonly values: Float64Array
}

/** How readings become ticks. */
export interface AlignOptions {
  /** Times of ticks are whole multiples of it. */
  readonly periodMs: number
  /** How old a channel's last reading may be before the channel is masked; default three periods. */
  readonly maxAgeMs?: number
  /** The value of a tick: its channel's last reading (default), or the mean of those since the tick before. */
  readonly value?: 'last' | 'mean'
}

/** Rows that the period of an asset is learned from. */
const periodRows = 200
/** Periods that a channel's last reading counts for. */
const agePeriods = 3

/**
 * Puts channels that report at their own times on one grid: the align stage, over history.
 *
 * Tick k has the time k·period and sees readings up to it, none later. A tick without any channel is left out.
 * Shapes: one column a channel, in their order. Allocates: the ticks.
 */
export function alignChannels(channels: readonly ChannelReadings[], options: AlignOptions): Ticks {
  const { periodMs, maxAgeMs = agePeriods * periodMs, value = 'last' } = options
  const first = Math.min(...channels.map(({ timeMs }) => timeMs[0] ?? Infinity))
  const last = Math.max(...channels.map(({ timeMs }) => timeMs[timeMs.length - 1] ?? -Infinity))
  const cursors = channels.map((readings) => new Cursor(readings, maxAgeMs, value))
  const times: number[] = []
  const values: number[] = []
  const row = new Float64Array(channels.length)
  for (let tick = Math.ceil(first / periodMs); tick * periodMs < last + periodMs; tick++) {
    const timeMs = tick * periodMs
    let seen = false
    for (const [channel, cursor] of cursors.entries()) {
      row[channel] = cursor.at(timeMs, timeMs - periodMs)
      seen ||= !Number.isNaN(row[channel]!)
    }
    if (seen) {
      times.push(timeMs)
      values.push(...row)
      continue
    }
    // Nothing was heard for long: go on at the next reading of any channel instead of counting empty ticks.
    const next = Math.min(...cursors.map((cursor) => cursor.nextMs))
    if (next === Infinity) break
    tick = Math.max(tick, Math.ceil(next / periodMs) - 1)
  }
  return { timeMs: Float64Array.from(times), values: Float64Array.from(values) }
}

/** Goes through one channel's readings as the ticks pass. */
class Cursor {
  readonly #readings: ChannelReadings
  readonly #maxAgeMs: number
  readonly #mean: boolean
  #next = 0

  constructor(readings: ChannelReadings, maxAgeMs: number, value: 'last' | 'mean') {
    this.#readings = readings
    this.#maxAgeMs = maxAgeMs
    this.#mean = value === 'mean'
  }

  /** Time of the next reading that no tick has seen; Infinity after the last. */
  get nextMs(): number {
    return this.#readings.timeMs[this.#next] ?? Infinity
  }

  /** The channel's value at a tick, or NaN. */
  at(timeMs: number, beforeMs: number): number {
    const { timeMs: times, value } = this.#readings
    let sum = 0
    let count = 0
    while (this.#next < times.length && times[this.#next]! <= timeMs) {
      if (times[this.#next]! > beforeMs) {
        sum += value[this.#next]!
        count++
      }
      this.#next++
    }
    if (this.#mean && count > 0) return sum / count
    const newest = this.#next - 1
    return newest >= 0 && timeMs - times[newest]! <= this.#maxAgeMs ? value[newest]! : Number.NaN
  }
}

/**
 * Ticks of channels that report together (a wide file, or long rows of equal times): their own times, no grid.
 *
 * Channels agree when at least 99 of 100 of all their times are shared by all; a channel is masked where it has no reading.
 * Answers null where they do not agree.
 */
export function sharedTicks(channels: readonly ChannelReadings[]): Ticks | null {
  const counts = new Map<number, number>()
  for (const { timeMs } of channels) {
    for (let row = 0; row < timeMs.length; row++) counts.set(timeMs[row]!, (counts.get(timeMs[row]!) ?? 0) + 1)
  }
  const shared = [...counts.values()].filter((count) => count === channels.length).length
  if (shared < 0.99 * counts.size) return null
  const timeMs = Float64Array.from(counts.keys()).sort()
  const rowOf = new Map<number, number>()
  timeMs.forEach((time, row) => {
    rowOf.set(time, row)
  })
  const values = new Float64Array(timeMs.length * channels.length).fill(Number.NaN)
  for (const [channel, readings] of channels.entries()) {
    for (let row = 0; row < readings.timeMs.length; row++) {
      values[rowOf.get(readings.timeMs[row]!)! * channels.length + channel] = readings.value[row]!
    }
  }
  return { timeMs, values }
}

/** The period of channels that report at their own times: the median step of the slowest, over its first 200 readings. */
export function periodOf(channels: readonly ChannelReadings[]): number {
  return Math.max(1, ...channels.map(({ timeMs }) => medianStepOf(timeMs, periodRows)))
}

/** The median step between times that rise; 0 where there are fewer than two. Looks at the first `rows` only. */
export function medianStepOf(timeMs: ArrayLike<number>, rows = Infinity): number {
  const steps: number[] = []
  for (let row = 1; row < Math.min(rows, timeMs.length); row++) steps.push(timeMs[row]! - timeMs[row - 1]!)
  steps.sort((a, b) => a - b)
  return steps[steps.length >> 1] ?? 0
}

/** Marks (1) rows before which there is a gap, more than ten median steps; the first row is one. Shapes: (T). */
export function gapsOf(timeMs: ArrayLike<number>, stepMs: number): Uint8Array {
  const gaps = new Uint8Array(timeMs.length)
  if (timeMs.length > 0) gaps[0] = 1
  for (let row = 1; row < timeMs.length; row++) {
    if (timeMs[row]! - timeMs[row - 1]! > recipe.gapSteps * stepMs) gaps[row] = 1
  }
  return gaps
}

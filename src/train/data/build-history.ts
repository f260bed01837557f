import { OperatingError } from '../../base/errors.ts'
import {
  alignChannels,
  type ChannelReadings,
  gapsOf,
  medianStepOf,
  periodOf,
  sharedTicks,
  type Ticks,
} from '../../core/align.ts'
import type { History } from './history.ts'
import { cutMs, rowsBefore } from './prepare.ts'

/** A sensor's good readings, as the core's quality stage left them. */
export interface SensorReadings extends ChannelReadings {
  readonly sensor: string
}

/** Trimmed deviations from the median beyond which a reading is absurd, such as a 10⁹ among fifties. */
const absurdDeviations = 100
/** Share of a part that may be absurd; more than that is the sensor's way. A short part may have one. */
const absurdShare = 0.01
/** Readings from which a median and a deviation are worth something. */
const limitReadings = 10

/**
 * Readings without the absurd ones: those more than 100 deviations (of the middle 98 %) off the median.
 *
 * Median and deviation are those of the readings before `fitUntilMs`, the training part, alone; what comes later is held
 * against them and changes nothing of what is learned. In the training part and behind it alike, absurd readings are
 * at most one in a hundred; where more are that far off, it is the sensor's way there, and all stay.
 */
export function withoutAbsurd(readings: SensorReadings, fitUntilMs: number): SensorReadings {
  const { timeMs, value } = readings
  const fitRows = rowsBefore(timeMs, fitUntilMs)
  const { median, most } = usualOf(Float64Array.from({ length: fitRows }, (_, row) => value[row]!))
  const parts = [
    { from: 0, to: fitRows },
    { from: fitRows, to: value.length },
  ]
  const absurd = parts.flatMap(({ from, to }) => {
    const far: number[] = []
    for (let row = from; row < to; row++) if (Math.abs(value[row]! - median) > most) far.push(row)
    return far.length <= Math.max(1, absurdShare * (to - from)) ? far : []
  })
  if (absurd.length === 0) return readings
  const left = new Set(absurd)
  const kept = Array.from({ length: value.length }, (_, row) => row).filter((row) => !left.has(row))
  return {
    sensor: readings.sensor,
    timeMs: Float64Array.from(kept, (row) => timeMs[row]!),
    value: Float64Array.from(kept, (row) => value[row]!),
  }
}

/** The median, and how far off it a reading may be. */
function usualOf(values: Float64Array): { median: number; most: number } {
  if (values.length < limitReadings) return { median: 0, most: Infinity }
  const sorted = values.sort()
  const median = sorted[sorted.length >> 1]!
  const cut = Math.max(1, Math.floor(absurdShare * sorted.length))
  const middle = sorted.subarray(cut, sorted.length - cut)
  let squares = 0
  for (const value of middle) squares += (value - median) ** 2 / middle.length
  return { median, most: squares === 0 ? Infinity : absurdDeviations * Math.sqrt(squares) }
}

/** How readings become histories. */
export interface HistoryOptions {
  /** `sensors`: one history each; `asset`: one joint history of all channels. */
  readonly as: 'sensors' | 'asset'
  /** Name of the joint history. */
  readonly asset: string
  /** Sensors that are inputs only. */
  readonly context: readonly string[]
  /** Puts readings on a grid; null: a sensor's readings as they are, an asset's on its own period where they need one. */
  readonly periodMs: number | null
  readonly maxAgeMs: number | null
  readonly value: 'last' | 'mean'
  /** Share of the rows, in time, that all that is learned of the data comes from: the training part. */
  readonly fitShare: number
  /** Where the training part ends: at one moment for all histories, or in each after its own share of rows. */
  readonly cut: 'common' | 'own'
}

/**
 * Makes histories of good readings: without the absurd ones, and with gaps by the usual step. Both are learned from the
 * training part of these very histories; a row behind it changes no bit of it.
 *
 * Errors: as `buildHistories`.
 */
export function cleanHistories(
  readings: readonly SensorReadings[],
  options: HistoryOptions,
): { histories: History[]; absurd: number } {
  if (options.cut === 'own' && options.as === 'sensors') {
    const isContext = ({ sensor }: SensorReadings): boolean => options.context.includes(sensor)
    const channels = readings.filter((one) => !isContext(one) && one.timeMs.length > 0)
    if (channels.length > 1) {
      const context = readings.filter(isContext)
      const each = channels.map((channel) => cleanHistories([channel, ...context], options))
      return { histories: each.flatMap(({ histories }) => histories), absurd: sum(each.map(({ absurd }) => absurd)) }
    }
  }
  let fitUntilMs = cutMs(buildHistories(readings, options), options.fitShare)
  for (;;) {
    const kept = readings.map((one) => withoutAbsurd(one, fitUntilMs))
    const histories = buildHistories(kept, options, fitUntilMs)
    const endMs = cutMs(histories, options.fitShare)
    const absurd = sum(readings.map(({ value }) => value.length)) - sum(kept.map(({ value }) => value.length))
    if (endMs >= fitUntilMs) return { histories, absurd }
    // Without the absurd rows the training part ends earlier; then nothing may be learned from behind that.
    fitUntilMs = endMs
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

/**
 * Makes histories of readings: one a sensor, or one of all channels together, by the core's own align stage.
 *
 * The usual step, and the period of channels that report at their own times, are those of the rows before `fitUntilMs`.
 * Errors: `OperatingError('read')` when no channel is left, or a context column does not exist.
 */
export function buildHistories(
  readings: readonly SensorReadings[],
  options: Omit<HistoryOptions, 'fitShare' | 'cut'>,
  fitUntilMs = Infinity,
): History[] {
  for (const name of options.context) {
    if (!readings.some(({ sensor }) => sensor === name)) {
      const known = readings.map(({ sensor }) => sensor).join(', ')
      throw new OperatingError('read', `there is no context column "${name}"; there are ${known}`)
    }
  }
  const context = readings.filter(({ sensor }) => options.context.includes(sensor))
  const channels = readings.filter(({ sensor, timeMs }) => !options.context.includes(sensor) && timeMs.length > 0)
  if (channels.length === 0) throw new OperatingError('read', 'no channel has a good reading')
  if (options.as === 'asset') return [joint(options.asset, channels, context, options, fitUntilMs)]
  return channels.map((channel) => joint(channel.sensor, [channel], context, options, fitUntilMs))
}

function joint(
  name: string,
  channels: readonly SensorReadings[],
  context: readonly SensorReadings[],
  options: Omit<HistoryOptions, 'fitShare' | 'cut'>,
  fitUntilMs: number,
): History {
  const all = [...channels, ...context]
  const found = ticksOf(all, options, fitUntilMs)
  const contextMaxAgeMs = options.maxAgeMs ?? usualAge(context, found.timeMs, fitUntilMs)
  holdContext(found, channels.length, context, contextMaxAgeMs)
  const ticks = withoutSilence(found, all.length, channels.length)
  // A history of which less than two rows train has no step there; it is judged at most, by its own.
  const stepMs = medianStepOf(ticks.timeMs, rowsBefore(ticks.timeMs, fitUntilMs)) || medianStepOf(ticks.timeMs)
  return {
    ...(context.length === 0 ? {} : { contextMaxAgeMs }),
    name,
    channels: channels.map(({ sensor }) => sensor),
    context: context.map(({ sensor }) => sensor),
    ...ticks,
    gapBefore: gapsOf(ticks.timeMs, stepMs),
    stepMs,
  }
}

/** Steps that the value of a context column counts for, where it did not come more rarely while it was learned. */
const ageSteps = 3

/** How old a context value may be: three steps, or the longest that a column was silent in the training part. */
function usualAge(context: readonly SensorReadings[], timeMs: Float64Array, fitUntilMs: number): number {
  const longest = context.map(({ timeMs: times }) => {
    let most = 0
    for (let row = 1; row < rowsBefore(times, fitUntilMs); row++) most = Math.max(most, times[row]! - times[row - 1]!)
    return most
  })
  return Math.max(1, ageSteps * medianStepOf(timeMs, rowsBefore(timeMs, fitUntilMs)), ...longest)
}

/** Holds the last value of each context column where a tick has none, as a live tick does: no longer than it may be old. */
function holdContext(
  { timeMs, values }: Ticks,
  channels: number,
  context: readonly SensorReadings[],
  maxAgeMs: number,
): void {
  const width = channels + context.length
  for (const [at, readings] of context.entries()) {
    let next = 0
    for (let row = 0; row < timeMs.length; row++) {
      while (next < readings.timeMs.length && readings.timeMs[next]! <= timeMs[row]!) next++
      if (
        next > 0 &&
        timeMs[row]! - readings.timeMs[next - 1]! <= maxAgeMs &&
        Number.isNaN(values[row * width + channels + at]!)
      ) {
        values[row * width + channels + at] = readings.value[next - 1]!
      }
    }
  }
}

function ticksOf(
  all: readonly SensorReadings[],
  options: Pick<HistoryOptions, 'periodMs' | 'maxAgeMs' | 'value'>,
  fitUntilMs: number,
): Ticks {
  const { periodMs, maxAgeMs, value } = options
  const grid = (period: number): Ticks =>
    alignChannels(all, { periodMs: period, value, ...(maxAgeMs === null ? {} : { maxAgeMs }) })
  if (periodMs !== null) return grid(periodMs)
  const shared = sharedTicks(all)
  if (shared !== null) return shared
  const fit = all.map(({ timeMs, value: values }) => ({
    timeMs: Array.from(timeMs).slice(0, rowsBefore(timeMs, fitUntilMs)),
    value: values,
  }))
  return grid(periodOf(fit))
}

/** Leaves out ticks at which no channel has a value: live, they do not step the network either. */
function withoutSilence({ timeMs, values }: Ticks, width: number, channels: number): Ticks {
  const kept: number[] = []
  for (let row = 0; row < timeMs.length; row++) {
    const channelValues = values.subarray(row * width, row * width + channels)
    if (channelValues.some((value) => !Number.isNaN(value))) kept.push(row)
  }
  if (kept.length === timeMs.length) return { timeMs, values }
  const rows = new Float64Array(kept.length * width)
  for (const [to, row] of kept.entries()) rows.set(values.subarray(row * width, (row + 1) * width), to * width)
  return { timeMs: Float64Array.from(kept, (row) => timeMs[row]!), values: rows }
}

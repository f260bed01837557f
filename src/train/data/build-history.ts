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

/** A sensor's good readings, as the core's quality stage left them. */
export interface SensorReadings extends ChannelReadings {
  readonly sensor: string
}

/** Trimmed deviations from the median beyond which a reading is absurd, such as a 10⁹ among fifties. */
const absurdDeviations = 100

/**
 * Readings without the absurd ones: those more than 100 deviations (of the middle 98 %) off the median. They are at most
 * one in a hundred; where more are that far off, it is the sensor's way, and all stay.
 */
export function withoutAbsurd(readings: SensorReadings): SensorReadings {
  const sorted = Float64Array.from(readings.value).sort()
  const median = sorted[sorted.length >> 1] ?? 0
  const middle = sorted.subarray(Math.floor(0.01 * sorted.length), Math.ceil(0.99 * sorted.length))
  let squares = 0
  for (const value of middle) squares += (value - median) ** 2 / middle.length
  const most = absurdDeviations * Math.sqrt(squares)
  const kept: number[] = []
  for (let row = 0; row < readings.value.length; row++) {
    if (!(Math.abs(readings.value[row]! - median) > most)) kept.push(row)
  }
  if (squares === 0 || kept.length < 0.99 * sorted.length || kept.length === sorted.length) return readings
  return {
    sensor: readings.sensor,
    timeMs: Float64Array.from(kept, (row) => readings.timeMs[row]!),
    value: Float64Array.from(kept, (row) => readings.value[row]!),
  }
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
}

/**
 * Makes histories of readings: one a sensor, or one of all channels together, by the core's own align stage.
 *
 * Errors: `OperatingError('read')` when no channel is left, or a context column does not exist.
 */
export function buildHistories(readings: readonly SensorReadings[], options: HistoryOptions): History[] {
  for (const name of options.context) {
    if (!readings.some(({ sensor }) => sensor === name)) {
      const known = readings.map(({ sensor }) => sensor).join(', ')
      throw new OperatingError('read', `there is no context column "${name}"; there are ${known}`)
    }
  }
  const context = readings.filter(({ sensor }) => options.context.includes(sensor))
  const channels = readings.filter(({ sensor, timeMs }) => !options.context.includes(sensor) && timeMs.length > 0)
  if (channels.length === 0) throw new OperatingError('read', 'no channel has a good reading')
  if (options.as === 'asset') return [joint(options.asset, channels, context, options)]
  return channels.map((channel) => joint(channel.sensor, [channel], context, options))
}

function joint(
  name: string,
  channels: readonly SensorReadings[],
  context: readonly SensorReadings[],
  options: HistoryOptions,
): History {
  const all = [...channels, ...context]
  const ticks = withoutSilence(ticksOf(all, options), all.length, channels.length)
  const stepMs = medianStepOf(ticks.timeMs)
  return {
    name,
    channels: channels.map(({ sensor }) => sensor),
    context: context.map(({ sensor }) => sensor),
    ...ticks,
    gapBefore: gapsOf(ticks.timeMs, stepMs),
    stepMs,
  }
}

function ticksOf(all: readonly SensorReadings[], options: HistoryOptions): Ticks {
  const { periodMs, maxAgeMs, value } = options
  const grid = (period: number): Ticks =>
    alignChannels(all, { periodMs: period, value, ...(maxAgeMs === null ? {} : { maxAgeMs }) })
  if (periodMs !== null) return grid(periodMs)
  return sharedTicks(all) ?? grid(periodOf(all))
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

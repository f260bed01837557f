import { CivilCalendar, utcCalendar } from '../../base/civil-calendar.ts'
import { type CalendarCycle, calendarWidth, writeCalendar } from '../../model/calendar.ts'
import type { LinearPart } from '../../model/linear.ts'
import type { Scale, ScalerKind } from '../../model/model.ts'
import type { History, RowRange } from './history.ts'
import { fitScale } from './scaler.ts'

/** Parts of a history in time: each begins where the one before ends, so nothing is shuffled across a cut. */
export interface Split {
  readonly train: RowRange
  readonly validation: RowRange
  readonly test: RowRange
}

/** What a network sees and what it is to say. */
export interface InputOptions {
  readonly scaler: ScalerKind
  readonly calendar: readonly CalendarCycle[]
  /** Scaled inputs are held within ± this; what is predicted never is. */
  readonly inputClip: number
}

/**
 * A history made ready for a network.
 *
 * Shapes: inputs (T,I): scaled channels, scaled context, calendar; a missing input is 0, the mean, as in a live step.
 * scaled (T,C): channels, not clipped; NaN: missing.
 */
export interface Prepared {
  readonly history: History
  readonly split: Split
  /** Of every channel, then every context column. */
  readonly scales: readonly Scale[]
  readonly inputs: Float32Array
  readonly scaled: Float64Array
  /** The linear part that a network is to correct, and what it says: then the network's targets are what is left. */
  readonly linear?: LinearSaid
}

/** A linear part and what it expects of every row of a history. Shapes: said (T,H), at row t of row t+h, scaled. */
export interface LinearSaid {
  readonly part: LinearPart
  readonly said: Float32Array
}

/** Inputs of a network for histories of so many channels and context columns. */
export function inputCount(history: History, calendar: readonly CalendarCycle[]): number {
  return history.channels.length + history.context.length + calendarWidth(calendar)
}

/**
 * Scales a history and adds the calendar. `known` scales (of the model that is evaluated or tuned further) are used as
 * they are, others are fitted on the training part alone.
 *
 * Errors: `OperatingError('read')` for a channel without a good reading in the training part.
 */
export function prepare(
  history: History,
  split: Split,
  options: InputOptions,
  known?: ReadonlyMap<string, Scale>,
): Prepared {
  const columns = [...history.channels, ...history.context]
  const width = columns.length
  const rows = history.timeMs.length
  const scales = columns.map((name, column) => known?.get(name) ?? fitColumn(history, split, options, name, column))
  const count = inputCount(history, options.calendar)
  const inputs = new Float32Array(rows * count)
  const scaled = new Float64Array(rows * history.channels.length)
  const civil = history.calendar === undefined ? utcCalendar : new CivilCalendar(history.calendar)
  for (let row = 0; row < rows; row++) {
    for (const [column, { center, scale }] of scales.entries()) {
      const v = (history.values[row * width + column]! - center) / scale
      if (column < history.channels.length) scaled[row * history.channels.length + column] = v
      const held = Math.max(-options.inputClip, Math.min(options.inputClip, v))
      inputs[row * count + column] = Number.isNaN(v) ? 0 : held
    }
    writeCalendar(options.calendar, civil, history.timeMs[row]!, inputs, row * count + width)
  }
  return { history, split, scales, inputs, scaled }
}

function fitColumn(history: History, split: Split, options: InputOptions, name: string, column: number): Scale {
  const width = history.channels.length + history.context.length
  const values: number[] = []
  for (let row = split.train.from; row < split.train.to; row++) values.push(history.values[row * width + column]!)
  return fitScale(options.scaler, values, name)
}

/**
 * Cuts histories at common moments, so that no sensor's future is another one's past: the last `test` share of all
 * rows is the test, the `validation` share before it chooses the epoch, the rest trains.
 */
export function splitInTime(
  histories: readonly History[],
  shares: { readonly validation: number; readonly test: number },
): Split[] {
  const validationMs = cutMs(histories, 1 - shares.test - shares.validation)
  const testMs = shares.test === 0 ? Infinity : cutMs(histories, 1 - shares.test)
  return histories.map(({ timeMs }) => {
    const validation = rowsBefore(timeMs, shares.validation === 0 ? testMs : validationMs)
    const test = rowsBefore(timeMs, testMs)
    return {
      train: { from: 0, to: validation },
      validation: { from: validation, to: test },
      test: { from: test, to: timeMs.length },
    }
  })
}

/** The moment before which so large a share of all rows lies; Infinity for all of them. */
export function cutMs(histories: readonly History[], share: number): number {
  const times = pooledTimes(histories)
  return times[Math.floor(share * times.length)] ?? Infinity
}

function pooledTimes(histories: readonly History[]): Float64Array {
  const pooled = new Float64Array(histories.reduce((sum, { timeMs }) => sum + timeMs.length, 0))
  let at = 0
  for (const { timeMs } of histories) {
    pooled.set(timeMs, at)
    at += timeMs.length
  }
  return pooled.sort()
}

/** How many of the times, which rise, are before a moment. */
export function rowsBefore(timeMs: ArrayLike<number>, wanted: number): number {
  let low = 0
  let high = timeMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (timeMs[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

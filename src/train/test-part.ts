import type { Model } from '../model/model.ts'
import type { RowRange } from './data/history.ts'
import type { Prepared } from './data/prepare.ts'
import { type Forecasts, forecastsOf, usualRun } from './forecasts.ts'

/** What a model said one step ahead on a part of a channel that it did not learn from, and what came. */
export interface ChannelTest {
  readonly channel: string
  /** Shapes: all (N), one a row of the part that was predicted. Units: engineering units, ms. */
  readonly timeMs: Float64Array
  readonly truth: Float64Array
  readonly expected: Float64Array
  /** truth − expected; NaN where one of them is missing. */
  readonly residual: Float64Array
  /** Mean absolute errors, of the model and of the value before. */
  readonly mae: number
  readonly naiveMae: number
}

/** Runs a model over a history and compares the rows of a part with what was said of them one row before. */
export function testPart(model: Model, prepared: Prepared, range: RowRange, window: number): ChannelTest[] {
  const forecasts = forecastsOf(model, prepared, usualRun(model, window))
  return prepared.history.channels.map((_, channel) => channelTest(prepared, forecasts, range, channel))
}

function channelTest({ history }: Prepared, { expected }: Forecasts, range: RowRange, channel: number): ChannelTest {
  const columns = history.channels.length + history.context.length
  const outputs = expected.length / history.timeMs.length
  const rows: number[] = []
  for (let row = Math.max(1, range.from); row < range.to; row++) if (history.gapBefore[row] !== 1) rows.push(row)
  const value = (row: number): number => history.values[row * columns + channel]!
  const truth = Float64Array.from(rows, value)
  const said = Float64Array.from(rows, (row) => expected[(row - 1) * outputs + channel]!)
  const residual = truth.map((now, at) => now - said[at]!)
  const steps = Float64Array.from(rows, (row) => value(row) - value(row - 1))
  const both = [...residual.keys()].filter((at) => !Number.isNaN(residual[at]!) && !Number.isNaN(steps[at]!))
  const meanSize = (errors: Float64Array): number =>
    both.reduce((sum, at) => sum + Math.abs(errors[at]!), 0) / both.length
  return {
    channel: history.channels[channel]!,
    timeMs: Float64Array.from(rows, (row) => history.timeMs[row]!),
    truth,
    expected: said,
    residual,
    mae: meanSize(residual),
    naiveMae: meanSize(steps),
  }
}

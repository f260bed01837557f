import { OperatingError } from '../../base/errors.ts'
import type { Model } from '../../model/model.ts'
import type { RowRange } from '../data/history.ts'
import type { Prepared } from '../data/prepare.ts'
import { forecastsOf, usualRun } from '../forecasts.ts'

/**
 * How large a model's errors on the validation part are, as a share of those of repeating the last value: one number
 * that compares trials with other losses, scalers, windows and targets. Below 1 it is better than the last value.
 *
 * Mean absolute errors in engineering units over horizons 1…`horizons`, per channel; then the mean of the channels.
 * Works when: every model that is compared is judged on the same horizons. Rows after the validation part are not seen.
 * Errors: `OperatingError('model')` when nothing can be compared, or a forecast is not finite.
 */
export function relativeError(model: Model, all: readonly Prepared[], window: number, horizons: number): number {
  const ratios = all.flatMap((whole) => {
    const prepared = untilRow(whole, whole.split.validation.to)
    const { expected } = forecastsOf(model, prepared, usualRun(model, window))
    return prepared.history.channels.map((_, channel) => channelRatio(prepared, expected, channel, horizons))
  })
  const judged = ratios.filter((ratio) => !Number.isNaN(ratio))
  const mean = judged.reduce((sum, ratio) => sum + ratio, 0) / judged.length
  if (Number.isFinite(mean)) return mean
  const why = judged.length === 0 ? 'there is nothing that moves in the validation part' : 'a forecast is not finite'
  throw new OperatingError('model', `the trial cannot be judged: ${why}`)
}

/** A history up to a row, without copying it. */
function untilRow(prepared: Prepared, rows: number): Prepared {
  const { history, inputs, scaled } = prepared
  const all = history.timeMs.length
  const part = <A extends Float64Array | Float32Array>(values: A): A =>
    values.subarray(0, (values.length / all) * rows) as A
  const { timeMs, values, gapBefore } = history
  const cut = { timeMs: part(timeMs), values: part(values), gapBefore: gapBefore.subarray(0, rows) }
  return { ...prepared, history: { ...history, ...cut }, inputs: part(inputs), scaled: part(scaled) }
}

/** NaN of a channel without an error of the last value to compare with. */
function channelRatio({ history, split }: Prepared, expected: Float64Array, channel: number, horizons: number): number {
  const columns = history.channels.length + history.context.length
  const outputs = expected.length / history.timeMs.length
  const value = (row: number): number => history.values[row * columns + channel]!
  let own = 0
  let naive = 0
  for (let h = 1; h <= horizons; h++) {
    for (const row of rowsOf(split.validation, history.gapBefore, h)) {
      const said = expected[(row - h) * outputs + (h - 1) * history.channels.length + channel]!
      const step = value(row) - value(row - h)
      if (Number.isNaN(step) || Number.isNaN(said)) continue
      own += Math.abs(value(row) - said)
      naive += Math.abs(step)
    }
  }
  return naive > 0 ? own / naive : Number.NaN
}

/** Rows of a range that no gap divides from the row `h` before. */
function* rowsOf(range: RowRange, gapBefore: Uint8Array, h: number): Generator<number> {
  let sinceGap = 0
  for (let row = 0; row < range.to; row++) {
    sinceGap = gapBefore[row] === 1 ? 0 : sinceGap + 1
    if (row >= range.from && sinceGap >= h) yield row
  }
}

import { ConfigurationError } from '../../base/errors.ts'
import type { Model } from '../../model/model.ts'
import type { History, RowRange } from '../../train/data/history.ts'
import { type Prepared, prepare } from '../../train/data/prepare.ts'
import { baselinesFor } from '../../train/evaluate/baselines.ts'
import { evaluate } from '../../train/evaluate/evaluation.ts'
import type { EvaluationTable } from '../../train/evaluate/evaluation-table.ts'
import type { Predictor } from '../../train/evaluate/predictor.ts'
import { seasonOf } from '../../train/evaluate/season.ts'
import type { Series } from '../../train/evaluate/series.ts'
import { type Forecasts, forecastsOf, usualRun } from '../../train/forecasts.ts'
import { requireCalendar } from '../../train/lesson.ts'

/** How a model is judged. */
export interface EvaluateSettings {
  /** The last share of the rows, which is judged; simple methods are fitted on the rows before. */
  readonly test: number
  /** Steps ahead that are judged: 1 to this, at most as many as the model says. */
  readonly horizons: number
  readonly by: 'stream' | 'windows' | null
  readonly window: number
  readonly seed: number
}

/** The judgement of one channel, and what a picture of it needs. */
export interface ChannelEvaluation {
  readonly channel: string
  readonly table: EvaluationTable
  /** The forecasts of the first and of the last step ahead. */
  readonly pictures: readonly ForecastPicture[]
}

/** What was forecast `steps` ahead of each row that was judged. Shapes: all (N); NaN: no forecast without a gap. */
export interface ForecastPicture {
  readonly steps: number
  readonly timeMs: Float64Array
  readonly truth: Float64Array
  readonly expected: Float64Array
}

/**
 * Judges a model on the last part of a history, channel by channel, beside the simple methods.
 *
 * Errors: `ConfigurationError` for a model that says nothing of the steps ahead, or a history that is too short.
 */
export function evaluateHistory(model: Model, history: History, settings: EvaluateSettings): ChannelEvaluation[] {
  const { forecast } = model
  if (forecast === null) {
    const expected = `${model.name} only runs: it does not say what its outputs are`
    const hint = 'import it again with --horizons and --target'
    throw new ConfigurationError([{ path: '--model', value: model.name, expected, hint }])
  }
  requireCalendar(model, history)
  const rows = history.timeMs.length
  const from = Math.floor((1 - settings.test) * rows)
  const range = { from, to: rows }
  const split = { train: { from: 0, to: from }, validation: { from, to: from }, test: range }
  const { inputClip, calendar = [] } = forecast
  const scaler = model.scaler?.kind ?? 'standard'
  const prepared = prepare(history, split, { scaler, calendar, inputClip }, model.scaler?.scales)
  const usual = usualRun(model, settings.window)
  const forecasts = forecastsOf(model, prepared, settings.by === null ? usual : { ...usual, by: settings.by })
  const horizons = Math.min(settings.horizons, forecast.horizons)
  return history.channels.map((_, channel) =>
    judgeChannel(model, prepared, forecasts, channel, range, horizons, settings),
  )
}

function judgeChannel(
  model: Model,
  { history }: Prepared,
  forecasts: Forecasts,
  channel: number,
  range: RowRange,
  horizons: number,
  { seed }: EvaluateSettings,
): ChannelEvaluation {
  const columns = history.channels.length + history.context.length
  const values = Float64Array.from(history.timeMs, (_, row) => history.values[row * columns + channel]!)
  const { gapBefore, stepMs } = history
  const season = seasonOf(values.subarray(0, range.from), gapBefore.subarray(0, range.from), stepMs)
  const truth: Series = { values, gapBefore, fitRows: range.from, season, stepMs }
  const own = (all: Float64Array): Float64Array => ofChannel(all, history, channel, horizons)
  const network: Predictor = {
    name: model.name,
    expected: own(forecasts.expected),
    deviation: forecasts.deviation === null ? null : own(forecasts.deviation),
    quantiles:
      forecasts.quantiles === null ? null : new Map([...forecasts.quantiles].map(([at, all]) => [at, own(all)])),
  }
  const simple = baselinesFor(truth).map(({ name, predict }) => ({ name, expected: predict(truth, horizons) }))
  const table = evaluate({ truth, predictors: [network, ...simple], horizons, range, seed })
  const pictures = [...new Set([1, horizons])].map((steps) =>
    pictureOf(history, truth, network, range, horizons, steps),
  )
  return { channel: history.channels[channel]!, table, pictures }
}

function pictureOf(
  { timeMs }: History,
  { values, gapBefore }: Series,
  { expected }: Predictor,
  range: RowRange,
  horizons: number,
  steps: number,
): ForecastPicture {
  const first = Math.min(Math.max(range.from, steps), range.to)
  const madeBefore = (row: number): number =>
    gapBefore.subarray(row - steps + 1, row + 1).includes(1)
      ? Number.NaN
      : expected[(row - steps) * horizons + steps - 1]!
  const rows = Int32Array.from({ length: range.to - first }, (_, at) => first + at)
  return {
    steps,
    timeMs: timeMs.slice(first, range.to),
    truth: values.slice(first, range.to),
    expected: Float64Array.from(rows, madeBefore),
  }
}

/** (T, horizons × channels) of a model as (T,H) of one channel. */
function ofChannel(all: Float64Array, history: History, channel: number, horizons: number): Float64Array {
  const rows = history.timeMs.length
  const outputs = all.length / rows
  const channels = history.channels.length
  return Float64Array.from({ length: rows * horizons }, (_, at) => {
    return all[Math.floor(at / horizons) * outputs + (at % horizons) * channels + channel]!
  })
}

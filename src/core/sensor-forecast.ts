import { OperatingError } from '../base/errors.ts'
import { calendarWidth } from '../model/calendar.ts'
import { inputWidth, outputWidth } from '../model/graph.ts'
import { headOf } from '../model/head.ts'
import type { Forecast, Model, Scale } from '../model/model.ts'
import { horizonsMax } from './columns.ts'

/** Errors: `OperatingError('model')` for a context column that the model has no scale of. */
export function contextScale({ name, scaler }: Model, column: string): Scale {
  const scale = scaler?.scales.get(column)
  if (scale !== undefined) return scale
  throw new OperatingError('model', `${name} reads the context column "${column}" and has no scale of it`)
}

/**
 * What a model says of a sensor: a plain head its value, a Gaussian head its mean, a Quantile head its median.
 *
 * The band of an outcome is the calibrated one whatever the head: 99 % of the errors of the sensor's own calibration lie
 * inside, and it goes with the errors of now, which a spread that was learned in training does not.
 * Errors: `OperatingError('model')` where it does not forecast one.
 */
export function forecastOf(model: Model): Forecast {
  const { name, architecture, forecast, graph } = model
  const context = forecast?.context?.length ?? 0
  const inputs = 1 + context + calendarWidth(forecast?.calendar ?? [])
  const { kind, each, middle, levels } = headOf(architecture)
  if (
    forecast === null ||
    forecast.channels !== undefined ||
    inputWidth(graph) !== inputs ||
    outputWidth(graph) !== each * forecast.horizons
  ) {
    const needs =
      inputs === 1 ? 'one input' : `${inputs} inputs (the value${context > 0 ? ', its context' : ''} and its calendar)`
    const gives =
      kind === 'gaussian' ? 'a mean and a deviation' : kind === 'quantile' ? 'a value a level' : 'one output'
    const detail = `${name} does not forecast a sensor: it needs ${needs}, and ${gives} a horizon`
    throw new OperatingError('model', detail)
  }
  if (kind === 'quantile' && levels[middle] !== 0.5) {
    const detail = `${name} has no median to forecast with: its levels are ${levels.join(', ')}; train it with 0.5 among them`
    throw new OperatingError('model', detail)
  }
  if (forecast.horizons > horizonsMax) {
    const detail = `${name} forecasts ${forecast.horizons} readings ahead; the pipeline keeps at most ${horizonsMax}: train it with fewer horizons`
    throw new OperatingError('model', detail)
  }
  return forecast
}

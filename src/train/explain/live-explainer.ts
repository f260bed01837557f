import { OperatingError } from '../../base/errors.ts'
import { traceTicks } from '../../core/arena.ts'
import type { ExplainReading, ReadingToExplain } from '../../core/explain.ts'
import { headOf } from '../../model/head.ts'
import type { Model } from '../../model/model.ts'
import type { Explainer } from './attribution.ts'
import { type ExplainedInput, explainReading } from './explanation.ts'
import { createModelExplainer } from './integrated-gradients.ts'

/** Points on the way: the clause of an alarm does not need the last digits, and an explanation takes a millisecond. */
const steps = 16

/**
 * Explains readings of a running pipeline: the window is what the network saw in the last ticks, compared with a sensor that
 * stayed at its usual value.
 *
 * A network that forecasts changes is asked why it expected that change of the last value; one that forecasts levels, why that
 * level. What it knew from before the window is in `rest`, and so is what a sensor's own adaptation makes of the network's answer. A model that has no way back is not explained: null.
 * Cost: forward and back of 18 windows of 32 ticks; one explainer a model is kept.
 */
export function createLiveExplainer(): ExplainReading {
  const explainers = new WeakMap<Model, Explainer | null>()
  const explainerOf = (model: Model): Explainer | null => {
    const known = explainers.get(model)
    if (known !== undefined) return known
    const made = explainable(model)
    explainers.set(model, made)
    return made
  }
  return (reading) => {
    const explainer = explainerOf(reading.model)
    return explainer === null ? null : explained(explainer, reading)
  }
}

function explainable(model: Model): Explainer | null {
  try {
    return createModelExplainer(model, { ticks: traceTicks, steps })
  } catch (error) {
    if (error instanceof OperatingError) return null
    throw error
  }
}

function explained(explainer: Explainer, { model, spec, window, center, unit, observed, expected }: ReadingToExplain) {
  const channel = spec.labels['measurement'] ?? spec.id
  const own: ExplainedInput = { channel, unit: spec.unit, center, scale: unit }
  const calendar = { channel: 'time of day and year', unit: '', center: 0, scale: 1, isCalendar: true }
  const named = spec.context.length > 0 ? spec.context : (model.forecast!.context ?? [])
  const context = (model.forecast!.context ?? []).map((column, at): ExplainedInput => {
    return { channel: named[at]!, unit: '', ...model.scaler!.scales.get(column)! }
  })
  const left = explainer.inputs - 1 - context.length
  const inputs = [own, ...context, ...Array.from({ length: left }, () => calendar)]
  // The last tick is always there: the reading was expected from it.
  const last = window[(traceTicks - 1) * explainer.inputs]!
  if (!Number.isFinite(last) || !Number.isFinite(observed) || !Number.isFinite(expected)) return null
  const isLevel = model.forecast?.target === 'level'
  // A network of changes explains the change: that the level is where it was needs no explanation.
  const from = isLevel ? center : last * unit + center
  const output = {
    index: model.forecast!.horizons * headOf(model.architecture).middle,
    channel,
    unit: spec.unit,
    center: from,
    scale: unit,
    predicts: 'value' as const,
    horizon: 1,
  }
  const inUnits = Float64Array.from(window, (value, at) => {
    const { center: middle, scale } = inputs[at % inputs.length]!
    return value * scale + middle
  })
  const reading = { window: inUnits, observed, expected }
  const why = explainReading(explainer, inputs, output, Number.POSITIVE_INFINITY, reading)
  return { ...why, against: isLevel ? ('usual' as const) : ('last' as const) }
}

import { assert } from '../../base/assert.ts'
import type { HiddenState } from '../../model/hidden-state.ts'
import type { Model } from '../../model/model.ts'
import type { Attribution, Explainer } from './attribution.ts'
import { createModelExplainer } from './integrated-gradients.ts'
import { type ChannelCourse, causeOf, explanationSentence } from './sentence.ts'

/** One input of the network: what it measures, and how it was scaled, (value − center) / scale. */
export interface ExplainedInput {
  /** The channel; several inputs of one name are summed. */
  readonly channel: string
  readonly unit: string
  readonly center: number
  readonly scale: number
  /** A feature of the calendar: it contributes, and is not named in the sentence. */
  readonly isCalendar?: boolean
}

/** One value that the network gives, and what it means. */
export interface ExplainedOutput {
  /** Which of the network's outputs. */
  readonly index: number
  readonly channel: string
  readonly unit: string
  /** Output · scale + center is in the engineering unit; center counts for `predicts: 'value'` only. */
  readonly center: number
  readonly scale: number
  /** 'change': the output is added to the last value of the input with this index. */
  readonly predicts: 'value' | { readonly changeOf: number }
  /** Ticks from the window's last one to the reading. */
  readonly horizon: number
}

/** A reading and the window before it, from which it was expected. */
export interface ExplainedReading {
  /** (T,I) in engineering units; NaN: missing. */
  readonly window: ArrayLike<number>
  /** In the output's engineering unit. */
  readonly observed: number
  /** What the running model expected, in the output's unit, where it knew more than the window; the rest takes the difference. */
  readonly expected?: number
  /** The network's state before the window, of one row; default zeros. */
  readonly state?: HiddenState
}

/** A contribution to the residual: what it would be smaller by if this had been as usual. */
export interface ChannelContribution {
  readonly channel: string
  readonly contribution: number
}

/** A tick's contribution; `ticksAgo` counts from the reading. */
export interface TickContribution {
  readonly ticksAgo: number
  readonly contribution: number
}

/**
 * Why a residual is what it is: residual = rest + Σ byChannel = rest + Σ byTick.
 *
 * Units: the output's engineering unit.
 */
export interface Explanation {
  readonly expected: number
  /** observed − expected. */
  readonly residual: number
  /** The reading against what the model expects when all inputs are as usual. */
  readonly rest: number
  /** The largest first. */
  readonly byChannel: readonly ChannelContribution[]
  /** The oldest first. */
  readonly byTick: readonly TickContribution[]
  readonly sentence: string
  /** The part of the sentence that says what made the model expect that; empty where nothing stands out. */
  readonly cause: string
}

/** Explains readings of one model. */
export interface ReadingExplainer {
  /** Errors: assertion on a wrong shape, a reading that is no number, or a change of a last value that is missing. */
  explain(reading: ExplainedReading): Explanation
}

/** Which model is explained, what its inputs are, and which of its outputs. */
export interface ReadingExplainerOptions {
  readonly ticks: number
  readonly inputs: readonly ExplainedInput[]
  readonly output: ExplainedOutput
  readonly steps?: number
}

/**
 * Makes a model ready to explain its residuals by integrated gradients, against inputs that are all as usual (their center).
 *
 * Works when: the window holds what the expectation came of; with `state`, what came before it is taken as given.
 * Errors: `OperatingError('model')` for a module that has no way back; `ConfigurationError` for an output that is not there.
 */
export function createReadingExplainer(model: Model, options: ReadingExplainerOptions): ReadingExplainer {
  const { ticks, inputs, output, steps } = options
  const explainer = createModelExplainer(model, { ticks, ...(steps === undefined ? {} : { steps }) })
  assert(inputs.length === explainer.inputs, `${model.name} has ${explainer.inputs} inputs, not ${inputs.length}`)
  const clip = model.forecast?.inputClip ?? Number.POSITIVE_INFINITY
  return { explain: (reading) => explainReading(explainer, inputs, output, clip, reading) }
}

/** Explains one reading, with an explainer of the model's. Errors: as `ReadingExplainer.explain`. */
export function explainReading(
  explainer: Explainer,
  inputs: readonly ExplainedInput[],
  output: ExplainedOutput,
  clip: number,
  { window, observed, state, expected: known }: ExplainedReading,
): Explanation {
  assert(Number.isFinite(observed), 'only a reading that is a number is explained')
  const scaled = Float32Array.from({ length: window.length }, (_, at) => {
    const { center, scale } = inputs[at % inputs.length]!
    return Math.max(-clip, Math.min(clip, (window[at]! - center) / scale))
  })
  const start = state === undefined ? {} : { state }
  const attribution = explainer.attribute({ window: scaled, output: output.index, ...start })
  const { expected: own, contributions } = inEngineeringUnits(attribution, inputs, output, window)
  const expected = known ?? own
  const residual = observed - expected
  const courses = coursesOf(inputs, window, contributions)
  const byChannel = courses.map(({ name, contributions: ofTicks }) => {
    // What raises the expectation lowers the residual.
    return { channel: name, contribution: 0 - ofTicks.reduce((sum, value) => sum + value, 0) }
  })
  const rest = residual - byChannel.reduce((sum, { contribution }) => sum + contribution, 0)
  const subject = { name: output.channel, unit: output.unit, scale: output.scale }
  const calendar = new Set(inputs.filter(({ isCalendar }) => isCalendar).map(({ channel }) => channel))
  const named = courses.filter(({ name }) => !calendar.has(name))
  return {
    expected,
    residual,
    rest,
    byChannel: byChannel.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
    byTick: byTickOf(contributions, inputs.length, output.horizon),
    sentence: explanationSentence({ subject, observed, expected, channels: named }),
    cause: causeOf({ subject, observed, expected, channels: named }),
  }
}

/** The expected value, and (T,I) contributions to it: a predicted change stands on the last value, which contributes by itself. */
function inEngineeringUnits(
  { contributions, value }: Attribution,
  inputs: readonly ExplainedInput[],
  { scale, center, predicts }: ExplainedOutput,
  window: ArrayLike<number>,
): { readonly expected: number; readonly contributions: Float64Array } {
  const own = contributions.map((contribution) => contribution * scale)
  if (predicts === 'value') return { expected: center + value * scale, contributions: own }
  const at = window.length - inputs.length + predicts.changeOf
  const last = window[at]!
  assert(Number.isFinite(last), 'a change is expected of a last value, which is missing')
  own[at]! += last - inputs[predicts.changeOf]!.center
  return { expected: last + value * scale, contributions: own }
}

/** One course a channel: the values of its first input, the contributions of all of them. */
function coursesOf(
  inputs: readonly ExplainedInput[],
  window: ArrayLike<number>,
  contributions: Float64Array,
): (ChannelCourse & { readonly contributions: Float64Array })[] {
  const ticks = window.length / inputs.length
  const names = [...new Set(inputs.map(({ channel }) => channel))]
  return names.map((name) => {
    const first = inputs.findIndex(({ channel }) => channel === name)
    const { unit, center, scale } = inputs[first]!
    const values = Float64Array.from({ length: ticks }, (_, t) => window[t * inputs.length + first]!)
    const sums = new Float64Array(ticks)
    for (const [i, { channel }] of inputs.entries()) {
      if (channel !== name) continue
      for (let t = 0; t < ticks; t++) sums[t]! += contributions[t * inputs.length + i]!
    }
    return { name, unit, usual: center, scale, values, contributions: sums }
  })
}

function byTickOf(contributions: Float64Array, inputs: number, horizon: number): TickContribution[] {
  const ticks = contributions.length / inputs
  return Array.from({ length: ticks }, (_, t) => {
    let sum = 0
    for (let i = 0; i < inputs; i++) sum += contributions[t * inputs + i]!
    return { ticksAgo: ticks - 1 - t + horizon, contribution: 0 - sum }
  })
}

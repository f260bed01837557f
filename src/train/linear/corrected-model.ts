import { parseArchitecture } from '../../model/architecture.ts'
import { inputWidth } from '../../model/graph.ts'
import { createModel, type Model } from '../../model/model.ts'
import type { Prepared } from '../data/prepare.ts'
import { withWeights } from '../fit/with-weights.ts'
import { networkOutputs, usualRun } from '../forecasts.ts'
import type { Corrected } from './gate.ts'

/** Ticks of a window of a network that cannot run as a stream. */
const windowTicks = 64

/** What linear part and network say of histories whose validation parts neither was fitted on. */
export function correctedBy(model: Model, prepared: readonly Prepared[]): Corrected[] {
  return prepared.map((one) => ({
    prepared: one,
    linear: one.linear!,
    network: networkOutputs(model, one, usualRun(model, windowTicks)),
    held: one.split.validation,
  }))
}

/**
 * A model with its gates. Where all of them are closed the network is left out: in its place stands a layer of zeros, which
 * needs no state and which nobody runs.
 */
export function gated(model: Model, gates: Float32Array): Model {
  const linear = { ...model.linear!, gates }
  if (gates.some((gate) => gate > 0)) return withWeights(model, new Map(), { linear })
  const [inputs, outputs] = [inputWidth(model.graph), gates.length]
  const nothing = { type: 'Linear', name: 'none', in_features: inputs, out_features: outputs }
  const tensors = new Map([
    ['none.weight', { shape: [outputs, inputs], data: new Float32Array(outputs * inputs) }],
    ['none.bias', { shape: [outputs], data: new Float32Array(outputs) }],
  ])
  return createModel(model.name, parseArchitecture({ modules: [nothing] }), tensors, { ...model, linear })
}

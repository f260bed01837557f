import { createModel, type Model, type ModelOptions } from '../../model/model.ts'

/**
 * A model with other weights, as a fit gives them; what they do not name, such as the statistics of a batch
 * normalisation, stays. Name, forecast, linear part, calibrations, scaler and card stay unless they are given.
 *
 * Errors: `OperatingError('model')` for a tensor that the architecture has not.
 */
export function withWeights(
  model: Model,
  weights: ReadonlyMap<string, Float32Array>,
  about: ModelOptions & { readonly name?: string } = {},
): Model {
  const { name, ...options } = { ...model, ...about }
  const tensors = new Map(model.tensors)
  for (const [tensor, data] of weights) {
    tensors.set(tensor, { shape: model.tensors.get(tensor)?.shape ?? [data.length], data: data.slice() })
  }
  return createModel(name, model.architecture, tensors, options)
}

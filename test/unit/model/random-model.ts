import { createPrng } from '../../../src/base/prng.ts'
import { parseArchitecture } from '../../../src/model/architecture.ts'
import { lower } from '../../../src/model/lower.ts'
import { createModel, type Model } from '../../../src/model/model.ts'
import type { Tensor } from '../../../src/model/tensor.ts'
import { tensorShapes } from '../../../src/model/tensor-shapes.ts'

/** A model of these modules with weights between ±scale; variances are between 0.5 and 1.5. */
export function randomModel(modules: readonly Record<string, unknown>[], seed = 1, scale = 0.3): Model {
  const random = createPrng(seed)
  const architecture = parseArchitecture({ modules })
  const tensors = new Map<string, Tensor>()
  for (const [name, shape] of tensorShapes(lower(architecture))) {
    const size = shape.reduce((product, n) => product * n, 1)
    const draw = (): number => (name.endsWith('running_var') ? random.between(0.5, 1.5) : random.between(-scale, scale))
    tensors.set(name, { shape, data: Float32Array.from({ length: size }, draw) })
  }
  return createModel('random', architecture, tensors)
}

const gru = { name: 'a', type: 'GRU', input_size: 2, hidden_size: 5 }
const lstm = { name: 'a', type: 'LSTM', input_size: 2, hidden_size: 5 }
const head = { name: 'head', type: 'Linear', in_features: 5, out_features: 3 }

/** Modules of models with two inputs that a stream can run: every cell, and every node that needs no whole window. */
export const streamable: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  'GRU and head': [gru, head],
  'GRU, reset before': [{ ...gru, convention: 'reset_before' }, head],
  'GRU of the textbook': [{ ...gru, convention: 'textbook' }, head],
  LSTM: [lstm],
  'LSTM with projection and head': [{ ...lstm, hidden_size: 9, proj_size: 5 }, head],
  'RNN, tanh': [{ name: 'a', type: 'RNN', input_size: 2, hidden_size: 5 }],
  'RNN, relu, and head': [{ name: 'a', type: 'RNN', input_size: 2, hidden_size: 5, nonlinearity: 'relu' }, head],
  'three layers with norms and sums': [{ ...gru, num_layers: 3, layer_norm: true, residual: true }, head],
  'two modules and a dense head': [
    lstm,
    { name: 'b', type: 'GRU', input_size: 5, hidden_size: 4 },
    { name: 'n', type: 'LayerNorm', normalized_shape: 4 },
    { name: 'c', type: 'Linear', in_features: 4, out_features: 6, activation: 'gelu' },
    { name: 'd', type: 'BatchNorm1d', num_features: 6 },
    { type: 'Dropout', p: 0.5 },
    { name: 'e', type: 'Gaussian', in_features: 6, out_features: 2, floor: 0.01 },
  ],
  'multi-head attention': [
    gru,
    { name: 'm', type: 'MultiheadAttention', embed_dim: 5, num_heads: 5, window: 4, residual: true },
    head,
  ],
  'additive attention': [
    lstm,
    { name: 'm', type: 'AdditiveAttention', in_features: 5, attention_size: 3, query: true, window: 3 },
    head,
  ],
  'dot attention on the last': [gru, { type: 'DotAttention', window: 6, scale: 0.4 }, { ...head, on: 'last' }],
  'a merge of two ways': [
    gru,
    { ...lstm, name: 'b', input: 'input' },
    { type: 'Multiply', id: 'product', inputs: ['a', 'b'] },
    { type: 'Maximum', id: 'larger', inputs: ['a', 'b'] },
    { type: 'Concat', inputs: ['product', 'larger'] },
    { name: 'q', type: 'Quantile', in_features: 10, out_features: 1, levels: [0.1, 0.9] },
  ],
}

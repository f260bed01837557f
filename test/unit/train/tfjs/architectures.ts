import { streamable } from '../../model/random-model.ts'

type Modules = readonly Readonly<Record<string, unknown>>[]

/** Windows of a batch, and ticks of a window, that the architectures below are run on. */
export const batch = 3
export const ticks = 6

const gru = { name: 'a', type: 'GRU', input_size: 2, hidden_size: 5 }
const lstm = { name: 'a', type: 'LSTM', input_size: 2, hidden_size: 5 }
const head = { name: 'head', type: 'Linear', in_features: 5, out_features: 3 }
const attention = { name: 'm', type: 'AdditiveAttention', in_features: 5, attention_size: 3 }
const wide = { ...gru, hidden_size: 6 }
const heads = { name: 'm', type: 'MultiheadAttention', embed_dim: 6, num_heads: 2 }
const wideHead = { ...head, in_features: 6 }

/** Models with two inputs (one has four) of every kind of node, for streams and for whole windows. */
export const architectures: Readonly<Record<string, Modules>> = {
  ...streamable,
  'both directions, concatenated': [
    { ...gru, bidirectional: true, num_layers: 2 },
    { ...head, in_features: 10 },
  ],
  'both directions, added, residual': [
    { ...lstm, bidirectional: true, num_layers: 2, merge: 'sum', residual: true, layer_norm: true },
    head,
  ],
  'both directions, multiplied': [{ ...gru, bidirectional: true, merge: 'multiply', convention: 'reset_before' }, head],
  'both directions, average, the last': [{ ...gru, bidirectional: true, merge: 'average', on: 'last' }, head],
  'backwards without bias, the last': [{ ...lstm, go_backwards: true, bias: false, on: 'last' }, head],
  'additive attention to all': [gru, attention, head],
  'additive attention to all, with a query, no bias': [gru, { ...attention, query: true, bias: false }, head],
  'additive attention to some, without a query': [gru, { ...attention, window: 2 }, { ...head, on: 'last' }],
  'multi-head attention to all': [wide, { ...heads, residual: true }, wideHead],
  'multi-head attention, causal': [wide, { ...heads, causal: true, bias: false }, wideHead],
  'multi-head attention to some': [wide, { ...heads, window: 2 }, wideHead],
  'dot attention to all': [gru, { type: 'DotAttention', scale: 0.7 }, head],
  'the mean of all ticks': [gru, { type: 'Pool', how: 'mean' }, head],
  'the maximum of all ticks': [gru, { type: 'Pool', how: 'maximum' }, head],
  'all ticks side by side': [
    { ...gru, hidden_size: 3 },
    { type: 'Flatten', ticks },
    { ...head, in_features: 3 * ticks },
  ],
  'an autoencoder': [
    { ...lstm, on: 'last' },
    { type: 'Repeat', ticks },
    { ...lstm, name: 'b', input_size: 5 },
    { ...head, out_features: 2 },
  ],
  'norms on the input': [
    { name: 'n', type: 'LayerNorm', normalized_shape: 4, elementwise_affine: false },
    { name: 'b', type: 'BatchNorm1d', num_features: 4, affine: false },
    { ...gru, input_size: 4 },
  ],
}

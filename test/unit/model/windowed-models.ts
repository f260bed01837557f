type Module = Readonly<Record<string, unknown>>

/** Ticks of a window of the models below. */
export const ticks = 6
/** Modules that the models are made of, with two inputs. */
export const gru = { name: 'a', type: 'GRU', input_size: 2, hidden_size: 5 }
export const lstm = { name: 'a', type: 'LSTM', input_size: 2, hidden_size: 5 }
export const head = { name: 'head', type: 'Linear', in_features: 5, out_features: 3 }
export const attention = { name: 'm', type: 'AdditiveAttention', in_features: 5, attention_size: 3 }
const heads = { name: 'm', type: 'MultiheadAttention', embed_dim: 6, num_heads: 2 }
const wide = { ...gru, hidden_size: 6 }
const wideHead = { ...head, in_features: 6 }

/** Models that need whole windows. */
export const windowed: Readonly<Record<string, readonly Module[]>> = {
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
  'attention on the input': [
    { name: 'm', type: 'AdditiveAttention', in_features: 2, attention_size: 3 },
    { ...gru, input: 'm' },
  ],
  'the mean of all ticks': [gru, { type: 'Pool', how: 'mean' }, head],
  'the maximum of all ticks': [gru, { type: 'Pool', how: 'maximum' }, head],
  'all ticks side by side': [
    { ...gru, hidden_size: 3 },
    { type: 'Flatten', ticks },
    { ...head, in_features: 3 * ticks },
  ],
  'an autoencoder': [
    { ...lstm, on: 'last' },
    { type: 'Repeat', ticks: 4 },
    { ...lstm, name: 'b', input_size: 5 },
    { ...head, out_features: 2 },
  ],
  // Of two features a layer norm would leave the signs, and its gradient would be what rounding leaves.
  'norms on the input': [
    { name: 'n', type: 'LayerNorm', normalized_shape: 4, elementwise_affine: false },
    { name: 'b', type: 'BatchNorm1d', num_features: 4, affine: false },
    { ...gru, input_size: 4 },
  ],
  'softmax of a quantile head': [
    gru,
    { name: 'q', type: 'Quantile', in_features: 5, out_features: 2, levels: [0.1, 0.5, 0.9] },
    { type: 'Softmax' },
  ],
  'a Gaussian head of one value': [gru, { name: 'g', type: 'Gaussian', in_features: 5, out_features: 1 }],
}

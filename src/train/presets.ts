/** A plan by name: what differs from the defaults. */
export interface Preset {
  readonly summary: string
  readonly plan: Readonly<Record<string, unknown>>
}

const head = { type: 'Linear', name: 'head' }
/** As the textbooks train: windows of thirty, the next value itself, Adam at its usual rate. */
const textbook = {
  data: { scaler: 'minmax', window: 30, horizons: 1, target: 'level' },
  fit: {
    loss: 'mse',
    optimizer: { kind: 'adam' },
    rate: 1e-3,
    schedule: { kind: 'constant' },
    coldTicks: 0,
    gradientClip: 0,
  },
}

/** The networks that have a name. */
export const presets: Readonly<Record<string, Preset>> = {
  gru: {
    summary: 'one GRU layer of 32 units, a head on every tick: the form that runs live',
    plan: { model: { modules: [{ type: 'GRU', name: 'gru', hidden_size: 32 }, head] } },
  },
  lstm: {
    summary: 'one LSTM layer of 32 units, a head on every tick',
    plan: { model: { modules: [{ type: 'LSTM', name: 'lstm', hidden_size: 32 }, head] } },
  },
  rnn: {
    summary: 'one simple recurrent layer of 32 units, a head on every tick',
    plan: { model: { modules: [{ type: 'RNN', name: 'rnn', hidden_size: 32 }, head] } },
  },
  'textbook-lstm': {
    summary: 'LSTM(128, sequences) → LSTM(64) → Dense(1), as every textbook shows it',
    plan: {
      model: {
        modules: [
          { type: 'LSTM', name: 'lstm', hidden_size: 128 },
          { type: 'LSTM', name: 'lstm_1', hidden_size: 64, on: 'last' },
          { type: 'Linear', name: 'dense' },
        ],
      },
      ...textbook,
      fit: { ...textbook.fit, init: 'keras' },
    },
  },
  'textbook-gru': {
    summary: 'GRU(64, two layers) → Linear on the last step, as every textbook shows it',
    plan: {
      model: {
        modules: [
          { type: 'GRU', name: 'gru', hidden_size: 64, num_layers: 2 },
          { type: 'Linear', name: 'fc', on: 'last' },
        ],
      },
      ...textbook,
    },
  },
  residual: {
    summary: 'three GRU layers with residual connections and layer normalisation between them',
    plan: {
      model: {
        modules: [
          { type: 'GRU', name: 'gru', hidden_size: 32, num_layers: 3, residual: true, layer_norm: true, dropout: 0.1 },
          head,
        ],
      },
    },
  },
  attention: {
    summary: 'a GRU with additive attention over its last 32 states',
    plan: {
      model: {
        modules: [
          { type: 'GRU', name: 'gru', hidden_size: 32 },
          { type: 'AdditiveAttention', name: 'attention', attention_size: 16, window: 32, query: true, residual: true },
          head,
        ],
      },
    },
  },
  bidirectional: {
    summary: 'a bidirectional LSTM that reads a whole window: for evaluation and offline scoring, not for live streams',
    plan: {
      model: {
        modules: [
          { type: 'LSTM', name: 'lstm', hidden_size: 32, bidirectional: true, on: 'last' },
          { type: 'Linear', name: 'head' },
        ],
      },
      ...textbook,
    },
  },
}

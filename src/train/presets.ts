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

/** Recipe T: a linear model on lags and context columns, and a GRU on what it leaves. The last quarter of the rows trains nothing. */
function telemetry(hidden: number, dropout: number, fit: Readonly<Record<string, unknown>>): Preset['plan'] {
  const gru = { type: 'GRU', name: 'gru', hidden_size: hidden }
  return {
    model: { modules: [gru, { type: 'Dropout', id: 'drop', p: dropout }, head] },
    data: { validation: 0.25, test: 0, target: 'level', window: 64, horizons: 10 },
    linear: {},
    fit: {
      optimizer: { kind: 'adamw', decay: 1e-3 },
      schedule: { kind: 'one-cycle' },
      ...{ steps: 110, batch: 16, keep: 'last', patience: 0 },
      ...fit,
    },
  }
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
  telemetry: {
    summary:
      'ridge on lags and context columns, a GRU of 32 units on what it leaves, a gate a horizon; limits come with the model',
    plan: telemetry(32, 0.2, {}),
  },
  'telemetry-short': {
    summary: 'the same for histories of some hundred rows: 16 units, more dropout and decay, noise on the inputs',
    plan: telemetry(16, 0.3, { steps: 100, optimizer: { kind: 'adamw', decay: 1e-2 }, inputNoise: 0.2 }),
  },
  'telemetry-long': {
    summary: 'the same for long histories of nonlinear machines: 260 updates at twice the rate',
    plan: telemetry(32, 0.2, { steps: 260, rate: 1e-2 }),
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

import { type Activation, activationNames } from './activation.ts'
import {
  always,
  atLeast,
  choice,
  choiceOrNone,
  dropout,
  finite,
  flag,
  ids,
  ignored,
  levels,
  type Option,
  only,
  whole,
  wholeOrOne,
} from './module-options.ts'

/** Largest sizes of a declaration; beyond them it is refused. */
export const sizeLimits = {
  /** Units of one recurrent layer: what the kernels' tiles are laid out for. */
  hidden: 512,
  /** Inputs of the model. */
  inputs: 256,
  /** Layers of one recurrent module. */
  layers: 8,
  /** Features of any other value. */
  width: 65_536,
  /** Ticks that an attention looks back on, or that one vector is repeated for. */
  ticks: 65_536,
} as const

const width = (): Option<number> => whole(1, sizeLimits.width)
const activation = (): Option<Activation | null> => choiceOrNone(activationNames)
const everyOrLast = (): Option<'every' | 'last'> => choice(['every', 'last'], 'every')

const cell = {
  input_size: width(),
  hidden_size: whole(1, sizeLimits.hidden),
  bias: always(flag(true)),
}
const cellWords = {
  on: everyOrLast(),
  gate_activation: activation(),
  cell_activation: activation(),
}
const stack = {
  input_size: cell.input_size,
  hidden_size: cell.hidden_size,
  num_layers: always(whole(1, sizeLimits.layers, 1)),
  bias: cell.bias,
  bidirectional: flag(false),
  merge: choice(['concat', 'sum', 'multiply', 'average'], 'concat'),
  go_backwards: flag(false),
  layer_norm: flag(false),
  ...cellWords,
  batch_first: ignored(),
  // Between layers, as PyTorch's; and of the units that the recurrent product reads (Gal and Ghahramani 2016).
  dropout: dropout(0),
  recurrent_dropout: dropout(0),
}
const nonlinearity = { nonlinearity: choice(['tanh', 'relu'], 'tanh') }
const convention = { convention: choice(['reset_after', 'reset_before', 'textbook'], 'reset_after') }
const projection = { proj_size: whole(0, sizeLimits.hidden - 1, 0) }
const attends = { window: whole(0, sizeLimits.ticks, 0) }
const inplace = { inplace: ignored() }

/** Every module that is built, with its options: PyTorch's own words where it has one for it. */
export const moduleTable = {
  RNN: { ...stack, ...nonlinearity },
  LSTM: { ...stack, ...projection },
  GRU: { ...stack, ...convention },
  RNNCell: { ...cell, ...cellWords, ...nonlinearity },
  LSTMCell: { ...cell, ...cellWords },
  GRUCell: { ...cell, ...cellWords, ...convention },
  Linear: {
    in_features: width(),
    out_features: width(),
    bias: always(flag(true)),
    on: always(everyOrLast()),
    activation: activation(),
  },
  ReLU: inplace,
  Tanh: {},
  Sigmoid: {},
  GELU: { approximate: choice(['none', 'tanh'], 'none') },
  SiLU: inplace,
  ELU: { alpha: only(1), ...inplace },
  LeakyReLU: { negative_slope: only(0.01), ...inplace },
  Softplus: { beta: only(1), threshold: only(20) },
  Hardsigmoid: inplace,
  Hardtanh: { min_val: only(-1), max_val: only(1), ...inplace },
  Mish: inplace,
  SELU: inplace,
  LogSigmoid: {},
  Softsign: {},
  Softmax: { dim: only(-1, null) },
  Activation: { function: choice(activationNames) },
  LayerNorm: {
    normalized_shape: wholeOrOne(1, sizeLimits.width),
    eps: atLeast(0, 1e-5),
    elementwise_affine: flag(true),
    bias: flag(true),
  },
  BatchNorm1d: {
    num_features: width(),
    eps: atLeast(0, 1e-5),
    affine: flag(true),
    momentum: ignored(),
    track_running_stats: only(true),
  },
  Dropout: { p: dropout(0.5), ...inplace },
  // PyTorch's drops whole channels of (N,C,L): a feature at all ticks of a window.
  Dropout1d: { p: dropout(0.5), ...inplace },
  // PyTorch's takes any arguments and ignores them; here one may say how wide the value is.
  Identity: { in_features: whole(0, sizeLimits.width, 0) },
  AdditiveAttention: {
    in_features: width(),
    attention_size: width(),
    query: flag(false),
    bias: flag(true),
    ...attends,
    dropout: dropout(0),
  },
  MultiheadAttention: {
    embed_dim: width(),
    num_heads: whole(1, sizeLimits.width),
    bias: flag(true),
    causal: flag(false),
    ...attends,
    batch_first: ignored(),
    // Of the weights of a look, as PyTorch's.
    dropout: dropout(0),
  },
  DotAttention: { scale: finite(1), causal: flag(false), ...attends, dropout: dropout(0) },
  Gaussian: { in_features: width(), out_features: width(), bias: flag(true), floor: atLeast(0, 0) },
  Quantile: { in_features: width(), out_features: width(), bias: flag(true), levels: levels() },
  Add: { inputs: ids() },
  Multiply: { inputs: ids() },
  Average: { inputs: ids() },
  Maximum: { inputs: ids() },
  Concat: { inputs: ids() },
  Last: {},
  Pool: { how: choice(['mean', 'maximum']) },
  Flatten: { ticks: whole(0, sizeLimits.ticks, 0) },
  Repeat: { ticks: whole(0, sizeLimits.ticks, 0) },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Option<unknown>>>>>

/** A name of the table. */
export type ModuleType = keyof typeof moduleTable

type Values<Options> = { readonly [K in keyof Options]: Options[K] extends Option<infer T> ? T : never }

/** What every module says besides its own options. */
export interface ModulePlace {
  /** Prefix of its tensors in the state dict; '' for none. */
  readonly name: string
  /** By what other modules name its value. */
  readonly id: string
  /** Id of the module it reads; `input` is the model's own. Merges have `inputs` instead. */
  readonly input: string
  /** Its value plus its input. */
  readonly residual: boolean
}

/** One module of a type, every option filled in. */
export type ModuleOf<T extends ModuleType> = { readonly type: T } & ModulePlace & Values<(typeof moduleTable)[T]>

/** One module of an architecture. */
export type Module = { [T in ModuleType]: ModuleOf<T> }[ModuleType]

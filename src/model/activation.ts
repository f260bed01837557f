import { erf, exp, expm1, log1p, sigmoid, tanh } from '../base/math.ts'

/** Names of the elementwise functions, and of softmax. */
export const activationNames = [
  'relu',
  'tanh',
  'sigmoid',
  'gelu',
  'gelu_tanh',
  'silu',
  'elu',
  'leaky_relu',
  'softplus',
  'hard_sigmoid',
  'hard_sigmoid_keras2',
  'hard_tanh',
  'mish',
  'selu',
  'log_sigmoid',
  'softsign',
  'exp',
  'softmax',
] as const

/** An elementwise function of a dense layer or cell, in the field's names; `softmax` works over the features. */
export type Activation = (typeof activationNames)[number]

/** A function of one number. */
export type Elementwise = (x: number) => number

const seluScale = 1.0507009873554805
const seluAlpha = 1.6732632423543772

/**
 * The elementwise functions in float64: what every kernel is measured against.
 *
 * NaN gives NaN, also relu; parameters are PyTorch's defaults (ELU alpha 1, leaky slope 0.01, softplus threshold 20).
 * Source: PyTorch's documentation of each; `hard_sigmoid_keras2` is Keras 2's and ONNX's clip(0.2·x + 0.5, 0, 1).
 */
export const elementwise: Readonly<Record<Exclude<Activation, 'softmax'>, Elementwise>> = {
  relu: (x) => (x < 0 ? 0 : x),
  tanh,
  sigmoid,
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  gelu_tanh: (x) => 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))),
  silu: (x) => x / (1 + exp(-x)),
  elu: (x) => (x > 0 ? x : expm1(x)),
  leaky_relu: (x) => (x > 0 ? x : 0.01 * x),
  softplus: (x) => (x > 20 ? x : log1p(exp(x))),
  hard_sigmoid: (x) => clip(x + 3, 0, 6) / 6,
  hard_sigmoid_keras2: (x) => clip(0.2 * x + 0.5, 0, 1),
  hard_tanh: (x) => clip(x, -1, 1),
  mish: (x) => x * tanh(log1p(exp(x))),
  selu: (x) => seluScale * (x > 0 ? x : seluAlpha * expm1(x)),
  log_sigmoid: (x) => (x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x))),
  softsign: (x) => x / (1 + (x < 0 ? -x : x)),
  exp,
}

function clip(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x
}

/**
 * Softmax over n numbers: e^(x−max) / Σ e^(x−max).
 *
 * Aliasing: `y` may be `x` at the same place.
 */
export function softmax(x: Float64Array | Float32Array, xAt: number, n: number, y: typeof x, yAt: number): void {
  let largest = x[xAt]!
  for (let i = 1; i < n; i++) if (x[xAt + i]! > largest) largest = x[xAt + i]!
  let sum = 0
  for (let i = 0; i < n; i++) sum += exp(x[xAt + i]! - largest)
  for (let i = 0; i < n; i++) y[yAt + i] = exp(x[xAt + i]! - largest) / sum
}

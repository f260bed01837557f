import type { Activation } from '../activation.ts'
import type { BatchNormNode, GaussianNode, LayerNormNode, LinearNode, MergeNode } from '../graph.ts'
import { packPanels, panelColumns } from './panels.ts'
import { type Program, roundUp } from './program.ts'
import type { Weights } from './recurrent-nodes.ts'

/** Codes of the elementwise functions, in the order of `Function` in assembly/activation.ts. */
export const functions: readonly Activation[] = [
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
]

/** Up to so many outputs are dot products: a panel of eight columns would be mostly zeros. */
const narrowMax = 2

/** A value in the tile row: where, and how many features. */
export interface Value {
  readonly at: number
  readonly width: number
}

/** y = W x + b. */
export function addLinear(
  program: Program,
  weight: Float32Array,
  bias: Float32Array | null,
  x: Value,
  o: number,
): Value {
  const at = program.value(o)
  if (o <= narrowMax) {
    const c = program.image.place(weight)
    const f = program.image.place(bias ?? new Float32Array(o))
    program.add('dense', { a: x.at, b: x.width, c, d: o, e: at, f })
    return { at, width: o }
  }
  const packed = packPanels(o, [{ at: 0, rows: o, from: 0, scale: 1 }], [{ weights: weight, inputs: x.width }], [bias])
  const panels = Math.ceil(o / panelColumns)
  program.add('affine', { a: x.at, b: x.width, c: program.image.place(packed), d: panels, e: at })
  return { at, width: o }
}

/** A linear node. */
export function addLinearNode(program: Program, node: LinearNode, x: Value, w: Weights): Value {
  return addLinear(program, w(node.weight), w(node.bias), x, node.width)
}

/** An elementwise function, or softmax over the features. */
export function addActivation(program: Program, activation: Activation, x: Value, limit: number): Value {
  const at = program.value(x.width)
  if (activation === 'softmax') program.add('softmax', { a: x.at, c: at, d: x.width })
  else program.add('activate', { a: x.at, b: roundUp(x.width) * 4, c: at, d: functions.indexOf(activation) }, limit)
  return { at, width: x.width }
}

/** Layer normalisation over the features. */
export function addLayerNorm(program: Program, node: LayerNormNode, x: Value, w: Weights): Value {
  const at = program.value(x.width)
  const weight = program.image.place(w(node.weight) ?? new Float32Array(x.width).fill(1))
  const bias = program.image.place(w(node.bias) ?? new Float32Array(x.width))
  program.add('layerNorm', { a: x.at, c: at, d: x.width, e: weight, f: bias }, node.eps)
  return { at, width: x.width }
}

/** Batch normalisation in evaluation: one factor and one shift a feature. */
export function addBatchNorm(program: Program, node: BatchNormNode, x: Value, w: Weights): Value {
  const mean = w(node.mean)
  const variance = w(node.variance)
  const weight = w(node.weight)
  const bias = w(node.bias)
  const scale = new Float32Array(roundUp(x.width))
  const shift = new Float32Array(roundUp(x.width))
  for (let i = 0; i < x.width; i++) {
    const factor = (weight?.[i] ?? 1) / Math.sqrt(variance[i]! + node.eps)
    scale[i] = factor
    shift[i] = (bias?.[i] ?? 0) - mean[i]! * factor
  }
  return addScale(program, x, scale, shift)
}

function addScale(program: Program, x: Value, scale: Float32Array, shift: Float32Array): Value {
  const at = program.value(x.width)
  const e = program.image.place(scale)
  program.add('scale', { a: x.at, b: roundUp(x.width) * 4, c: at, e, f: program.image.place(shift) })
  return { at, width: x.width }
}

/** Sum, product, mean, maximum, or all side by side. */
export function addMerge(program: Program, node: MergeNode, values: readonly Value[]): Value {
  const at = program.value(node.width)
  if (node.how === 'concat') {
    let to = at
    for (const { at: from, width } of values) {
      program.add('copy', { a: from, c: to, d: width })
      to += width * 4
    }
    return { at, width: node.width }
  }
  const wide = roundUp(node.width) * 4
  const code = node.how === 'average' ? 'add' : node.how
  const [first, ...others] = values
  let from = first!.at
  if (others.length === 0) program.add('copy', { a: from, c: at, d: node.width })
  for (const other of others) {
    program.add(code, { a: from, d: other.at, c: at, b: wide })
    from = at
  }
  if (node.how === 'average') program.add('times', { a: at, c: at, b: wide }, 1 / values.length)
  return { at, width: node.width }
}

/** Means stay; the second half becomes standard deviations, softplus + floor. */
export function addGaussian(program: Program, node: GaussianNode, x: Value): Value {
  const half = node.width / 2
  const at = program.value(node.width + 4)
  program.add('copy', { a: x.at, c: at, d: half })
  const softplus = functions.indexOf('softplus')
  program.add('activate', { a: x.at + half * 4, b: roundUp(half) * 4, c: at + half * 4, d: softplus }, Infinity)
  if (node.floor === 0) return { at, width: node.width }
  const shift = new Float32Array(roundUp(node.width)).fill(0, 0, half).fill(node.floor, half)
  return addScale(program, { at, width: node.width }, new Float32Array(roundUp(node.width)).fill(1), shift)
}

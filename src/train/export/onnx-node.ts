import type { Activation } from '../../model/activation.ts'
import type {
  ActivationNode,
  BatchNormNode,
  GaussianNode,
  LayerNormNode,
  LinearNode,
  MergeNode,
  Node,
  PoolNode,
  RepeatNode,
} from '../../model/graph.ts'
import type { Tensor } from '../../model/tensor.ts'
import { filled, transposed } from '../import/tensor-layout.ts'
import { writeAdditiveAttention, writeDotAttention } from './onnx-attention.ts'
import type { OnnxGraph, OnnxWork } from './onnx-graph.ts'
import type { OnnxValueOut } from './onnx-writer.ts'

/** Nodes that are written by the functions of this file: all but the input, recurrent layers and what ends a sequence. */
type PlainNode = Exclude<Node, { op: 'input' | 'recurrent' | 'last' }>

/**
 * Writes the operators of one node; gives the name of its value.
 * Every kind of node can be written; attention by its parts.
 */
export function writePlainNode(work: OnnxWork<PlainNode>): string {
  const { node } = work
  switch (node.op) {
    case 'linear':
      return linear({ ...work, node })
    case 'activation':
      return activation({ ...work, node })
    case 'layerNorm':
      return layerNorm({ ...work, node })
    case 'batchNorm':
      return batchNorm({ ...work, node })
    case 'merge':
      return merge({ ...work, node })
    case 'pool':
      return pool({ ...work, node })
    case 'repeat':
      return repeat({ ...work, node })
    case 'gaussian':
      return gaussian({ ...work, node })
    case 'dotAttention':
      return writeDotAttention({ ...work, node })
    case 'additiveAttention':
      return writeAdditiveAttention({ ...work, node })
  }
}

/** The tensor of a name; the constant is named as in the state dict, so that whoever imports it finds the module again. */
function weightOf({ out, tensors }: OnnxWork, name: string, turn = (tensor: Tensor): Tensor => tensor): string {
  return out.floats(name, turn(tensors.get(name)!))
}

function linear(work: OnnxWork<LinearNode>): string {
  const { out, node, label, inputs } = work
  const bias = node.bias === null ? [] : [weightOf(work, node.bias)]
  if (!node.sequence) {
    return out.add('Gemm', label, [inputs[0]!, weightOf(work, node.weight), ...bias], { transB: { int: 1 } })
  }
  const product = out.add('MatMul', label, [inputs[0]!, weightOf(work, node.weight, transposed)])
  return bias.length === 0 ? product : out.add('Add', label, [product, ...bias])
}

type Operator = readonly [string, Readonly<Record<string, OnnxValueOut>>?]

/** Functions that are one operator; with PyTorch's parameters. */
const operators: Readonly<Partial<Record<Activation, Operator>>> = {
  relu: ['Relu'],
  tanh: ['Tanh'],
  sigmoid: ['Sigmoid'],
  gelu: ['Gelu'],
  gelu_tanh: ['Gelu', { approximate: { text: 'tanh' } }],
  elu: ['Elu'],
  leaky_relu: ['LeakyRelu', { alpha: { float: 0.01 } }],
  softplus: ['Softplus'],
  hard_sigmoid: ['HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }],
  hard_sigmoid_keras2: ['HardSigmoid', { alpha: { float: 0.2 }, beta: { float: 0.5 } }],
  mish: ['Mish'],
  selu: ['Selu'],
  softsign: ['Softsign'],
  exp: ['Exp'],
  softmax: ['Softmax', { axis: { int: -1 } }],
}

function activation({ out, node, label, inputs }: OnnxWork<ActivationNode>): string {
  const [x] = inputs
  const operator = operators[node.activation]
  if (operator !== undefined) {
    // Gelu and Mish are younger than opset 17.
    if (operator[0] === 'Gelu' || operator[0] === 'Mish') out.opset = 20
    return out.add(operator[0], label, [x!], operator[1])
  }
  if (node.activation === 'silu') return out.add('Mul', label, [x!, out.add('Sigmoid', label, [x!])])
  if (node.activation === 'hard_tanh') {
    const bounds = [-1, 1].map((bound) => out.floats(`${label}/bound`, { shape: [], data: Float32Array.of(bound) }))
    return out.add('Clip', label, [x!, ...bounds])
  }
  // log σ(x) = −softplus(−x)
  const minus = out.scalar(label, -1)
  const softplus = out.add('Softplus', label, [out.add('Mul', label, [x!, minus])])
  return out.add('Mul', label, [softplus, minus])
}

function layerNorm(work: OnnxWork<LayerNormNode>): string {
  const { out, node, label, inputs } = work
  const scale = node.weight === null ? out.floats(`${label}/scale`, filled(node.width, 1)) : weightOf(work, node.weight)
  const bias = node.bias === null ? [] : [weightOf(work, node.bias)]
  return out.add('LayerNormalization', label, [inputs[0]!, scale, ...bias], {
    axis: { int: -1 },
    epsilon: { float: node.eps },
  })
}

/** In evaluation it is one factor and one summand a feature; its own operator would want features in the middle. */
function batchNorm({ out, node, label, inputs, tensors }: OnnxWork<BatchNormNode>): string {
  const [mean, variance] = [tensors.get(node.mean)!.data, tensors.get(node.variance)!.data]
  const weight = node.weight === null ? null : tensors.get(node.weight)!.data
  const bias = node.bias === null ? null : tensors.get(node.bias)!.data
  const factors = Array.from(variance, (one, at) => (weight?.[at] ?? 1) / Math.sqrt(one + node.eps))
  const summands = factors.map((factor, at) => (bias?.[at] ?? 0) - mean[at]! * factor)
  const row = (name: string, data: number[]): string =>
    out.floats(`${label}/${name}`, { shape: [node.width], data: Float32Array.from(data) })
  return out.add('Add', label, [out.add('Mul', label, [inputs[0]!, row('scale', factors)]), row('shift', summands)])
}

function merge({ out, node, label, inputs }: OnnxWork<MergeNode>): string {
  if (node.how === 'concat') return out.add('Concat', label, inputs, { axis: { int: -1 } })
  const op = { add: 'Add', average: 'Add', multiply: 'Mul', maximum: 'Max' }[node.how]
  const all = inputs.reduce((left, right) => out.add(op, label, [left, right]))
  return node.how === 'average' ? out.add('Mul', label, [all, out.scalar(label, 1 / inputs.length)]) : all
}

function pool({ out, node, label, inputs }: OnnxWork<PoolNode>): string {
  const [x] = inputs
  if (node.how === 'flatten') {
    const turned = out.add('Transpose', label, [x!], { perm: { ints: [1, 0, 2] } })
    return out.add('Flatten', label, [turned], { axis: { int: 1 } })
  }
  return reduced(out, label, x!, node.how === 'mean' ? 'ReduceMean' : 'ReduceMax')
}

/** Over the ticks. The axes became an input in opset 18. */
function reduced(out: OnnxGraph, label: string, x: string, op: 'ReduceMean' | 'ReduceMax'): string {
  const keeps = { keepdims: { int: 0 } }
  if (out.opset >= 18) return out.add(op, label, [x, out.integers(`${label}/axes`, [0])], keeps)
  return out.add(op, label, [x], { axes: { ints: [0] }, ...keeps })
}

/** (B,F) becomes (1,B,F), then (T,B,F): as often as it says, or as there are ticks in the model's input. */
function repeat({ out, node, label, inputs }: OnnxWork<RepeatNode>): string {
  const lifted = out.add('Unsqueeze', label, [inputs[0]!, out.integers(`${label}/axes`, [0])])
  const once = out.integers(`${label}/once`, [1, 1])
  const ticks =
    node.ticks > 0
      ? out.integers(`${label}/ticks`, [node.ticks])
      : out.add('Gather', label, [out.add('Shape', label, ['input']), out.integers(`${label}/time`, [1])])
  return out.add('Expand', label, [lifted, out.add('Concat', label, [ticks, once], { axis: { int: 0 } })])
}

/** The first half of the features stays, the second becomes softplus(s) + floor. */
function gaussian({ out, node, label, inputs }: OnnxWork<GaussianNode>): string {
  const half = node.width / 2
  const cut = (from: number, to: number): string =>
    out.add('Slice', label, [inputs[0]!, ...[from, to, -1].map((value) => out.integers(`${label}/cut`, [value]))])
  const deviation = out.add('Softplus', label, [cut(half, node.width)])
  const floored = out.add('Add', label, [deviation, out.scalar(label, node.floor)])
  return out.add('Concat', label, [cut(0, half), floored], { axis: { int: -1 } })
}

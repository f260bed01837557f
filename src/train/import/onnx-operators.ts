import type { Activation } from '../../model/activation.ts'
import type { Tensor } from '../../model/tensor.ts'
import { becomesOutput, becomesOutputBias } from './onnx-attention.ts'
import { expand, gaussianOf } from './onnx-exported.ts'
import { integersOf } from './onnx-fold.ts'
import { becomesAffine } from './onnx-parts.ts'
import { isTime } from './onnx-plumbing.ts'
import { hardSigmoid } from './onnx-recurrent.ts'
import {
  type ConstantValue,
  type FinalValue,
  fromEnd,
  numberOf,
  type OnnxContext,
  type OnnxValue,
  refusedNode,
  type SignalValue,
  signalOf,
} from './onnx-value.ts'
import type { OnnxNode } from './onnx-wire.ts'
import { expectShape, filled, tensorOf, transposed } from './tensor-layout.ts'

type Values = readonly (OnnxValue | undefined)[]
type Translation = (context: OnnxContext, node: OnnxNode, values: Values) => OnnxValue

/** Operators that compute: dense layers, elementwise functions, norms, pools, sums. */
export const operators: Readonly<Record<string, Translation>> = {
  Gemm: gemm,
  MatMul: matMul,
  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: arithmetic,
  Concat: concat,
  Max: twoValues,
  Clip: clip,
  Expand: expand,
  Relu: (context, node, values) => activate(context, node, values, 'relu'),
  Tanh: (context, node, values) => activate(context, node, values, 'tanh'),
  Sigmoid: (context, node, values) => activate(context, node, values, 'sigmoid'),
  Softplus: softplus,
  Softsign: (context, node, values) => activate(context, node, values, 'softsign'),
  Exp: (context, node, values) => activate(context, node, values, 'exp'),
  Mish: (context, node, values) => activate(context, node, values, 'mish'),
  Selu: (context, node, values) => activate(context, node, values, 'selu'),
  Elu: (context, node, values) => activate(context, node, values, parameter(node, 'alpha', 1) ? 'elu' : null),
  LeakyRelu: (context, node, values) =>
    activate(context, node, values, parameter(node, 'alpha', 0.01) ? 'leaky_relu' : null),
  HardSigmoid: (context, node, values) =>
    activate(context, node, values, hardSigmoid(numberOf(node, 'alpha', 0.2), numberOf(node, 'beta', 0.5))),
  Gelu: (context, node, values) =>
    activate(context, node, values, node.attributes.get('approximate')?.text === 'tanh' ? 'gelu_tanh' : 'gelu'),
  Softmax: softmax,
  LayerNormalization: layerNorm,
  BatchNormalization: batchNorm,
  ReduceMean: (context, node, values) => pool(context, node, values, 'mean'),
  ReduceMax: (context, node, values) => pool(context, node, values, 'maximum'),
}

/** A value whose last dimension is all of its features: what dense layers and norms work on. */
function featuresLast(context: OnnxContext, node: OnnxNode, value: OnnxValue | undefined): SignalValue {
  const signal = signalOf(context, node, value)
  const last = signal.axes.at(-1)
  if (last?.role === 'feature' && last.size === signal.value.width) return signal
  const roles = signal.axes.map((axis) => axis.role).join(', ')
  throw refusedNode(node, `it works on dimensions ${roles}`, 'features must come last, both directions together')
}

function matrixOf(node: OnnxNode, value: OnnxValue | undefined): Tensor {
  if (value?.kind === 'constant' && value.data instanceof Float32Array && value.dims.length === 2) {
    return { shape: value.dims, data: value.data }
  }
  const advice = 'built is a constant matrix behind the value, and the attention of a value at itself'
  throw refusedNode(node, 'it multiplies two values', advice)
}

function linear(
  context: OnnxContext,
  node: OnnxNode,
  from: SignalValue,
  weight: Tensor,
  bias: Tensor | null,
  initializer: string,
): SignalValue {
  if (weight.shape[1] !== from.value.width) {
    throw refusedNode(node, `a matrix [${weight.shape}] on ${from.value.width} features`, 'export the model again')
  }
  if (becomesOutput(context, node, from, weight, bias)) return from
  // Exporters name the weights as the state dict did: fc.weight gives back the module's name.
  const name = initializer.endsWith('.weight') ? initializer.slice(0, -'.weight'.length) : 'linear'
  const value = context.declaration.addLinear(name, from.value, weight, bias)
  return { ...from, value, axes: [...from.axes.slice(0, -1), { role: 'feature', size: value.width }] }
}

/** α·A·B + β·C with A the value, B and C constants. */
function gemm(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const from = featuresLast(context, node, values[0])
  if (numberOf(node, 'transA', 0) !== 0) throw refusedNode(node, 'transA', 'export the model again')
  const matrix = matrixOf(node, values[1])
  const [alpha, beta] = [numberOf(node, 'alpha', 1), numberOf(node, 'beta', 1)]
  const { shape, data } = numberOf(node, 'transB', 0) === 0 ? transposed(matrix) : matrix
  const weight = { shape, data: alpha === 1 ? data : data.map((one) => alpha * one) }
  const added = values[2] === undefined ? null : constantRow(node, values[2], shape[0]!)
  const bias =
    added === null
      ? null
      : tensorOf(
          [shape[0]!],
          added.map((one) => beta * one),
        )
  return linear(context, node, from, weight, bias, node.inputs[1] ?? '')
}

function matMul(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const weight = transposed(matrixOf(node, values[1]))
  return linear(context, node, featuresLast(context, node, values[0]), weight, null, node.inputs[1] ?? '')
}

/** A constant as one number a feature. */
function constantRow(node: OnnxNode, value: OnnxValue, width: number): number[] {
  const data = value.kind === 'constant' ? Array.from(value.data) : value.kind === 'fill' ? [value.value] : []
  const isRow = value.kind !== 'constant' || value.dims.slice(0, -1).every((n) => n === 1)
  if (isRow && data.length === width) return data
  if (isRow && data.length === 1) return Array.from({ length: width }, () => data[0]!)
  throw refusedNode(node, 'a constant that is neither one number nor one a feature', 'export the model again')
}

function isNumbers(value: OnnxValue | undefined): value is ConstantValue {
  return value?.kind === 'constant' || value?.kind === 'fill'
}

/** Two values, or a value and a constant: x·w + b a feature. */
function arithmetic(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const [a, b] = values
  if (!isNumbers(a) && !isNumbers(b)) return twoValues(context, node, values)
  const isSecond = isNumbers(b)
  const part = isSecond ? a : b
  if (part?.kind === 'part' && part.floor === 0 && node.op === 'Add') {
    const [floor] = constantRow(node, (isSecond ? b : a)!, 1)
    return { ...part, floor: floor! }
  }
  const from = featuresLast(context, node, isSecond ? a : b)
  const { width } = from.value
  const constant = constantRow(node, (isSecond ? b : a)!, width)
  if (node.op === 'Add' && becomesBias(context, node, from, isSecond ? 0 : 1)) {
    const module = context.declaration.moduleOf(from.value)!
    module['bias'] = true
    context.declaration.tensors.set(`${from.value.id}.bias`, tensorOf([width], constant))
    return from
  }
  if (
    node.op === 'Add' &&
    becomesOutputBias(context, node.inputs[isSecond ? 0 : 1]!, from, tensorOf([width], constant))
  ) {
    return from
  }
  if (becomesAffine(context, node, node.inputs[isSecond ? 0 : 1]!, from, constant)) return from
  const [scale, shift] = scaleAndShift(node, constant, isSecond)
  const id = context.declaration.add(
    'BatchNorm1d',
    node.op.toLowerCase(),
    from.value,
    { num_features: width, eps: 0 },
    {
      running_mean: filled(width, 0),
      running_var: filled(width, 1),
      weight: tensorOf([width], scale),
      bias: tensorOf([width], shift),
    },
  )
  return { ...from, value: { ...from.value, id } }
}

/** A product without a bias, read by nothing else, takes the constant as its bias: exporters part them. */
function becomesBias(context: OnnxContext, node: OnnxNode, from: SignalValue, at: number): boolean {
  const module = context.declaration.moduleOf(from.value)
  return module?.['type'] === 'Linear' && module['bias'] === false && context.uses.get(node.inputs[at]!) === 1
}

function scaleAndShift(node: OnnxNode, constant: readonly number[], isSecond: boolean): [number[], number[]] {
  const all = (value: number): number[] => constant.map(() => value)
  switch (node.op) {
    case 'Add':
      return [all(1), [...constant]]
    case 'Sub':
      return isSecond ? [all(1), constant.map((one) => -one)] : [all(-1), [...constant]]
    case 'Mul':
      return [[...constant], all(0)]
    default:
      if (isSecond) return [constant.map((one) => 1 / one), all(0)]
      throw refusedNode(node, 'a constant divided by a value', 'export the model without it')
  }
}

const merges: Readonly<Record<string, string>> = { Add: 'Add', Mul: 'Multiply', Max: 'Maximum' }

function twoValues(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const type = merges[node.op]
  if (type === undefined || values.length !== 2) {
    throw refusedNode(node, `${values.length} values`, 'built are Add, Mul and Max of two values')
  }
  const [a, b] = values.map((value) => signalOf(context, node, value))
  expectAlike(node, a!, b!)
  const id = context.declaration.add(type, node.op.toLowerCase(), [a!.value, b!.value])
  return { ...a!, value: { ...a!.value, id } }
}

function expectAlike(node: OnnxNode, a: SignalValue, b: SignalValue): void {
  const roles = ({ axes }: SignalValue): string => axes.map((axis) => axis.role).join()
  if (roles(a) === roles(b) && a.value.sequence === b.value.sequence) return
  throw refusedNode(node, `values of dimensions ${roles(a)} and ${roles(b)}`, 'give both the same dimensions')
}

/** Features side by side; or states of layers one after the other. */
function concat(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const axis = numberOf(node, 'axis', 0)
  const finals = values.filter((value): value is FinalValue => value?.kind === 'final')
  if (finals.length === values.length && finals.length > 0) {
    const { of, form } = finals[0]!
    const rank = form === 'picked' ? 2 : 3
    const alongParts = form === 'picked' ? fromEnd(axis, rank) === 1 : form === 'parts first' && axis === 0
    if (alongParts && finals.every((one) => one.of === of && one.form === form)) {
      // Features of both directions side by side are the value of the operator at its end.
      const joined: FinalValue = { ...finals[0]!, parts: finals.flatMap((one) => one.parts) }
      return form === 'picked' ? signalOf(context, node, joined) : joined
    }
  }
  const gaussian = gaussianOf(context, node, values)
  if (gaussian !== null) return gaussian
  const parts = values.map((value) => featuresLast(context, node, value))
  const [first] = parts
  if (first === undefined || fromEnd(axis, first.axes.length) !== first.axes.length - 1) {
    throw refusedNode(node, `it joins along dimension ${axis}`, 'built is the last: features')
  }
  for (const part of parts) expectAlike(node, first, part)
  if (parts.length === 1) return first
  const width = parts.reduce((sum, part) => sum + part.value.width, 0)
  const id = context.declaration.add(
    'Concat',
    'concat',
    parts.map((part) => part.value),
  )
  return {
    ...first,
    value: { ...first.value, id, width },
    axes: [...first.axes.slice(0, -1), { role: 'feature', size: width }],
  }
}

function parameter(node: OnnxNode, name: string, only: number): boolean {
  return Math.fround(numberOf(node, name, only)) === Math.fround(only)
}

function activate(context: OnnxContext, node: OnnxNode, values: Values, activation: Activation | null): OnnxValue {
  if (activation === null) {
    const given = [...node.attributes].map(([name, { number }]) => `${name} ${number}`).join(', ')
    throw refusedNode(node, `${given} is not built`, 'use the usual parameters of PyTorch')
  }
  const from = signalOf(context, node, values[0])
  const id = context.declaration.add('Activation', node.op.toLowerCase(), from.value, { function: activation })
  return { ...from, value: { ...from.value, id } }
}

/** Held within ±1, which is PyTorch's Hardtanh. */
function clip(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const bound = (name: string, at: number): number => {
    const value = values[at]
    return value?.kind === 'constant' ? Number(value.data[0]) : numberOf(node, name, Number.NaN)
  }
  if (bound('min', 1) === -1 && bound('max', 2) === 1) return activate(context, node, values, 'hard_tanh')
  throw refusedNode(node, `bounds of ${bound('min', 1)} and ${bound('max', 2)}`, 'built are −1 and 1')
}

/** Of some features alone it is the deviation of a Gaussian head. */
function softplus(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const [x] = values
  return x?.kind === 'part' && x.floor === null ? { ...x, floor: 0 } : activate(context, node, values, 'softplus')
}

function softmax(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const from = featuresLast(context, node, values[0])
  const axis = numberOf(node, 'axis', context.file.opset < 13 ? 1 : -1)
  if (fromEnd(axis, from.axes.length) !== from.axes.length - 1) {
    throw refusedNode(node, `it works along dimension ${axis}`, 'built is the last: features')
  }
  return activate(context, node, values, 'softmax')
}

function layerNorm(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const from = featuresLast(context, node, values[0])
  const { width } = from.value
  if (fromEnd(numberOf(node, 'axis', -1), from.axes.length) !== from.axes.length - 1) {
    throw refusedNode(node, 'it works on several dimensions', 'built is the last: features')
  }
  const eps = numberOf(node, 'epsilon', 1e-5)
  const weight = tensorOf([width], constantRow(node, values[1]!, width))
  const bias = values[2] === undefined ? filled(width, 0) : tensorOf([width], constantRow(node, values[2], width))
  const id = context.declaration.add(
    'LayerNorm',
    'layer_norm',
    from.value,
    { normalized_shape: width, eps },
    { weight, bias },
  )
  return { ...from, value: { ...from.value, id } }
}

/** Features are its second dimension: (B,F), or (B,F,T) between two transpositions. */
function batchNorm(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const from = signalOf(context, node, values[0])
  const { width } = from.value
  if (from.axes[1]?.role !== 'feature' || numberOf(node, 'training_mode', 0) !== 0) {
    throw refusedNode(node, 'features are not its second dimension, or it is training', 'export in evaluation mode')
  }
  const [weight, bias, mean, variance] = ['scale', 'bias', 'mean', 'variance'].map((what, at) => {
    const value = values[at + 1]
    const tensor = value?.kind === 'constant' ? tensorOf(value.dims, value.data) : undefined
    return expectShape(node.op, what, tensor, [width])
  })
  const options = { num_features: width, eps: numberOf(node, 'epsilon', 1e-5) }
  const tensors = { weight: weight!, bias: bias!, running_mean: mean!, running_var: variance! }
  const id = context.declaration.add('BatchNorm1d', 'batch_norm', from.value, options, tensors)
  return { ...from, value: { ...from.value, id } }
}

function pool(context: OnnxContext, node: OnnxNode, values: Values, how: 'mean' | 'maximum'): OnnxValue {
  const from = signalOf(context, node, values[0])
  const axes = node.attributes.get('axes')?.numbers ?? integersOf(values[1]) ?? []
  const at = axes.length === 1 ? fromEnd(axes[0]!, from.axes.length) : -1
  const axis = from.axes[at]
  if (axis === undefined || !isTime(context, axis) || !from.value.sequence) {
    throw refusedNode(node, `it works along dimensions ${axes.join()}`, 'built is the mean and maximum over time')
  }
  const id = context.declaration.add('Pool', 'pool', from.value, { how })
  const keeps = numberOf(node, 'keepdims', 1) !== 0
  return {
    ...from,
    value: { ...from.value, id, sequence: false },
    axes: from.axes.flatMap((one, place) => (place !== at ? [one] : keeps ? [{ role: 'one', size: 1 } as const] : [])),
  }
}

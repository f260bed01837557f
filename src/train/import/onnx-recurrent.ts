import type { Activation } from '../../model/activation.ts'
import type { Tensor } from '../../model/tensor.ts'
import type { ImportedValue } from './declaration.ts'
import {
  type Axis,
  type ConstantValue,
  type InputValue,
  numberOf,
  type OnnxContext,
  type OnnxValue,
  type RecurrentOperator,
  refusedNode,
  signalOf,
} from './onnx-value.ts'
import type { OnnxNode } from './onnx-wire.ts'
import { expectShape, partOf, reordered } from './tensor-layout.ts'

/** PyTorch's order of gates by ONNX' rows: GRU z, r, h → r, z, n; LSTM i, o, f, c → i, f, g, o. */
const gateOrder: Readonly<Record<string, readonly number[]>> = { RNN: [0], GRU: [1, 0, 2], LSTM: [0, 2, 3, 1] }
const usual: Readonly<Record<string, readonly string[]>> = {
  RNN: ['Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
}

/** Whether an operator is one of the three recurrent ones. */
export function isRecurrentOperator(op: string): boolean {
  return Object.hasOwn(gateOrder, op)
}

/**
 * RNN, GRU or LSTM as one module. Outputs: Y (T,D,B,H), or with layout 1 (B,T,D,H), then the last states.
 *
 * Errors: clip, peepholes, sequence_lens, input_forget, activations that are not built, states that are not zero.
 */
export function importRecurrentOperator(
  context: OnnxContext,
  node: OnnxNode,
  values: readonly (OnnxValue | undefined)[],
): OnnxValue[] {
  refuseOptions(node, values)
  const x = signalOf(context, node, values[0])
  const layout = numberOf(node, 'layout', 0)
  const [timeAxis, batchAxis] = layout === 0 ? [x.axes[0], x.axes[1]] : [x.axes[1], x.axes[0]]
  bindTime(context, node, x.axes, timeAxis)
  const direction = node.attributes.get('direction')?.text ?? 'forward'
  const directions = direction === 'bidirectional' ? 2 : 1
  const { hidden, tensors, bias } = readWeights(node, values, x.value.width, directions)
  const options = {
    input_size: x.value.width,
    hidden_size: hidden,
    bias,
    ...(directions === 2 ? { bidirectional: true } : {}),
    ...(direction === 'reverse' ? { go_backwards: true } : {}),
    ...(node.op === 'GRU'
      ? { convention: numberOf(node, 'linear_before_reset', 0) === 0 ? 'reset_before' : 'reset_after' }
      : {}),
    ...activationOptions(node, directions),
  }
  const id = context.declaration.add(node.op, node.op.toLowerCase(), x.value, options, tensors)
  const value: ImportedValue = { id, width: directions * hidden, sequence: true }
  context.states.push({
    h: stateInput(node, values[5], directions, hidden),
    c: stateInput(node, values[6], directions, hidden),
    isLstm: node.op === 'LSTM',
  })
  const operator: RecurrentOperator = {
    node,
    value,
    directions,
    reverse: direction === 'reverse',
    hidden,
    batch: batchAxis!,
  }
  const inner: Axis[] = [
    { role: 'direction', size: directions },
    { role: 'feature', size: hidden },
  ]
  const axes =
    layout === 0 ? [timeAxis!, inner[0]!, batchAxis!, inner[1]!] : [batchAxis!, timeAxis!, inner[0]!, inner[1]!]
  const parts = Array.from({ length: directions }, (_, at) => ({ operator, direction: at }))
  const form = layout === 0 ? 'parts first' : 'batch first'
  return [
    { kind: 'signal', value, axes },
    { kind: 'final', of: 'h', parts, form },
    { kind: 'final', of: 'c', parts, form },
  ]
}

function refuseOptions(node: OnnxNode, values: readonly (OnnxValue | undefined)[]): void {
  if (node.attributes.has('clip')) throw refusedNode(node, 'clip is not built', 'export the model without it')
  if (values[4] !== undefined) {
    throw refusedNode(node, 'sequence_lens is not built', 'give the model windows of one length')
  }
  if (values[7] !== undefined) throw refusedNode(node, 'peepholes are not built', 'use an LSTM without them')
  if (numberOf(node, 'input_forget', 0) !== 0) {
    throw refusedNode(node, 'input_forget is not built', 'use an LSTM with a forget gate of its own')
  }
}

/** The dimension that the first recurrent operator reads as time is time everywhere. */
function bindTime(context: OnnxContext, node: OnnxNode, axes: readonly Axis[], time: Axis | undefined): void {
  const roles = axes.map((axis) => axis.role)
  const role = time?.role
  const isPlain = roles.length === 3 && roles[2] === 'feature' && roles.includes('first') && roles.includes('second')
  if (!isPlain || (role !== 'first' && role !== 'second')) {
    throw refusedNode(node, `it reads dimensions ${roles.join(', ')}`, 'it must read (time, batch, features)')
  }
  if (context.time !== null && context.time !== role) {
    throw refusedNode(node, 'it runs over the batch of an operator before it', 'use one order of dimensions')
  }
  context.time = role
}

function readWeights(
  node: OnnxNode,
  values: readonly (OnnxValue | undefined)[],
  inputs: number,
  directions: number,
): { hidden: number; tensors: Record<string, Tensor>; bias: boolean } {
  const [w, r] = [values[1], values[2]].map((value) => floatsOf(node, value))
  const bias = values[3] === undefined ? null : floatsOf(node, values[3])
  const order = gateOrder[node.op]!
  const hidden = r!.shape[2] ?? 0
  const rows = order.length * hidden
  expectShape(node.op, 'W', w, [directions, rows, inputs])
  expectShape(node.op, 'R', r, [directions, rows, hidden])
  if (bias !== null) expectShape(node.op, 'B', bias, [directions, 2 * rows])
  const tensors: Record<string, Tensor> = {}
  for (let d = 0; d < directions; d++) {
    const suffix = d === 0 ? '_l0' : '_l0_reverse'
    tensors[`weight_ih${suffix}`] = reordered(partOf(w!, d), order)
    tensors[`weight_hh${suffix}`] = reordered(partOf(r!, d), order)
    if (bias === null) continue
    const both = partOf(bias, d).data
    tensors[`bias_ih${suffix}`] = reordered({ shape: [rows], data: both.slice(0, rows) }, order)
    tensors[`bias_hh${suffix}`] = reordered({ shape: [rows], data: both.slice(rows) }, order)
  }
  return { hidden, tensors, bias: bias !== null }
}

function floatsOf(node: OnnxNode, value: OnnxValue | undefined): Tensor {
  if (value?.kind === 'constant' && value.data instanceof Float32Array) return { shape: value.dims, data: value.data }
  throw refusedNode(node, 'its weights are no constants', 'export the model with its weights as initializers')
}

const gateNames: Readonly<Record<string, Activation>> = { Sigmoid: 'sigmoid', Tanh: 'tanh', Relu: 'relu' }
const otherNames: Readonly<Record<string, Activation>> = { Softsign: 'softsign', Softplus: 'softplus' }

/** Activations as options of the module: those that are not the usual ones. */
function activationOptions(node: OnnxNode, directions: number): Record<string, unknown> {
  const defaults = usual[node.op]!
  const given = node.attributes.get('activations')?.texts
  const names = given === undefined || given.length === 0 ? defaults : given.slice(0, defaults.length)
  const isSame = given === undefined || given.every((name, at) => name === names[at % defaults.length])
  if (!isSame || (given !== undefined && ![0, directions * defaults.length].includes(given.length))) {
    throw refusedNode(node, `the activations ${given.join(', ')}`, 'give both directions the same')
  }
  const own = names.map((name) => activationOf(node, name))
  if (node.op === 'RNN') {
    if (own[0] === 'tanh') return {}
    return own[0] === 'relu' ? { nonlinearity: 'relu' } : { cell_activation: own[0] }
  }
  if (own.length === 3 && own[1] !== own[2]) {
    throw refusedNode(node, `the activations ${names.join(', ')}`, 'the second and third must be the same')
  }
  return {
    ...(own[0] === 'sigmoid' ? {} : { gate_activation: own[0] }),
    ...(own[1] === 'tanh' ? {} : { cell_activation: own[1] }),
  }
}

function activationOf(node: OnnxNode, name: string): Activation {
  const plain = gateNames[name] ?? otherNames[name]
  const alpha = node.attributes.get('activation_alpha')?.numbers ?? []
  const beta = node.attributes.get('activation_beta')?.numbers ?? []
  if (plain !== undefined) return plain
  const hard = name === 'HardSigmoid' ? hardSigmoid(alpha[0] ?? 0.2, beta[0] ?? 0.5) : null
  const isOne = [...alpha, ...beta].length === 0 || (new Set(alpha).size <= 1 && new Set(beta).size <= 1)
  if (hard !== null && isOne) return hard
  const parameters = [...alpha, ...beta].length > 0 ? ` (${[...alpha, ...beta].join(', ')})` : ''
  throw refusedNode(node, `the activation ${name}${parameters} is not built`, 'use Sigmoid and Tanh')
}

/** clip(α·x + β, 0, 1) for the two pairs that have names; null for others. Attributes are float32. */
export function hardSigmoid(alpha: number, beta: number): Activation | null {
  if (Math.fround(beta) !== 0.5) return null
  if (Math.fround(alpha) === Math.fround(0.2)) return 'hard_sigmoid_keras2'
  return Math.abs(alpha - 1 / 6) < 1e-6 ? 'hard_sigmoid' : null
}

/** Null for zero states; the input that gives them. Errors: states of another size than the operator's. */
function stateInput(
  node: OnnxNode,
  value: OnnxValue | undefined,
  directions: number,
  hidden: number,
): InputValue | null {
  const size = value?.kind === 'constant' || value?.kind === 'input' ? value.dims.at(-1) : hidden
  if (typeof size === 'number' && size !== hidden) {
    // torch.onnx.export(dynamo=True) leaves the projection out of an LSTM, and its cell's states as they were.
    const advice = 'an exporter lost its projection (proj_size): bring the model as .safetensors with its architecture'
    throw refusedNode(node, `its initial state has ${size} units, the operator ${hidden}`, advice)
  }
  if (value === undefined || isZero(value)) return null
  if (value.kind === 'input') return { ...value, rows: value.rows ?? [0, directions] }
  throw refusedNode(node, 'its initial state is neither zero nor an input', 'make it an input of the model')
}

function isZero(value: OnnxValue): boolean {
  if (value.kind === 'fill') return value.value === 0
  return value.kind === 'constant' && Array.prototype.every.call((value as ConstantValue).data, (one) => one === 0)
}

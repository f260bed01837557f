import type { Tensor } from '../../model/tensor.ts'
import { isTime } from './onnx-plumbing.ts'
import {
  type ConstantValue,
  type OnnxContext,
  type OnnxValue,
  refusedNode,
  type TickValue,
  type UnrolledValue,
} from './onnx-value.ts'
import type { OnnxNode } from './onnx-wire.ts'
import { filled, transposed } from './tensor-layout.ts'

type Values = readonly (OnnxValue | undefined)[]

/**
 * A simple RNN that an exporter wrote out tick by tick, made one module again.
 *
 * torch.onnx.export(dynamo=True) does that: over the inputs' product for all ticks, h(t) = f(h(t−1)·R + b + x(t)) stands
 * once a tick, and the states are joined. Each step must use the same R, b and f, and the ticks in order from zero.
 * Returns undefined for operators that are no part of one.
 */
export function unroll(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue | undefined {
  const own = values.filter((value): value is UnrolledValue => value?.kind === 'unrolled')
  if (node.op === 'MatMul' && (own.length > 0 || values[0]?.kind === 'fill')) return product(node, values)
  const start = node.op === 'Add' && own.length === 0 ? folded(values) : undefined
  if (start !== undefined) return start
  if (own.length === 0) return undefined
  switch (node.op) {
    case 'Identity':
    case 'Unsqueeze':
    case 'Squeeze':
      return own[0]
    case 'Add':
      return sum(node, own[0]!, values[values[0] === own[0] ? 1 : 0])
    case 'Tanh':
    case 'Relu':
      return step(context, node, own[0]!)
    case 'Concat':
      return whole(context, node, own, values.length)
    default:
      throw notOne(node)
  }
}

function notOne(node: OnnxNode): Error {
  const advice = 'export with torch.onnx.export(dynamo=False), which keeps the RNN one operator'
  return refusedNode(node, 'it is a part of an RNN written out tick by tick that is not recognised', advice)
}

/** h(t−1)·R, from zero or from the state of the tick before. */
function product(node: OnnxNode, [before, matrix]: Values): UnrolledValue {
  const isStart = before?.kind === 'fill' && before.value === 0
  const isNext = before?.kind === 'unrolled' && before.form === 'state'
  if (!(isStart || isNext) || matrix?.kind !== 'constant' || matrix.dims.length !== 2) throw notOne(node)
  return { kind: 'unrolled', form: 'product', before: isNext ? before : null, matrix, bias: null, tick: null, op: '' }
}

/** The first tick where h(0)·R + b = b was computed by the exporter: rows (B,H) of b, added to the inputs' part. */
function folded([a, b]: Values): UnrolledValue | undefined {
  const [constant, tick] = a?.kind === 'constant' ? [a, b] : [b, a]
  if (constant?.kind !== 'constant' || tick?.kind !== 'tick' || tick.index !== 0 || tick.ticks === 1) return undefined
  const width = tick.of.value.width
  const data = Float32Array.from(constant.data)
  if (data.length < width || data.length % width !== 0) return undefined
  if (!data.every((one, at) => one === data[at % width])) return undefined
  const bias: ConstantValue = { kind: 'constant', isFloat: true, dims: [width], data: data.slice(0, width) }
  return { kind: 'unrolled', form: 'product', before: null, matrix: null, bias, tick, op: '' }
}

/** Adds the bias, or the inputs' part of one tick. */
function sum(node: OnnxNode, part: UnrolledValue, added: OnnxValue | undefined): UnrolledValue {
  if (part.form !== 'product') throw notOne(node)
  if (added?.kind === 'constant' && part.bias === null && part.tick === null) return { ...part, bias: added }
  if (added?.kind === 'tick' && part.tick === null) return { ...part, tick: added }
  throw notOne(node)
}

function step(context: OnnxContext, node: OnnxNode, part: UnrolledValue): UnrolledValue {
  const { before, tick } = part
  if (part.form !== 'product' || tick === null) throw notOne(node)
  const isFirst = before === null && placeOf(tick) === 0
  const isNext =
    before !== null &&
    placeOf(tick) === placeOf(before.tick!) + 1 &&
    tick.of.value.id === before.tick!.of.value.id &&
    (part.matrix === before.matrix || before.matrix === null) &&
    isSameBias(part.bias, before.bias) &&
    node.op === before.op
  const isOnTime = tick.of.axes.some((axis) => isTime(context, axis) && axis.size === tick.ticks)
  if (!(isFirst || isNext) || !isOnTime) throw notOne(node)
  return { ...part, form: 'state', op: node.op }
}

/** The same constant; or, behind a first tick that was computed, one of the same numbers. */
function isSameBias(a: ConstantValue | null, b: ConstantValue | null): boolean {
  if (a === b) return true
  const numbers = (one: ConstantValue | null): string => (one === null ? '' : Array.from(one.data).join())
  const isZero = (one: ConstantValue | null): boolean => one === null || Array.from(one.data).every((n) => n === 0)
  return numbers(a) === numbers(b) || (isZero(a) && isZero(b))
}

function placeOf({ index, ticks }: TickValue): number {
  return index < 0 && typeof ticks === 'number' ? index + ticks : index
}

/** All states side by side: the RNN's value. The product with the inputs becomes its own weights. */
function whole(context: OnnxContext, node: OnnxNode, states: readonly UnrolledValue[], count: number): OnnxValue {
  const last = states.at(-1)!
  const { of, ticks } = last.tick!
  const isWhole =
    states.length === count &&
    count === ticks &&
    states.every((one, at) => one.form === 'state' && (at === 0 || one.before === states[at - 1]))
  const linear = context.declaration.moduleOf(of.value)
  if (!isWhole || linear?.['type'] !== 'Linear') throw notOne(node)
  const { declaration } = context
  const name = String(linear['name'])
  const width = of.value.width
  const { matrix, bias } = last
  if (matrix === null) throw notOne(node)
  const ownBias = declaration.tensors.get(`${name}.bias`)
  const hidden: Tensor = transposed({ shape: matrix.dims, data: Float32Array.from(matrix.data) })
  const weights = {
    weight_ih_l0: declaration.tensors.get(`${name}.weight`)!,
    weight_hh_l0: hidden,
    bias_ih_l0: ownBias ?? filled(width, 0),
    bias_hh_l0: biasOf(node, bias, width),
  }
  const inputs = Number(linear['in_features'])
  const from = { id: String(linear['input']), width: inputs, sequence: true }
  declaration.removeUnread(name)
  const options = { input_size: inputs, hidden_size: width, ...(last.op === 'Relu' ? { nonlinearity: 'relu' } : {}) }
  const id = declaration.add('RNN', 'rnn', from, options, weights)
  context.states.push({ h: null, c: null, isLstm: false })
  return { kind: 'signal', value: { id, width, sequence: true }, axes: of.axes }
}

function biasOf(node: OnnxNode, bias: ConstantValue | null, width: number): Tensor {
  if (bias === null) return filled(width, 0)
  if (bias.data.length !== width) throw notOne(node)
  return { shape: [width], data: Float32Array.from(bias.data) }
}

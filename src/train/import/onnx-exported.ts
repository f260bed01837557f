import { sizesOf } from './onnx-fold.ts'
import {
  type Axis,
  numberOf,
  type OnnxContext,
  type OnnxValue,
  type PartValue,
  refusedNode,
  type SignalValue,
  signalOf,
} from './onnx-value.ts'
import type { OnnxNode, Size } from './onnx-wire.ts'

type Values = readonly (OnnxValue | undefined)[]

/** One vector for every tick: a dimension of 1 becomes time. */
export function expand(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const signal = signalOf(context, node, values[0])
  const { value, axes } = signal
  const target = sizesOf(values[1])
  const at = axes.findIndex(({ role }) => role === 'one')
  const batch = axes.find(({ role }) => role === 'first' || role === 'second')
  const ticks = target?.[at]
  const isTimeAlone =
    target?.length === axes.length && target.every((size, place) => place === at || isKept(size, axes[place]!))
  if (ticks === undefined || !isTimeAlone || value.sequence || batch === undefined) {
    throw refusedNode(node, 'it repeats other than one vector over time', 'built is that')
  }
  const role = batch.role === 'first' ? 'second' : 'first'
  if (context.time !== null && context.time !== role)
    throw refusedNode(node, 'it repeats the batch', 'repeat over time')
  context.time = role
  const id = context.declaration.add('Repeat', 'repeat', value, typeof ticks === 'number' ? { ticks } : {})
  if (typeof ticks !== 'number' && !isInputTicks(context, ticks)) {
    throw refusedNode(node, `it repeats ${ticks} times`, 'built is as often as the input has ticks')
  }
  const longer: Axis[] = axes.map((axis, place) => (place === at ? { role, size: ticks } : axis))
  return { kind: 'signal', value: { ...value, id, sequence: true }, axes: longer }
}

/** 1 keeps a dimension as it is, and so does its own size. */
function isKept(size: Size, axis: Axis): boolean {
  return size === 1 || size === axis.size
}

function isInputTicks({ file, data, time }: OnnxContext, ticks: Size): boolean {
  const dims = file.inputs.find(({ name }) => name === data)?.dims
  return dims?.[time === 'first' ? 0 : 1] === ticks
}

/**
 * The two halves of a product side by side, the second as softplus(s) + floor: a Gaussian head.
 *
 * Returns null for anything else.
 */
export function gaussianOf(
  { declaration, file, uses }: OnnxContext,
  node: OnnxNode,
  values: Values,
): SignalValue | null {
  const [mean, deviation] = values
  if (values.length !== 2 || !isPart(mean) || !isPart(deviation)) return null
  const { of } = mean
  const half = of.value.width / 2
  const isHalves = mean.from === 0 && mean.to === half && deviation.from === half && deviation.to === 2 * half
  const isAlike = deviation.of.value.id === of.value.id && mean.floor === null && deviation.floor !== null
  const axis = numberOf(node, 'axis', 0)
  const module = declaration.moduleOf(of.value)
  const isHead = module?.['type'] === 'Linear' && module['activation'] === undefined && deviation.floor! >= 0
  if (!isHalves || !isAlike || !isHead || (axis !== -1 && axis !== of.axes.length - 1)) return null
  // Only the halves read the product: as a Gaussian it gives other numbers.
  const cut = file.nodes.find(({ outputs }) => outputs.includes(node.inputs[0]!))
  if (uses.get(cut?.inputs[0] ?? '') !== 2 || declaration.isRead(String(module['name']))) return null
  module['type'] = 'Gaussian'
  module['out_features'] = half
  module['floor'] = deviation.floor
  return of
}

function isPart(value: OnnxValue | undefined): value is PartValue {
  return value?.kind === 'part'
}

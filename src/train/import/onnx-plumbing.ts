import { integersOf, sizesOf } from './onnx-fold.ts'
import {
  type Axis,
  type FinalValue,
  fromEnd,
  type InputValue,
  lastOf,
  numberOf,
  type OnnxContext,
  type OnnxValue,
  refusedNode,
  type SignalValue,
  signalOf,
  type TickValue,
} from './onnx-value.ts'
import type { OnnxNode, Size } from './onnx-wire.ts'

type Values = readonly (OnnxValue | undefined)[]

/** Operators that move dimensions about: what exporters write around the recurrent ones. */
export const plumbing: Readonly<Record<string, (context: OnnxContext, node: OnnxNode, values: Values) => OnnxValue>> = {
  Identity: (context, node, values) => passed(context, node, values),
  Dropout: (context, node, values) => passed(context, node, values),
  Cast: (context, node, values) => passed(context, node, values),
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Reshape: reshape,
  Flatten: flatten,
  Gather: gather,
  Slice: slice,
}

function passed(context: OnnxContext, node: OnnxNode, [x]: Values): OnnxValue {
  return x?.kind === 'final' || x?.kind === 'input' ? x : signalOf(context, node, x)
}

function transpose(context: OnnxContext, node: OnnxNode, [x]: Values): OnnxValue {
  const perm = node.attributes.get('perm')?.numbers
  if (x?.kind === 'final' && x.form !== 'picked') {
    if (perm?.join() !== '1,0,2') throw refusedNode(node, `states by ${perm?.join()}`, 'read the output instead')
    return { ...x, form: x.form === 'parts first' ? 'batch first' : 'parts first' }
  }
  const signal = signalOf(context, node, x)
  const order = perm ?? signal.axes.map((_, at) => signal.axes.length - 1 - at)
  const axes = order.map((at) => signal.axes[at])
  if (axes.length !== signal.axes.length || axes.some((axis) => axis === undefined)) {
    throw refusedNode(node, `perm ${order.join()} of ${signal.axes.length} dimensions`, 'export the model again')
  }
  return { ...signal, axes: axes as Axis[] }
}

function squeeze(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const [x] = values
  const given = node.attributes.get('axes')?.numbers ?? integersOf(values[1])
  if (x?.kind === 'final' && x.parts.length === 1) {
    const partsAt = x.form === 'parts first' ? 0 : 1
    if (given !== null && given.length === 1 && fromEnd(given[0]!, 3) === partsAt) return { ...x, form: 'picked' }
  }
  // What is left of one tick may lose the dimension of 1 before it is known which tick is meant.
  if (x?.kind === 'tick') return { ...x, axes: withoutOnes(x.axes, given) }
  let signal = signalOf(context, node, x)
  const rank = signal.axes.length
  const dropped = given === null ? null : new Set(given.map((axis) => fromEnd(axis, rank)))
  const isDropped = (axis: Axis, at: number): boolean => (dropped === null ? axis.size === 1 : dropped.has(at))
  for (const [at, axis] of signal.axes.entries()) {
    if (!isDropped(axis, at) || axis.role === 'one' || (axis.role === 'direction' && axis.size === 1)) continue
    if (axis.role !== context.time || axis.size !== 1) {
      throw refusedNode(node, `it drops the dimension ${axis.role} of ${axis.size}`, 'keep batch and features')
    }
    signal = { ...signal, value: lastOf(context, signal) }
  }
  return { ...signal, axes: signal.axes.filter((axis, at) => !isDropped(axis, at)) }
}

function withoutOnes(axes: readonly Axis[], given: readonly number[] | null): Axis[] {
  const dropped = given?.map((axis) => fromEnd(axis, axes.length))
  return axes.filter(({ role }, at) => !(role === 'one' && (dropped === undefined || dropped.includes(at))))
}

function unsqueeze(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const signal = signalOf(context, node, values[0])
  const given = node.attributes.get('axes')?.numbers ?? integersOf(values[1]) ?? []
  const axes = [...signal.axes]
  const rank = axes.length + given.length
  for (const at of given.map((axis) => fromEnd(axis, rank)).sort((a, b) => a - b)) {
    axes.splice(at, 0, { role: 'one', size: 1 })
  }
  return { ...signal, axes }
}

/**
 * Joins and splits neighbouring dimensions, from the left.
 *
 * Built: dimensions of 1 come and go, directions and features become features, time and features become features.
 */
function reshape(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const [x] = values
  const target = sizesOf(values[1])
  if (target === null) throw refusedNode(node, 'its shape is computed while the model runs', 'export a fixed shape')
  if (x?.kind === 'final' && x.form === 'batch first' && target.length === 2) return signalOf(context, node, x)
  let signal = signalOf(context, node, x)
  const axes: Axis[] = []
  let from = 0
  for (const [at, given] of target.entries()) {
    const size = given === 0 && numberOf(node, 'allowzero', 0) === 0 ? signal.axes[at]?.size : given
    const rest = target.length - at - 1
    const heads = splitHeads(signal.axes, from, target, at)
    if (heads !== null) return { ...signal, axes: [...axes, ...heads] }
    const to = groupEnd(signal.axes, from, size, rest)
    const group = signal.axes.slice(from, to).filter((axis) => axis.size !== 1 || axis.role === 'feature')
    const joined = size === 1 && to === from ? { signal, axis: null } : join(context, node, signal, group)
    signal = joined.signal
    axes.push(joined.axis ?? { role: 'one', size: 1 })
    from = to
  }
  const left = signal.axes.slice(from).some((axis) => axis.size !== 1)
  if (left) throw refusedNode(node, `the shape [${target.join()}]`, 'batch and time must stay dimensions')
  return { ...signal, axes }
}

/** The last dimension as groups of features and the features of one group; null where the shape is another. */
function splitHeads(axes: readonly Axis[], from: number, target: readonly Size[], at: number): Axis[] | null {
  const [heads, size] = [target[at], target[at + 1]]
  const width = axes[from]?.size
  const isSplit = from === axes.length - 1 && at === target.length - 2 && axes[from]?.role === 'feature'
  if (!isSplit || typeof heads !== 'number' || typeof size !== 'number' || typeof width !== 'number') return null
  if (heads < 2 || heads * size !== width) return null
  return [
    { role: 'head', size: heads },
    { role: 'feature', size },
  ]
}

/** One past the dimensions that become one of `size`; −1 takes all but one for each of the `rest`. */
function groupEnd(axes: readonly Axis[], from: number, size: Size | undefined, rest: number): number {
  if (size === -1) return Math.max(from, axes.length - rest)
  let at = from
  if (size === 1 && axes[at]?.size !== 1) return at
  let product: Size = 1
  while (at < axes.length) {
    const next: Size = axes[at]!.size
    product = product === 1 ? next : next === 1 ? product : `${product}*${next}`
    if (typeof next === 'number' && axes.slice(from, at + 1).every((axis) => typeof axis.size === 'number')) {
      product = axes.slice(from, at + 1).reduce((all, axis) => all * (axis.size as number), 1)
    }
    at++
    // Features of 1 go with the heads or directions that they are of.
    const isOuter = rest === 0 && ['head', 'direction'].includes(axes[at - 1]!.role)
    if (product === size) return isOuter && axes[at]?.size === 1 ? at + 1 : at
  }
  return at
}

function join(
  context: OnnxContext,
  node: OnnxNode,
  signal: SignalValue,
  group: readonly Axis[],
): { signal: SignalValue; axis: Axis | null } {
  if (group.length === 0) return { signal, axis: null }
  if (group.length === 1) return { signal, axis: group[0]! }
  const [outer, inner] = group
  if (group.length === 2 && ['direction', 'head'].includes(outer!.role) && inner!.role === 'feature') {
    return { signal, axis: { role: 'feature', size: signal.value.width } }
  }
  if (group.length === 2 && isTime(context, outer!) && inner!.role === 'feature')
    return flattened(context, node, signal)
  const roles = group.map((axis) => axis.role).join(' and ')
  throw refusedNode(node, `it joins the dimensions ${roles}`, 'batch and time must stay dimensions')
}

function flattened(context: OnnxContext, node: OnnxNode, signal: SignalValue): { signal: SignalValue; axis: Axis } {
  const ticks = signal.axes.find((axis) => isTime(context, axis))!.size
  if (typeof ticks !== 'number') throw refusedNode(node, 'it flattens windows of any length', 'export a fixed length')
  const width = ticks * signal.value.width
  const id = context.declaration.add('Flatten', 'flatten', signal.value, { ticks })
  const value = { id, width, sequence: false }
  return { signal: { ...signal, value }, axis: { role: 'feature', size: width } }
}

function flatten(context: OnnxContext, node: OnnxNode, [x]: Values): OnnxValue {
  const signal = signalOf(context, node, x)
  const { axes } = signal
  if (fromEnd(numberOf(node, 'axis', 1), axes.length) !== 1) {
    throw refusedNode(node, 'it joins the batch with others', 'flatten from dimension 1')
  }
  const { signal: value, axis } = join(
    context,
    node,
    signal,
    axes.slice(1).filter((one) => one.size !== 1),
  )
  return { ...value, axes: [axes[0]!, axis ?? { role: 'one', size: 1 }] }
}

function gather(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const [x] = values
  const index = integersOf(values[1])
  const isScalar =
    values[1]?.kind === 'constant' ? values[1].dims.length === 0 : values[1]?.kind === 'sizes' && !values[1].isList
  if (index === null || index.length !== 1 || !isScalar) {
    throw refusedNode(node, 'it reads other than one place', 'built is the last tick')
  }
  const axis = numberOf(node, 'axis', 0)
  if (x?.kind === 'final') {
    const part = x.form === 'parts first' && axis === 0 ? x.parts[fromEnd(index[0]!, x.parts.length)] : undefined
    if (part === undefined) throw refusedNode(node, 'it reads a part of a state', 'read the output instead')
    return { ...x, parts: [part], form: 'picked' }
  }
  const signal = signalOf(context, node, x)
  const at = fromEnd(axis, signal.axes.length)
  const left = signal.axes.filter((_, position) => position !== at)
  return tickOf(context, node, signal, at, index[0]!, left)
}

function slice(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue {
  const [x] = values
  const list = (name: string, at: number): readonly number[] | null =>
    node.attributes.get(name)?.numbers ?? integersOf(values[at])
  const [starts, ends] = [list('starts', 1), list('ends', 2)]
  const axes = list('axes', 3) ?? [0]
  const steps = integersOf(values[4]) ?? [1]
  if (starts?.length !== 1 || ends?.length !== 1 || axes.length !== 1 || steps[0] !== 1) {
    throw refusedNode(node, 'it cuts several dimensions, or by steps', 'built is the last tick')
  }
  const [from, to, axis] = [starts[0]!, ends[0]!, axes[0]!]
  if (x?.kind === 'input') return sliceInput(node, x, axis, from, to)
  if (x?.kind === 'final') return sliceFinal(node, x, axis, from, to)
  const signal = signalOf(context, node, x)
  const at = fromEnd(axis, signal.axes.length)
  const size = signal.axes[at]?.size
  const isFeatures = at === signal.axes.length - 1 && signal.axes[at]?.role === 'feature' && size === signal.value.width
  if (isFeatures && !(from === 0 && to >= signal.value.width)) {
    const [first, end] = [fromEnd(from, size), Math.min(fromEnd(to, size), size)]
    if (end > first) return { kind: 'part', of: signal, from: first, to: end, floor: null }
  }
  const covers = from === 0 && (to >= 2 ** 31 - 1 || to === size)
  if (covers) return signal
  const isOne = typeof size === 'number' ? Math.min(fromEnd(to, size), size) - fromEnd(from, size) === 1 : from === -1
  if (!isOne) throw refusedNode(node, `it cuts [${from}:${to}] out of a dimension`, 'built is the last tick')
  const left = signal.axes.map((one, place): Axis => (place === at ? { role: 'one', size: 1 } : one))
  return tickOf(context, node, signal, at, from, left)
}

/** Rows of an input: the initial states of one layer. */
function sliceInput(node: OnnxNode, x: InputValue, axis: number, from: number, to: number): InputValue {
  const rows = x.dims[0]
  if (axis !== 0 || typeof rows !== 'number' || x.rows !== null) {
    throw refusedNode(node, `it cuts a part out of the input ${x.name}`, 'give the model what it reads')
  }
  return { ...x, rows: [fromEnd(from, rows), Math.min(fromEnd(to, rows), rows)] }
}

function sliceFinal(node: OnnxNode, x: FinalValue, axis: number, from: number, to: number): FinalValue {
  const count = x.parts.length
  if (axis !== 0 || x.form !== 'parts first') throw refusedNode(node, 'it cuts a state', 'read the output instead')
  return { ...x, parts: x.parts.slice(fromEnd(from, count), Math.min(fromEnd(to, count), count)) }
}

/** One place of a dimension: a tick. Without a recurrent operator before, it shows which dimension is time. */
function tickOf(
  context: OnnxContext,
  node: OnnxNode,
  signal: SignalValue,
  at: number,
  index: number,
  left: readonly Axis[],
): TickValue {
  const axis = signal.axes[at]
  const role = axis?.role
  if (context.time === null && (role === 'first' || role === 'second')) context.time = role
  if (axis === undefined || !isTime(context, axis)) {
    throw refusedNode(node, `it reads one place of the dimension ${role ?? '(none)'}`, 'built is the last tick')
  }
  return { kind: 'tick', of: signal, axes: left, index, ticks: axis.size }
}

/** Whether a dimension is time; without any recurrent operator the second one is. */
export function isTime(context: OnnxContext, axis: Axis): boolean {
  return axis.role === (context.time ?? 'second')
}

import type { Tensor } from '../../model/tensor.ts'
import type { Declaration, ImportedValue } from './declaration.ts'
import { ImportError } from './import-error.ts'
import type { OnnxFile, OnnxNode, OnnxTensor, Size } from './onnx-wire.ts'

/**
 * What one dimension of a value stands for. `first` and `second` are those of the model's input: which of them is time
 * shows only where the first recurrent operator reads it. `head`: groups of neighbouring features, of which `feature` is
 * then one group. `one`: a dimension of 1 that an exporter put in between.
 */
export interface Axis {
  readonly role: 'first' | 'second' | 'feature' | 'direction' | 'head' | 'one'
  readonly size: Size
}

/** A constant array. */
export interface ConstantValue extends OnnxTensor {
  readonly kind: 'constant'
}

/** A list of whole numbers, some of which are open until the model runs: a shape and what is made of it. */
export interface SizesValue {
  readonly kind: 'sizes'
  readonly sizes: readonly Size[]
  readonly isList: boolean
}

/** One number everywhere, in a shape that may be open: the zero states of exporters. */
export interface FillValue {
  readonly kind: 'fill'
  readonly value: number
}

/** An input of the graph that nothing has read yet; `rows` are those that were cut out of it along its first dimension. */
export interface InputValue {
  readonly kind: 'input'
  readonly name: string
  readonly dims: readonly Size[]
  readonly rows: readonly [from: number, to: number] | null
}

/** The value of a module, in some order of dimensions. */
export interface SignalValue {
  readonly kind: 'signal'
  readonly value: ImportedValue
  readonly axes: readonly Axis[]
}

/** Where a recurrent operator stands, and what else of it is read. */
export interface RecurrentOperator {
  readonly node: OnnxNode
  readonly value: ImportedValue
  readonly directions: number
  readonly reverse: boolean
  readonly hidden: number
  readonly batch: Axis
}

/** States at the end: of each part one direction of one operator; `picked`: one part, without the dimension of parts. */
export interface FinalValue {
  readonly kind: 'final'
  readonly of: 'h' | 'c'
  readonly parts: readonly { readonly operator: RecurrentOperator; readonly direction: number }[]
  readonly form: 'parts first' | 'batch first' | 'picked'
}

/** One tick of a sequence: `axes` are the dimensions that are left. It becomes a value only where it is the last one. */
export interface TickValue {
  readonly kind: 'tick'
  readonly of: SignalValue
  readonly axes: readonly Axis[]
  /** −1 where only that is known of the last. */
  readonly index: number
  readonly ticks: Size
}

/** A piece of an RNN that was written out tick by tick: the product with the state before, or the state of a tick. */
export interface UnrolledValue {
  readonly kind: 'unrolled'
  readonly form: 'product' | 'state'
  readonly before: UnrolledValue | null
  /** Null at the first tick, where an exporter has computed the product with zeros: the next one says it. */
  readonly matrix: ConstantValue | null
  readonly bias: ConstantValue | null
  readonly tick: TickValue | null
  /** The operator of its activation. */
  readonly op: string
}

/** Keys (B,1,T,A) and queries (B,T,1,A) of an additive attention, added, then bent by tanh, then weighed by `score`. */
export interface PairsValue {
  readonly kind: 'pairs'
  readonly keys: SignalValue
  readonly queries: SignalValue | null
  readonly bent: boolean
  readonly score: Tensor | null
}

/** Which ticks a look leaves out: later ones, and those `window` ticks back and more (0: none). */
export interface MaskValue {
  readonly kind: 'mask'
  readonly causal: boolean
  readonly window: number
}

/** How much every tick looks at every other; `isShares` behind the softmax. */
export interface ScoresValue {
  readonly kind: 'scores'
  readonly of:
    | { readonly q: SignalValue; readonly k: SignalValue; readonly heads: number; readonly scale: number }
    | { readonly keys: SignalValue; readonly queries: SignalValue | null; readonly score: Tensor }
  readonly mask: MaskValue | null
  readonly isShares: boolean
}

/** Some neighbouring features of a value, as they are or as softplus(x) + floor: the halves of a Gaussian head. */
export interface PartValue {
  readonly kind: 'part'
  readonly of: SignalValue
  readonly from: number
  readonly to: number
  readonly floor: number | null
}

/** A piece of a layer norm, or of a GELU (`erf`, `half`), that was written out in its parts; `of` is its x. */
export interface NormValue {
  readonly kind: 'norm'
  readonly of: SignalValue
  readonly stage: 'mean' | 'centred' | 'square' | 'variance' | 'safe' | 'deviation' | 'erf' | 'half'
  readonly eps: number
}

/** Any value of the graph. */
export type OnnxValue =
  | ConstantValue
  | SizesValue
  | FillValue
  | InputValue
  | SignalValue
  | FinalValue
  | TickValue
  | UnrolledValue
  | PairsValue
  | MaskValue
  | ScoresValue
  | PartValue
  | NormValue

/** What the translation of an operator reads and writes. */
export interface OnnxContext {
  readonly file: OnnxFile
  readonly declaration: Declaration
  /** Which dimension of the input is time; null until a recurrent operator reads it. */
  time: 'first' | 'second' | null
  /** Initial states of the recurrent operators, in their order; null where they are zero. */
  readonly states: { readonly h: InputValue | null; readonly c: InputValue | null; readonly isLstm: boolean }[]
  /** How often the output needs a value. */
  readonly uses: ReadonlyMap<string, number>
  /** The input that the model computes on, once one is read. */
  data: string | null
}

/** The refusal of an operator, by its name and node. */
export function refusedNode(node: OnnxNode, what: string, advice: string): ImportError {
  const name = node.name || node.outputs[0] || ''
  return new ImportError(name === '' ? node.op : `${node.op} ${name}`, what, advice)
}

/** A whole attribute, or what it is when absent. */
export function numberOf(node: OnnxNode, name: string, fallback: number): number {
  return node.attributes.get(name)?.number ?? fallback
}

/** An index that may count from the end. */
export function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index
}

/** A value as one that modules compute on. Errors: a shape, a second input, a state of one of two directions. */
export function signalOf(context: OnnxContext, node: OnnxNode, value: OnnxValue | undefined): SignalValue {
  if (value?.kind === 'signal') return value
  if (value?.kind === 'input') return inputSignal(context, node, value)
  if (value?.kind === 'final') return finalSignal(context, node, value)
  if (value?.kind === 'tick') return tickSignal(context, node, value)
  if (value?.kind === 'part') return partSignal(context, value)
  if (value?.kind === 'unrolled') throw refusedNode(node, 'it reads one state of an RNN', 'read its output instead')
  if (value?.kind === 'scores' || value?.kind === 'pairs' || value?.kind === 'mask') {
    throw refusedNode(node, 'it reads a part of an attention', 'read what the attention gives instead')
  }
  if (value?.kind === 'norm')
    throw refusedNode(node, 'it reads a part of a norm or a GELU', 'export with a newer opset')
  throw refusedNode(node, 'it computes on constants or shapes', 'simplify the model, for instance with onnxsim')
}

/** Some features alone: a product with ones in their places, which is exact. */
function partSignal({ declaration }: OnnxContext, { of, from, to, floor }: PartValue): SignalValue {
  const [rows, columns] = [to - from, of.value.width]
  const data = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) data[row * columns + from + row] = 1
  let value = declaration.addLinear('part', of.value, { shape: [rows, columns], data }, null)
  if (floor !== null) {
    value = { ...value, id: declaration.add('Activation', 'softplus', value, { function: 'softplus' }) }
    const all = (number: number): Tensor => ({ shape: [rows], data: new Float32Array(rows).fill(number) })
    const numbers = { running_mean: all(0), running_var: all(1), weight: all(1), bias: all(floor) }
    value = { ...value, id: declaration.add('BatchNorm1d', 'floor', value, { num_features: rows, eps: 0 }, numbers) }
  }
  return { kind: 'signal', value, axes: [...of.axes.slice(0, -1), { role: 'feature', size: rows }] }
}

function tickSignal(context: OnnxContext, node: OnnxNode, { of, axes, index, ticks }: TickValue): SignalValue {
  const isLast = index === -1 || (typeof ticks === 'number' && index === ticks - 1)
  if (!isLast) throw refusedNode(node, `it reads tick ${index} alone`, 'built is the last tick')
  return { kind: 'signal', value: lastOf(context, of), axes }
}

/** The value at the last tick; a vector stays what it is. */
export function lastOf({ declaration }: OnnxContext, { value }: SignalValue): ImportedValue {
  if (!value.sequence) return value
  return { ...value, id: declaration.add('Last', 'last', value), sequence: false }
}

function inputSignal(context: OnnxContext, node: OnnxNode, { name, dims, rows }: InputValue): SignalValue {
  if (rows !== null) throw refusedNode(node, `it reads a part of the input ${name}`, 'give the model what it reads')
  if (context.data !== null && context.data !== name) {
    throw refusedNode(node, `it reads a second input, ${name}`, 'join the inputs into one of all features')
  }
  const [first, second, feature] = dims
  if (dims.length !== 3 || typeof feature !== 'number' || first === undefined || second === undefined) {
    const advice = 'it must have three dimensions, batch and time in either order and a fixed number of features'
    throw refusedNode(node, `the input ${name} is [${dims}]`, advice)
  }
  context.data = name
  return {
    kind: 'signal',
    value: { id: 'input', width: feature, sequence: true },
    axes: [
      { role: 'first', size: first },
      { role: 'second', size: second },
      { role: 'feature', size: feature },
    ],
  }
}

/** The state at the end as the value of its operator: its last tick, or, of a reversed one, where it ended. */
function finalSignal(context: OnnxContext, node: OnnxNode, { of, parts, form }: FinalValue): SignalValue {
  const [part] = parts
  if (part === undefined || of === 'c' || form === 'parts first') {
    throw refusedNode(node, `it reads the ${of === 'c' ? 'cell ' : ''}states of an operator`, 'read its output instead')
  }
  const { operator } = part
  const isWhole = parts.every((one, at) => one.operator === operator && one.direction === at)
  if (!isWhole || parts.length !== operator.directions) {
    throw refusedNode(
      node,
      'it reads one direction of two, or states of several layers',
      'read both, or the last layer',
    )
  }
  const axes: Axis[] = [operator.batch, { role: 'feature', size: operator.value.width }]
  return { kind: 'signal', value: endOf(context, node, operator), axes }
}

function endOf(context: OnnxContext, node: OnnxNode, operator: RecurrentOperator): ImportedValue {
  const { declaration, uses } = context
  const { value, directions, reverse } = operator
  if (directions === 1 && !reverse) {
    return { ...value, id: declaration.add('Last', `${value.id}_last`, value), sequence: false }
  }
  if ((uses.get(operator.node.outputs[0] ?? '') ?? 0) > 0) {
    throw refusedNode(node, 'both the output and the last state of a reversed operator are read', 'read one of them')
  }
  declaration.moduleOf(value)!['on'] = 'last'
  return { ...value, sequence: false }
}

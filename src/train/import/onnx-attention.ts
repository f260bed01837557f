import type { Tensor } from '../../model/tensor.ts'
import { isTime } from './onnx-plumbing.ts'
import {
  type ConstantValue,
  fromEnd,
  type MaskValue,
  numberOf,
  type OnnxContext,
  type OnnxValue,
  type PairsValue,
  refusedNode,
  type ScoresValue,
  type SignalValue,
} from './onnx-value.ts'
import type { OnnxNode } from './onnx-wire.ts'
import { filled, identity, tensorOf } from './tensor-layout.ts'

type Values = readonly (OnnxValue | undefined)[]

const advice =
  'it is a part of an attention that is not recognised: built are those that this program exports; bring the model as .safetensors with its architecture'

/** A score to which this was added does not count. */
const excluded = -1e8

/**
 * An attention of a sequence over itself that an exporter wrote out in its operators, made one module again.
 *
 * Scaled dot products: softmax(scale · q·kᵀ + mask)·v in heads, q, k and v being the value itself or products of it.
 * Additive: softmax(v·tanh(keys [+ queries]) + mask)·x. The mask excludes later ticks, and those behind a window.
 * Returns undefined for operators that are no part of one. Errors: a part of one that is another attention than these.
 */
export function attend(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue | undefined {
  const begun = begin(context, node, values)
  if (begun !== undefined) return begun
  const scores = values.find((value): value is ScoresValue => value?.kind === 'scores')
  if (scores !== undefined) return goOn(context, node, scores, values)
  const pairs = values.find((value): value is PairsValue => value?.kind === 'pairs')
  if (pairs !== undefined) return goOnPairs(node, pairs, values)
  return values.some((value) => value?.kind === 'mask') ? maskOf(node, values) : undefined
}

function begin(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue | undefined {
  const [a, b] = values
  if (node.op === 'Trilu') return maskOf(node, values)
  if (node.op === 'MatMul' && a?.kind === 'signal' && b?.kind === 'signal') return products(context, node, a, b)
  if (node.op === 'Add' && a?.kind === 'signal' && b?.kind === 'signal') {
    const [keys, queries] = isLifted(context, a, 1) ? [a, b] : [b, a]
    if (isLifted(context, keys, 1) && isLifted(context, queries, 2))
      return { kind: 'pairs', keys, queries, bent: false, score: null }
  }
  if (node.op === 'Tanh' && a?.kind === 'signal' && isLifted(context, a, 1)) {
    return { kind: 'pairs', keys: a, queries: null, bent: true, score: null }
  }
  return undefined
}

/** (B,T,A) with a dimension of 1 put in at `at`: keys against every query, or queries against every key. */
function isLifted(context: OnnxContext, { axes, value }: SignalValue, at: 1 | 2): boolean {
  const [time, one] = at === 1 ? [axes[2], axes[1]] : [axes[1], axes[2]]
  const isPlain = axes.length === 4 && value.sequence && axes[3]!.role === 'feature' && one?.role === 'one'
  return isPlain && time !== undefined && isTime(context, time)
}

/** q·kᵀ of (B[,heads],T,D) and (B[,heads],D,T). */
function products(context: OnnxContext, node: OnnxNode, q: SignalValue, k: SignalValue): ScoresValue {
  const rank = q.axes.length
  const heads = headsOf(q)
  const isTurned = k.axes.at(-2)?.role === 'feature' && k.axes.at(-1) !== undefined && isTime(context, k.axes.at(-1)!)
  const isAsked = q.axes.at(-1)?.role === 'feature' && q.axes.at(-2) !== undefined && isTime(context, q.axes.at(-2)!)
  const fits = (rank === 3 || rank === 4) && k.axes.length === rank && heads === headsOf(k)
  if (!fits || !isTurned || !isAsked || !q.value.sequence || !k.value.sequence)
    throw refusedNode(node, 'it multiplies two values', advice)
  return { kind: 'scores', of: { q, k, heads, scale: 1 }, mask: null, isShares: false }
}

function headsOf({ axes }: SignalValue): number {
  const axis = axes.length === 4 ? axes[1]! : null
  return axis?.role === 'head' ? Number(axis.size) : 1
}

/** What follows on scores: a factor, a mask, the softmax over the keys, and the sum of values. */
function goOn(context: OnnxContext, node: OnnxNode, scores: ScoresValue, values: Values): OnnxValue {
  const [a, b] = values
  const other = a === scores ? b : a
  if (
    (node.op === 'Mul' || (node.op === 'Div' && a === scores)) &&
    'q' in scores.of &&
    !scores.isShares &&
    scores.mask === null
  ) {
    const factor = other?.kind === 'constant' && other.data.length === 1 ? other.data[0]! : Number.NaN
    const scale = scores.of.scale * (node.op === 'Mul' ? factor : 1 / factor)
    if (Number.isFinite(scale)) return { ...scores, of: { ...scores.of, scale } }
  }
  if (node.op === 'Add' && !scores.isShares && scores.mask === null) {
    const mask = maskIn(other)
    if (mask !== null) return { ...scores, mask }
  }
  if (node.op === 'Softmax' && !scores.isShares && numberOf(node, 'axis', -1) === -1)
    return { ...scores, isShares: true }
  if (node.op === 'MatMul' && scores.isShares && a === scores && b?.kind === 'signal') {
    return 'q' in scores.of ? dotProduct(context, node, scores, b) : additive(context, node, scores, b)
  }
  throw refusedNode(node, 'it works on the scores of an attention', advice)
}

function goOnPairs(node: OnnxNode, pairs: PairsValue, [a, b]: Values): OnnxValue {
  if (node.op === 'Tanh' && !pairs.bent) return { ...pairs, bent: true }
  const isVector =
    b?.kind === 'constant' && b.dims.length === 2 && b.dims[1] === 1 && b.dims[0] === pairs.keys.value.width
  if (node.op === 'MatMul' && pairs.bent && a === pairs && isVector) {
    return { ...pairs, score: tensorOf([1, b.dims[0]!], b.data) }
  }
  if (node.op === 'Squeeze' && pairs.score !== null) {
    return {
      kind: 'scores',
      of: { keys: pairs.keys, queries: pairs.queries, score: pairs.score },
      mask: null,
      isShares: false,
    }
  }
  throw refusedNode(node, 'it works on pairs of ticks', advice)
}

/** The mask that is added to scores; null for anything else. */
function maskIn(value: OnnxValue | undefined): MaskValue | null {
  if (value?.kind === 'mask') return value
  if (value?.kind === 'fill' && value.value === 0) return { kind: 'mask', causal: false, window: 0 }
  return value?.kind === 'constant' ? constantMask(value) : null
}

/** (T,T) of zeros, with what excludes above the diagonal, or nowhere. */
function constantMask({ dims, data }: ConstantValue): MaskValue | null {
  const ticks = dims.at(-1) ?? 0
  if (dims.at(-2) !== ticks || data.length !== ticks * ticks) return null
  let later = 0
  for (let at = 0; at < data.length; at++) {
    const isLater = at % ticks > Math.floor(at / ticks)
    if (isLater && data[at]! <= excluded) later++
    else if (data[at] !== 0) return null
  }
  if (later === 0) return { kind: 'mask', causal: false, window: 0 }
  return later === (ticks * (ticks - 1)) / 2 ? { kind: 'mask', causal: true, window: 0 } : null
}

/** Triangles of what excludes: above the diagonal later ticks, below it those behind the window; or two of them together. */
function maskOf(node: OnnxNode, values: Values): MaskValue {
  const [a, b] = values
  if (node.op === 'Add' && a?.kind === 'mask' && b?.kind === 'mask') {
    return { kind: 'mask', causal: a.causal || b.causal, window: Math.max(a.window, b.window) }
  }
  const diagonal = b?.kind === 'constant' ? Number(b.data[0]) : 0
  if (node.op === 'Trilu' && a?.kind === 'fill' && a.value <= excluded) {
    const isUpper = numberOf(node, 'upper', 1) === 1
    if (isUpper && diagonal === 1) return { kind: 'mask', causal: true, window: 0 }
    if (!isUpper && diagonal < 0) return { kind: 'mask', causal: false, window: -diagonal }
  }
  throw refusedNode(node, 'it makes a mask', advice)
}

/** A product that an attention reads: its matrix, its bias, and of what it is. */
interface Projection {
  readonly name: string
  readonly source: string
  readonly weight: Tensor
  readonly bias: Tensor | null
}

function projectionOf({ declaration }: OnnxContext, { value }: SignalValue): Projection | null {
  const module = declaration.moduleOf(value)
  if (module?.['type'] !== 'Linear' || module['activation'] !== undefined) return null
  const name = String(module['name'])
  const weight = declaration.tensors.get(`${name}.weight`)!
  return { name, source: String(module['input']), weight, bias: declaration.tensors.get(`${name}.bias`) ?? null }
}

function dotProduct(context: OnnxContext, node: OnnxNode, scores: ScoresValue, v: SignalValue): SignalValue {
  if (!('q' in scores.of)) throw refusedNode(node, 'it works on the scores of an attention', advice)
  const { q, k, heads, scale } = scores.of
  const { width } = q.value
  const looks = scores.mask ?? { causal: false, window: 0 }
  const options = {
    ...(looks.causal ? { causal: true } : {}),
    ...(looks.window > 0 ? { window: looks.window } : {}),
  }
  const { declaration } = context
  expectLook(node, scores, v, heads)
  if (heads === 1 && q.value.id === k.value.id && k.value.id === v.value.id) {
    const id = declaration.add('DotAttention', 'attention', v.value, { scale, ...options })
    return { ...v, value: { ...v.value, id } }
  }
  const parts = [q, k, v].map((one) => projectionOf(context, one))
  const [first] = parts
  const isOne = parts.every(
    (one) => one !== null && one.source === first!.source && one.weight.shape.join() === `${width},${width}`,
  )
  if (!isOne || width % heads !== 0)
    throw refusedNode(node, 'its query, key and value are no products of one value', advice)
  // PyTorch's factor is 1/√(E/heads): what differs goes into the queries.
  const stretch = scale * Math.sqrt(width / heads)
  const factor = Math.abs(stretch - 1) < 1e-6 ? 1 : stretch
  const all = parts as Projection[]
  const hasBias = all.some(({ bias }) => bias !== null)
  for (const { name } of all) declaration.removeUnread(name)
  const tensors = {
    in_proj_weight: stacked(
      [3 * width, width],
      all.map(({ weight }) => weight),
      factor,
    ),
    'out_proj.weight': identity(width),
    ...(hasBias
      ? {
          in_proj_bias: stacked(
            [3 * width],
            all.map(({ bias }) => bias ?? filled(width, 0)),
            factor,
          ),
          'out_proj.bias': filled(width, 0),
        }
      : {}),
  }
  const from = { id: first!.source, width, sequence: true }
  const own = { embed_dim: width, num_heads: heads, bias: hasBias, ...options }
  const id = declaration.add('MultiheadAttention', 'attention', from, own, tensors)
  return { ...v, value: { ...v.value, id } }
}

/** One after the other; the first times a factor. */
function stacked(shape: readonly number[], parts: readonly Tensor[], factor: number): Tensor {
  const rows = parts.flatMap(({ data }, at) => Array.from(data, (one) => (at === 0 ? one * factor : one)))
  return tensorOf(shape, rows)
}

/** Errors: values in other heads, or in another order, than the scores. */
function expectLook(node: OnnxNode, { of }: ScoresValue, v: SignalValue, heads: number): void {
  const asked = 'q' in of ? of.q : null
  const roles = ({ axes }: SignalValue): string => axes.map(({ role }) => role).join()
  if (asked === null || (roles(asked) === roles(v) && headsOf(v) === heads && asked.value.width === v.value.width))
    return
  throw refusedNode(node, 'its values are laid out otherwise than its queries', advice)
}

function additive(context: OnnxContext, node: OnnxNode, scores: ScoresValue, x: SignalValue): SignalValue {
  const { of, mask } = scores
  if ('q' in of) throw refusedNode(node, 'it works on the scores of an attention', advice)
  const keys = projectionOf(context, of.keys)
  const queries = of.queries === null ? null : projectionOf(context, of.queries)
  const isOne = keys?.source === x.value.id && (of.queries === null || queries?.source === x.value.id)
  // Without a query and a mask of all ticks there is one row of scores, and so one vector.
  const isEvery = of.queries !== null || mask !== null
  const looksBack = mask !== null && (mask.causal || mask.window > 0)
  if (
    keys === null ||
    !isOne ||
    !isEvery ||
    (queries !== null && queries.bias !== null) ||
    fromEnd(-1, x.axes.length) !== 2
  ) {
    throw refusedNode(node, 'its keys, queries and values are not those of one value', advice)
  }
  const { declaration } = context
  for (const one of [keys, queries]) if (one !== null) declaration.removeUnread(one.name)
  const window = looksBack ? (mask.window > 0 ? mask.window : 65_536) : 0
  const options = {
    in_features: x.value.width,
    attention_size: of.score.shape[1]!,
    query: queries !== null,
    bias: keys.bias !== null,
    ...(window > 0 ? { window } : {}),
  }
  const id = declaration.add('AdditiveAttention', 'attention', x.value, options, {
    'proj.weight': keys.weight,
    'score.weight': of.score,
    ...(keys.bias === null ? {} : { 'proj.bias': keys.bias }),
    ...(queries === null ? {} : { 'query.weight': queries.weight }),
  })
  return { ...x, value: { ...x.value, id } }
}

/**
 * A product behind an attention whose own last product is still the identity: it becomes that one.
 *
 * Returns false where it cannot: another width, or others read the attention, too.
 */
export function becomesOutput(
  { declaration, uses }: OnnxContext,
  node: OnnxNode,
  { value }: SignalValue,
  weight: Tensor,
  bias: Tensor | null,
): boolean {
  const module = declaration.moduleOf(value)
  const isOnly = module?.['type'] === 'MultiheadAttention' && (uses.get(node.inputs[0]!) ?? 0) === 1
  const own = isOnly ? declaration.tensors.get(`${value.id}.out_proj.weight`) : undefined
  if (module === undefined || own === undefined || weight.shape.join() !== own.shape.join()) return false
  if (!sameNumbers(own, identity(value.width)) || !isZero(declaration.tensors.get(`${value.id}.out_proj.bias`)))
    return false
  declaration.tensors.set(`${value.id}.out_proj.weight`, weight)
  if (bias !== null) giveBias(declaration, module, value.id, value.width, bias)
  return true
}

/** Whether a constant behind an attention is the bias of its last product; sets it. */
export function becomesOutputBias(
  { declaration, uses }: OnnxContext,
  input: string,
  { value }: SignalValue,
  bias: Tensor,
): boolean {
  const module = declaration.moduleOf(value)
  if (module?.['type'] !== 'MultiheadAttention' || (uses.get(input) ?? 0) !== 1) return false
  if (!isZero(declaration.tensors.get(`${value.id}.out_proj.bias`))) return false
  giveBias(declaration, module, value.id, value.width, bias)
  return true
}

function giveBias(
  declaration: OnnxContext['declaration'],
  module: Record<string, unknown>,
  id: string,
  width: number,
  bias: Tensor,
): void {
  // PyTorch has both biases or none.
  if (module['bias'] !== true) declaration.tensors.set(`${id}.in_proj_bias`, filled(3 * width, 0))
  module['bias'] = true
  declaration.tensors.set(`${id}.out_proj.bias`, bias)
}

function sameNumbers(a: Tensor, b: Tensor): boolean {
  return a.data.length === b.data.length && a.data.every((one, at) => one === b.data[at])
}

function isZero(tensor: Tensor | undefined): boolean {
  return tensor === undefined || tensor.data.every((one) => one === 0)
}

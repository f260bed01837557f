import type { Tensor } from '../../model/tensor.ts'
import { dropoutOf } from './keras-dropout.ts'
import { type KerasLayerContext, type KerasValue, refused } from './keras-layer.ts'
import { expectShape, filled, identity } from './tensor-layout.ts'

/** A look back over all earlier ticks: as far as an attention can. */
const allEarlier = 65_536

/** Attention of a sequence over itself: Σ softmax(scale · q·k) v, or with `score_mode` concat the additive score. */
export function importAttention(context: KerasLayerContext): KerasValue {
  const { config, declaration, label, name } = context
  const from = itself(context)
  const causal = isCausal(context)
  const usesScale = config['use_scale'] === true
  const weights = context.weights()
  const scale = usesScale ? scalarOf(context, weights[0]) : 1
  if (config['score_mode'] === 'concat') {
    const factor = scalarOf(context, weights[usesScale ? 1 : 0])
    const { data } = identity(from.width)
    const scaled: Tensor = { shape: [from.width, from.width], data: data.map((one) => one * scale) }
    return additive(context, from, causal, scaled, filled(from.width, factor))
  }
  if (config['score_mode'] !== undefined && config['score_mode'] !== 'dot') {
    throw refused(context, `score_mode ${String(config['score_mode'])}`, 'use dot or concat')
  }
  const options = { scale, ...(causal ? { causal } : {}), ...dropoutOf(context, 'dropout') }
  const id = declaration.add('DotAttention', name || label, from, options)
  return { ...from, id }
}

/** Bahdanau's attention of a sequence over itself: Σ softmax(scale · tanh(q + k)) v. */
export function importAdditiveAttention(context: KerasLayerContext): KerasValue {
  const from = itself(context)
  const usesScale = context.config['use_scale'] !== false
  const scale = usesScale
    ? expectShape(context.label, 'scale', context.weights()[0], [from.width])
    : filled(from.width, 1)
  return additive(context, from, isCausal(context), identity(from.width), scale)
}

function additive(
  context: KerasLayerContext,
  from: KerasValue,
  causal: boolean,
  projection: Tensor,
  score: Tensor,
): KerasValue {
  const { declaration, name } = context
  const { width } = from
  const options = {
    in_features: width,
    attention_size: width,
    query: true,
    bias: false,
    ...(causal ? { window: allEarlier } : {}),
    ...dropoutOf(context, 'dropout'),
  }
  const id = declaration.add('AdditiveAttention', name, from, options, {
    'proj.weight': projection,
    'query.weight': projection,
    'score.weight': { shape: [1, width], data: score.data },
  })
  return { ...from, id }
}

/**
 * MultiHeadAttention of a sequence over itself as PyTorch's.
 *
 * PyTorch's heads share the model's width E; Keras' have any size. Each head is filled up with zeros to a common size,
 * and where that needs more than E, the sequence is carried into a wider space with zeros and back: exact but for the
 * factor between 1/√key_dim and 1/√(padded size), which goes into the query's weights.
 */
export function importMultiHeadAttention(context: KerasLayerContext): KerasValue {
  const { config, declaration, label, name } = context
  const from = itself(context)
  const { width: e } = from
  const heads = Number(config['num_heads'])
  const keyDim = Number(config['key_dim'])
  const valueDim = Number(config['value_dim'] ?? keyDim)
  const bias = config['use_bias'] !== false
  const outputShape = config['output_shape']
  if (outputShape !== null && outputShape !== undefined && String(outputShape) !== String(e)) {
    throw refused(context, `output_shape ${String(outputShape)}`, 'leave it out, and put a Dense behind')
  }
  const parts = readParts(context, { e, heads, keyDim, valueDim, bias })
  const size = Math.max(keyDim, valueDim, Math.ceil(e / heads))
  const wide = heads * size
  const stretch = Math.sqrt(size / keyDim)
  const placed = (kernel: Tensor, dim: number, factor: number): Float32Array => {
    const out = new Float32Array(wide * wide)
    for (let i = 0; i < e; i++)
      for (let head = 0; head < heads; head++)
        for (let d = 0; d < dim; d++)
          out[(head * size + d) * wide + i] = factor * kernel.data[(i * heads + head) * dim + d]!
    return out
  }
  const placedBias = (tensor: Tensor | null, dim: number, factor: number): Float32Array => {
    const out = new Float32Array(wide)
    if (tensor === null) return out
    for (let head = 0; head < heads; head++)
      for (let d = 0; d < dim; d++) out[head * size + d] = factor * tensor.data[head * dim + d]!
    return out
  }
  const out = new Float32Array(wide * wide)
  for (let head = 0; head < heads; head++)
    for (let d = 0; d < valueDim; d++)
      for (let o = 0; o < e; o++) out[o * wide + head * size + d] = parts.out.data[(head * valueDim + d) * e + o]!
  const outBias = new Float32Array(wide)
  if (parts.outBias !== null) outBias.set(parts.outBias.data)
  const matrices = [placed(parts.q, keyDim, stretch), placed(parts.k, keyDim, 1), placed(parts.v, valueDim, 1)]
  const biases = [
    placedBias(parts.qBias, keyDim, stretch),
    placedBias(parts.kBias, keyDim, 1),
    placedBias(parts.vBias, valueDim, 1),
  ]
  const source = wide === e ? from : declaration.addLinear(`${name}_widen`, from, corner(wide, e), null)
  const options = {
    embed_dim: wide,
    num_heads: heads,
    bias,
    ...(isCausal(context) ? { causal: true } : {}),
    ...dropoutOf(context, 'dropout'),
  }
  const id = declaration.add('MultiheadAttention', name, source, options, {
    in_proj_weight: joined([3 * wide, wide], matrices),
    'out_proj.weight': { shape: [wide, wide], data: out },
    ...(bias ? { in_proj_bias: joined([3 * wide], biases), 'out_proj.bias': { shape: [wide], data: outBias } } : {}),
  })
  const value = { ...from, id, width: wide }
  if (wide === e) return value
  return { ...value, ...declaration.addLinear(`${label}_narrow`, value, corner(e, wide), null) }
}

interface HeadSizes {
  readonly e: number
  readonly heads: number
  readonly keyDim: number
  readonly valueDim: number
  readonly bias: boolean
}

/** query, key, value (E,heads,dim) and output (heads,dim,E), each with its bias. */
function readParts(context: KerasLayerContext, { e, heads, keyDim, valueDim, bias }: HeadSizes) {
  const weights = context.weights(['query_dense', 'key_dense', 'value_dense', 'output_dense'])
  const step = bias ? 2 : 1
  const take = (what: string, at: number, shape: readonly number[]): Tensor =>
    expectShape(context.label, what, weights[at], shape)
  const takeBias = (what: string, at: number, shape: readonly number[]): Tensor | null =>
    bias ? take(`bias of ${what}`, at + 1, shape) : null
  return {
    q: take('query', 0, [e, heads, keyDim]),
    qBias: takeBias('query', 0, [heads, keyDim]),
    k: take('key', step, [e, heads, keyDim]),
    kBias: takeBias('key', step, [heads, keyDim]),
    v: take('value', 2 * step, [e, heads, valueDim]),
    vBias: takeBias('value', 2 * step, [heads, valueDim]),
    out: take('output', 3 * step, [heads, valueDim, e]),
    outBias: takeBias('output', 3 * step, [e]),
  }
}

/** (O,I) with ones on the diagonal: fills up with zeros, or cuts off. */
function corner(rows: number, columns: number): Tensor {
  const data = new Float32Array(rows * columns)
  for (let i = 0; i < Math.min(rows, columns); i++) data[i * columns + i] = 1
  return { shape: [rows, columns], data }
}

function joined(shape: readonly number[], parts: readonly Float32Array[]): Tensor {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length
  }
  return { shape, data }
}

/** Query, value and key must be one sequence. */
function itself(context: KerasLayerContext): KerasValue {
  const [from, ...others] = context.inputs
  if (from === undefined || others.length === 0 || others.some(({ id }) => id !== from.id)) {
    throw refused(
      context,
      'its query and value are two different values',
      'built is attention of a sequence over itself',
    )
  }
  const masks = ['mask', 'attention_mask', 'query_mask', 'value_mask', 'key_mask']
  for (const mask of masks) {
    const given = context.keywords[mask]
    if (given !== undefined && given !== null) throw refused(context, `it is called with ${mask}`, 'leave the mask out')
  }
  return from
}

function isCausal(context: KerasLayerContext): boolean {
  const causal = context.keywords['use_causal_mask'] === true || context.config['causal'] === true
  if (causal && context.inputs[0]!.flipped) {
    throw refused(context, 'it looks back in a sequence that runs backwards', 'leave out go_backwards before it')
  }
  return causal
}

function scalarOf(context: KerasLayerContext, tensor: Tensor | undefined): number {
  if (tensor?.data.length === 1) return tensor.data[0]!
  throw refused(context, 'its scale is missing in the file', 'save the model again')
}

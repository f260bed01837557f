import fc from 'fast-check'
import { activationNames } from '../../src/model/activation.ts'
import type { Model } from '../../src/model/model.ts'
import { randomModel } from '../unit/model/random-model.ts'

type Module = Record<string, unknown>

const cells = [
  { type: 'RNN', nonlinearity: 'tanh' },
  { type: 'RNN', nonlinearity: 'relu' },
  { type: 'LSTM' },
  { type: 'GRU', convention: 'reset_after' },
  { type: 'GRU', convention: 'reset_before' },
  { type: 'GRU', convention: 'textbook' },
] as const

/** Below this width a layer norm may meet a variance of almost nothing, and then multiplies any rounding error by up to 316. */
const normWidthMin = 12

const stack = fc.record({
  cell: fc.constantFrom(...cells),
  hidden: fc.integer({ min: 1, max: 40 }),
  layers: fc.integer({ min: 1, max: 3 }),
  bias: fc.boolean(),
  residual: fc.boolean(),
  layerNorm: fc.boolean(),
  /** Part of the hidden size that an LSTM is projected to; none above 1. */
  projection: fc.double({ min: 0.05, max: 2, noNaN: true }),
})

type Stack = typeof stack extends fc.Arbitrary<infer T> ? T : never

const attention = fc.record({
  kind: fc.constantFrom('none', 'additive', 'multihead', 'dot'),
  window: fc.integer({ min: 1, max: 7 }),
  size: fc.integer({ min: 1, max: 9 }),
  flag: fc.boolean(),
  residual: fc.boolean(),
})

type AttentionDraw = typeof attention extends fc.Arbitrary<infer T> ? T : never

const dense = fc.record({
  width: fc.integer({ min: 1, max: 12 }),
  activation: fc.constantFrom(...activationNames),
  bias: fc.boolean(),
})

/** What an architecture is made of, before it is written in PyTorch's words. */
const draw = fc.record({
  inputs: fc.integer({ min: 1, max: 9 }),
  first: stack,
  second: fc.option(stack),
  join: fc.constantFrom('stacked', 'Concat', 'Add', 'Multiply', 'Average', 'Maximum'),
  attention,
  norm: fc.constantFrom('none', 'LayerNorm', 'BatchNorm1d'),
  dense: fc.array(dense, { maxLength: 2 }),
  head: fc.constantFrom('none', 'Linear', 'Gaussian', 'Quantile'),
  outputs: fc.integer({ min: 1, max: 5 }),
  on: fc.constantFrom('every', 'last'),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
})

/** Modules of a model that a stream can run, the seed of its weights, and a size that keeps its states from growing. */
export interface Drawn {
  readonly modules: readonly Module[]
  readonly seed: number
  readonly scale: number
}

/** Any streamable architecture of one or two stacks: cells, conventions, sums, norms, attentions, merges and heads. */
export const architectures: fc.Arbitrary<Drawn> = draw.map((d) => {
  const modules: Module[] = []
  let width = addStack(modules, 'a', d.first, d.inputs, undefined)
  if (d.second !== null) width = addSecond(modules, d.second, d.join, d.inputs, width)
  addAttention(modules, d.attention, width)
  if (d.norm === 'LayerNorm' && width >= normWidthMin)
    modules.push({ name: 'n', type: d.norm, normalized_shape: width })
  if (d.norm === 'BatchNorm1d') modules.push({ name: 'n', type: d.norm, num_features: width })
  for (const [at, { width: to, activation, bias }] of d.dense.entries()) {
    modules.push({ name: `d${at}`, type: 'Linear', in_features: width, out_features: to, activation, bias })
    width = to
  }
  addHead(modules, d.head, d.on, width, d.outputs)
  return { modules, seed: d.seed, scale: 1 / Math.sqrt(Math.max(4, d.first.hidden, d.second?.hidden ?? 0)) }
})

/** The model of a drawn architecture. */
export function modelOf({ modules, seed, scale }: Drawn): Model {
  return randomModel(modules, seed, scale)
}

function addStack(modules: Module[], name: string, s: Stack, inputs: number, input: string | undefined): number {
  const { cell, hidden, bias, layers } = s
  const projected = Math.floor(s.projection * hidden)
  const projection = cell.type === 'LSTM' && projected > 0 && projected < hidden ? projected : 0
  const width = projection === 0 ? hidden : projection
  modules.push({
    name,
    ...cell,
    input_size: inputs,
    hidden_size: hidden,
    num_layers: layers,
    bias,
    ...(projection > 0 && { proj_size: projection }),
    ...(s.layerNorm && width >= normWidthMin && layers > 1 && { layer_norm: true }),
    ...(s.residual && (layers > 1 || width === inputs) && { residual: true }),
    ...(input !== undefined && { input }),
  })
  return width
}

/** A second stack behind the first, or beside it; a merge other than `Concat` needs equal widths, so the second is made so. */
function addSecond(modules: Module[], s: Stack, join: string, inputs: number, width: number): number {
  if (join === 'stacked') return addStack(modules, 'b', s, width, undefined)
  const own = join === 'Concat' ? s : { ...s, hidden: width, projection: 2 }
  const second = addStack(modules, 'b', own, inputs, 'input')
  modules.push({ type: join, inputs: ['a', 'b'] })
  return join === 'Concat' ? width + second : width
}

function addAttention(modules: Module[], a: AttentionDraw, width: number): void {
  const { window, flag } = a
  const own = { name: 'm', window, ...(a.residual && { residual: true }) }
  // Scores near one: the softmax of larger ones loses as many more bits, and with float32 so would any kernel.
  if (a.kind === 'dot') modules.push({ ...own, type: 'DotAttention', scale: 1 / width })
  if (a.kind === 'additive') {
    const sizes = { in_features: width, attention_size: a.size, query: flag, bias: a.size % 2 === 0 }
    modules.push({ ...own, type: 'AdditiveAttention', ...sizes })
  }
  if (a.kind !== 'multihead') return
  const heads = [4, 3, 2, 1].find((count) => width % count === 0)
  modules.push({ ...own, type: 'MultiheadAttention', embed_dim: width, num_heads: heads, bias: flag })
}

function addHead(modules: Module[], head: string, on: string, width: number, outputs: number): void {
  const sizes = { name: 'head', type: head, in_features: width, out_features: outputs }
  if (head === 'Linear') modules.push({ ...sizes, on })
  if (head === 'Gaussian') modules.push({ ...sizes, floor: outputs % 2 === 0 ? 0 : 0.01 })
  if (head === 'Quantile') modules.push({ ...sizes, levels: [0.1, 0.5, 0.9] })
}

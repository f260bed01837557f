import type { Activation } from './activation.ts'
import { type Architecture, architectureError, sourcesOf } from './architecture.ts'
import type { Graph, MergeNode, TrainingGraph } from './graph.ts'
import { GraphBuilder, labelOf, prefixOf } from './graph-builder.ts'
import { lowerCell, lowerRecurrent } from './lower-recurrent.ts'
import { type Module, type ModuleOf, sizeLimits } from './module-table.ts'

/** The option by which a module says how wide its input is. */
export const inputOptions: readonly string[] = [
  'input_size',
  'in_features',
  'num_features',
  'normalized_shape',
  'embed_dim',
]

const plainActivations = {
  ReLU: 'relu',
  Tanh: 'tanh',
  Sigmoid: 'sigmoid',
  SiLU: 'silu',
  ELU: 'elu',
  LeakyReLU: 'leaky_relu',
  Softplus: 'softplus',
  Hardsigmoid: 'hard_sigmoid',
  Hardtanh: 'hard_tanh',
  Mish: 'mish',
  SELU: 'selu',
  LogSigmoid: 'log_sigmoid',
  Softsign: 'softsign',
  Softmax: 'softmax',
} as const satisfies Readonly<Record<string, Activation>>

const merges = {
  Add: 'add',
  Multiply: 'multiply',
  Average: 'average',
  Maximum: 'maximum',
  Concat: 'concat',
} as const satisfies Readonly<Record<string, MergeNode['how']>>

/**
 * Makes the nodes of an architecture, in the order in which they are computed.
 *
 * Errors: `OperatingError('model')` naming the module and the widths, or the form, that do not fit.
 */
export function lower(architecture: Architecture): Graph {
  const { nodes, output } = build(architecture, false)
  // Built without dropout there is none to leave out: this is for the type.
  return { nodes: nodes.filter((node) => node.op !== 'dropout'), output }
}

/** As `lower`, with a node wherever training drops values. */
export function lowerForTraining(architecture: Architecture): TrainingGraph {
  return build(architecture, true)
}

function build(architecture: Architecture, drops: boolean): TrainingGraph {
  const { modules } = architecture
  const builder = new GraphBuilder(modelInputs(architecture), drops)
  const values = new Map([['input', 0]])
  for (const module of modules) {
    const inputs = sourcesOf(module).map((id) => values.get(id)!)
    values.set(module.id, lowerModule(builder, module, inputs, modules))
  }
  return builder.graph(values.get(modules.at(-1)!.id)!)
}

/**
 * How wide the model's input is: what the first module says that reads it, perhaps through ones that keep the width.
 * Null where none says it.
 */
export function statedInputs({ modules }: Architecture): number | null {
  const same = new Set(['input'])
  for (const module of modules) {
    if (!sourcesOf(module).every((id) => same.has(id))) continue
    const says = statedWidth(module)
    if (says === null) {
      if (module.type !== 'Concat' && module.type !== 'Flatten') same.add(module.id)
      continue
    }
    if (says <= sizeLimits.inputs) return says
    throw architectureError(`${labelOf(module)} gives the model ${says} inputs; built are 1 to ${sizeLimits.inputs}`)
  }
  return null
}

function modelInputs(architecture: Architecture): number {
  const stated = statedInputs(architecture)
  if (stated !== null) return stated
  const advice = 'begin with { "type": "Identity", "in_features": … }'
  throw architectureError(
    `no module that reads the model's input says how wide it is (${inputOptions.join(', ')}): ${advice}`,
  )
}

function statedWidth(module: Module): number | null {
  const says = module as unknown as Readonly<Record<string, number>>
  const option = inputOptions.find((key) => key in module)
  // An Identity may say it, and says 0 where it does not.
  return option === undefined || says[option] === 0 ? null : says[option]!
}

function lowerModule(
  builder: GraphBuilder,
  module: Module,
  inputs: readonly number[],
  modules: readonly Module[],
): number {
  const from = inputs[0]!
  // Layers and cells add their own inputs, a linear layer that on which it works.
  if (module.type === 'RNN' || module.type === 'LSTM' || module.type === 'GRU')
    return lowerRecurrent(builder, module, from)
  if (module.type === 'RNNCell' || module.type === 'LSTMCell' || module.type === 'GRUCell')
    return lowerCell(builder, module, from)
  const source = module.type === 'Linear' && module.on === 'last' ? builder.last(module, from) : from
  const value = lowerBody(builder, module, source, inputs, modules)
  if (!module.residual) return value
  if (inputs.length > 1) throw architectureError(`${labelOf(module)} has several inputs; residual needs one`)
  return builder.merge(module, 'add', [value, source])
}

function lowerBody(
  builder: GraphBuilder,
  module: Exclude<Module, { type: 'RNN' | 'LSTM' | 'GRU' | 'RNNCell' | 'LSTMCell' | 'GRUCell' }>,
  from: number,
  inputs: readonly number[],
  modules: readonly Module[],
): number {
  switch (module.type) {
    case 'Dropout':
      return builder.dropout(module, from, module.p)
    case 'Dropout1d':
      return builder.dropout(module, from, module.p, true)
    case 'Identity':
      if (module.in_features > 0) builder.expectWidth(module, 'in_features', module.in_features, from)
      return from
    case 'Linear':
      return builder.activate(module, linear(builder, module, from, module.out_features), module.activation)
    case 'Gaussian': {
      const both = linear(builder, module, from, 2 * module.out_features)
      return builder.add(module, 'gaussian', both, { floor: module.floor })
    }
    case 'Quantile':
      return linear(builder, module, from, module.levels.length * module.out_features)
    case 'GELU':
      return builder.activate(module, from, module.approximate === 'tanh' ? 'gelu_tanh' : 'gelu')
    case 'Activation':
      return builder.activate(module, from, module.function)
    case 'LayerNorm':
    case 'BatchNorm1d':
      return normalise(builder, module, from)
    case 'AdditiveAttention':
    case 'MultiheadAttention':
    case 'DotAttention':
      return attend(builder, module, from)
    case 'Add':
    case 'Multiply':
    case 'Average':
    case 'Maximum':
    case 'Concat':
      return builder.merge(module, merges[module.type], inputs)
    case 'Last':
      return builder.last(module, from)
    case 'Pool':
      builder.expectSequence(module, from)
      return builder.add(module, 'pool', from, { how: module.how }, { sequence: false })
    case 'Flatten':
      return flatten(builder, module, from, modules)
    case 'Repeat':
      if (!builder.isSequence(from))
        return builder.add(module, 'repeat', from, { ticks: module.ticks }, { sequence: true })
      throw architectureError(`${labelOf(module)} repeats one vector, but reads a sequence: put a Last before it`)
    default:
      return builder.activate(module, from, plainActivations[module.type])
  }
}

function linear(
  builder: GraphBuilder,
  module: ModuleOf<'Linear'> | ModuleOf<'Gaussian'> | ModuleOf<'Quantile'>,
  from: number,
  width: number,
): number {
  builder.expectWidth(module, 'in_features', module.in_features, from)
  const prefix = prefixOf(module)
  const own = { weight: `${prefix}weight`, bias: module.bias ? `${prefix}bias` : null }
  return builder.add(module, 'linear', from, own, { width })
}

function normalise(
  builder: GraphBuilder,
  module: ModuleOf<'LayerNorm'> | ModuleOf<'BatchNorm1d'>,
  from: number,
): number {
  const prefix = prefixOf(module)
  const affine = module.type === 'LayerNorm' ? module.elementwise_affine : module.affine
  const own = {
    eps: module.eps,
    weight: affine ? `${prefix}weight` : null,
    bias: affine && (module.type === 'BatchNorm1d' || module.bias) ? `${prefix}bias` : null,
  }
  if (module.type === 'LayerNorm') {
    builder.expectWidth(module, 'normalized_shape', module.normalized_shape, from)
    return builder.add(module, 'layerNorm', from, own)
  }
  builder.expectWidth(module, 'num_features', module.num_features, from)
  const fixed = { mean: `${prefix}running_mean`, variance: `${prefix}running_var` }
  return builder.add(module, 'batchNorm', from, { ...own, ...fixed })
}

type AttentionModule = ModuleOf<'AdditiveAttention'> | ModuleOf<'MultiheadAttention'> | ModuleOf<'DotAttention'>

/** A window looks back, so it makes an attention causal; without one, additive attention sees every tick. */
function attend(builder: GraphBuilder, module: AttentionModule, from: number): number {
  builder.expectSequence(module, from)
  const prefix = prefixOf(module)
  const { window } = module
  const dropout = builder.drops ? module.dropout : 0
  if (module.type === 'AdditiveAttention') {
    builder.expectWidth(module, 'in_features', module.in_features, from)
    return builder.add(module, 'additiveAttention', from, {
      window,
      size: module.attention_size,
      wKey: `${prefix}proj.weight`,
      bKey: module.bias ? `${prefix}proj.bias` : null,
      wScore: `${prefix}score.weight`,
      wQuery: module.query ? `${prefix}query.weight` : null,
      dropout,
    })
  }
  const causal = module.causal || window > 0
  if (module.type === 'DotAttention') {
    const none = { projected: false, wIn: null, bIn: null, wOut: null, bOut: null, dropout }
    return builder.add(module, 'dotAttention', from, { window, causal, heads: 1, scale: module.scale, ...none })
  }
  const { embed_dim: width, num_heads: heads, bias } = module
  builder.expectWidth(module, 'embed_dim', width, from)
  if (width % heads !== 0) {
    throw architectureError(`${labelOf(module)}: embed_dim ${width} is not a multiple of num_heads ${heads}`)
  }
  return builder.add(module, 'dotAttention', from, {
    window,
    causal,
    heads,
    scale: 1 / Math.sqrt(width / heads),
    projected: true,
    wIn: `${prefix}in_proj_weight`,
    bIn: bias ? `${prefix}in_proj_bias` : null,
    wOut: `${prefix}out_proj.weight`,
    bOut: bias ? `${prefix}out_proj.bias` : null,
    dropout,
  })
}

/** All ticks side by side: how many there are is said by `ticks`, or by the width of a module that reads the value. */
function flatten(builder: GraphBuilder, module: ModuleOf<'Flatten'>, from: number, modules: readonly Module[]): number {
  if (!builder.isSequence(from)) return from
  const features = builder.widthOf(from)
  const readers = modules.filter((other) => sourcesOf(other).includes(module.id))
  const says = readers.map(statedWidth).find((width) => width !== null)
  const width = module.ticks > 0 ? module.ticks * features : says
  if (width === undefined || width === null) {
    throw architectureError(`${labelOf(module)} needs "ticks": no module that reads it says how wide it is`)
  }
  if (width % features !== 0) {
    throw architectureError(`${labelOf(module)}: ${width} features are no whole number of ticks of ${features}`)
  }
  return builder.add(module, 'pool', from, { how: 'flatten' }, { width, sequence: false })
}

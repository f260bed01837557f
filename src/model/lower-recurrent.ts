import { architectureError } from './architecture.ts'
import type { CellKind } from './graph.ts'
import { type GraphBuilder, labelOf, prefixOf } from './graph-builder.ts'
import type { ModuleOf } from './module-table.ts'

/** A stack of recurrent layers. */
export type RecurrentModule = ModuleOf<'RNN'> | ModuleOf<'LSTM'> | ModuleOf<'GRU'>
/** One recurrent cell: a layer whose tensors have no layer in their names. */
export type CellModule = ModuleOf<'RNNCell'> | ModuleOf<'LSTMCell'> | ModuleOf<'GRUCell'>

/**
 * One node of each layer and direction, and what the module puts between layers.
 *
 * Tensors are named as PyTorch names them; with `go_backwards`, which PyTorch has not, as those of the forward direction.
 */
export function lowerRecurrent(builder: GraphBuilder, module: RecurrentModule, from: number): number {
  const { bidirectional, go_backwards: backwards, num_layers: layers, on } = module
  if (bidirectional && backwards)
    throw architectureError(`${labelOf(module)}: go_backwards goes with one direction only`)
  builder.expectWidth(module, 'input_size', module.input_size, from)
  builder.expectSequence(module, from)
  let value = from
  let added = 0
  for (let layer = 0; layer < layers; layer++) {
    const isLast = layer === layers - 1
    const source = value
    const forward = addLayer(builder, module, source, `_l${layer}`, backwards)
    const reverse = bidirectional ? addLayer(builder, module, source, `_l${layer}_reverse`, true) : null
    const width = builder.widthOf(forward) * (reverse !== null && module.merge === 'concat' ? 2 : 1)
    const adds = module.residual && builder.widthOf(source) === width
    if (adds) added++
    if (isLast && on === 'last' && reverse !== null) {
      if (adds)
        throw architectureError(
          `${labelOf(module)}: on "last" of two directions has no residual: use on "every" and a Last`,
        )
      return mergeDirections(builder, module, builder.last(module, forward), builder.last(module, reverse, true))
    }
    value = mergeDirections(builder, module, forward, reverse)
    if (adds) value = builder.merge(module, 'add', [value, source])
    if (module.layer_norm && !isLast) value = addLayerNorm(builder, module, value, layer)
    if (!isLast) value = builder.dropout(module, value, module.dropout)
  }
  if (module.residual && added === 0) {
    throw architectureError(`${labelOf(module)}: residual, but no layer is as wide as what it reads`)
  }
  return on === 'last' ? builder.last(module, value, backwards) : value
}

/** One node, and the sum with its input where the module says so. */
export function lowerCell(builder: GraphBuilder, module: CellModule, from: number): number {
  builder.expectWidth(module, 'input_size', module.input_size, from)
  builder.expectSequence(module, from)
  const value = addLayer(builder, module, from, '', false)
  const whole = module.residual ? builder.merge(module, 'add', [value, from]) : value
  return module.on === 'last' ? builder.last(module, whole) : whole
}

function addLayer(
  builder: GraphBuilder,
  module: RecurrentModule | CellModule,
  from: number,
  suffix: string,
  reverse: boolean,
): number {
  const prefix = prefixOf(module)
  const { hidden_size: hidden, bias } = module
  const projection = module.type === 'LSTM' ? module.proj_size : 0
  if (projection >= hidden) {
    throw architectureError(
      `${labelOf(module)}: proj_size is ${projection}, it must be less than hidden_size ${hidden}`,
    )
  }
  const own = {
    cell: cellKind(module),
    hidden,
    projection,
    reverse,
    wIn: `${prefix}weight_ih${suffix}`,
    wHidden: `${prefix}weight_hh${suffix}`,
    bIn: bias ? `${prefix}bias_ih${suffix}` : null,
    bHidden: bias ? `${prefix}bias_hh${suffix}` : null,
    wProjection: projection > 0 ? `${prefix}weight_hr${suffix}` : null,
    stateIndex: builder.nextState(),
    recurrentDropout: builder.drops && 'recurrent_dropout' in module ? module.recurrent_dropout : 0,
    gateActivation: module.gate_activation,
    cellActivation: module.cell_activation,
  }
  if (own.gateActivation === 'softmax' || own.cellActivation === 'softmax') {
    throw architectureError(`${labelOf(module)}: softmax is no activation of a gate: it is not elementwise`)
  }
  return builder.add(module, 'recurrent', from, own, { width: projection > 0 ? projection : hidden })
}

function mergeDirections(
  builder: GraphBuilder,
  module: RecurrentModule,
  forward: number,
  reverse: number | null,
): number {
  if (reverse === null) return forward
  return builder.merge(module, module.merge === 'sum' ? 'add' : module.merge, [forward, reverse])
}

function addLayerNorm(builder: GraphBuilder, module: RecurrentModule, from: number, layer: number): number {
  const name = `${prefixOf(module)}layer_norm_l${layer}`
  return builder.add(module, 'layerNorm', from, { eps: 1e-5, weight: `${name}.weight`, bias: `${name}.bias` })
}

function cellKind(module: RecurrentModule | CellModule): CellKind {
  if (module.type === 'LSTM' || module.type === 'LSTMCell') return 'lstm'
  if (module.type === 'RNN' || module.type === 'RNNCell') return `rnn_${module.nonlinearity}`
  return `gru_${module.convention}`
}

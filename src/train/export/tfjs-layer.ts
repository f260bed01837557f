import type { Activation } from '../../model/activation.ts'
import type { ActivationNode, MergeNode, Node, RecurrentNode } from '../../model/graph.ts'
import type { Tensor } from '../../model/tensor.ts'
import { transposed } from '../import/tensor-layout.ts'
import { ExportError } from './export-error.ts'
import { recurrentWeights } from './recurrent-weights.ts'

/** A layer of TF.js: its class, its options in the words of Keras 2, and its weights by their names below the layer's. */
export interface TfjsLayer {
  readonly className: string
  readonly config: Readonly<Record<string, unknown>>
  readonly weights: ReadonlyMap<string, Tensor>
}

type Tensors = ReadonlyMap<string, Tensor>

/** Columns of Keras by PyTorch's blocks: GRU z, r, h; LSTM i, f, c, o is PyTorch's i, f, g, o. */
const cells = {
  lstm: { className: 'LSTM', order: [0, 1, 2, 3] },
  gru_reset_before: { className: 'GRU', order: [1, 0, 2] },
  gru_textbook: { className: 'GRU', order: [1, 0, 2] },
  rnn_tanh: { className: 'SimpleRNN', order: [0] },
  rnn_relu: { className: 'SimpleRNN', order: [0] },
} as const

/** TF.js' names of activations, which are Keras 2's where it has them. */
const activations: Readonly<Partial<Record<Activation, string>>> = {
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  gelu: 'gelu',
  silu: 'swish',
  elu: 'elu',
  softplus: 'softplus',
  hard_sigmoid_keras2: 'hard_sigmoid',
  mish: 'mish',
  selu: 'selu',
  softsign: 'softsign',
  softmax: 'softmax',
}

/**
 * SimpleRNN, LSTM or GRU in one direction; `every` gives the value at each tick, else where the layer ends.
 *
 * Errors: the convention reset_after, which TF.js lacks; a projection; activations that it lacks.
 */
export function recurrentLayer(node: RecurrentNode, tensors: Tensors, every: boolean): TfjsLayer {
  if (node.cell === 'gru_reset_after') {
    const advice =
      'TF.js has the convention reset_before only: export to ONNX or safetensors, or train with convention "reset_before"'
    throw new ExportError(node.label, 'a GRU of the convention reset_after (PyTorch, cuDNN)', advice)
  }
  const { className, order } = cells[node.cell]
  const { wIn, wHidden, bIn, bHidden } = recurrentWeights(node, tensors, order)
  const weights = new Map([
    ['kernel', transposed(wIn)],
    ['recurrent_kernel', transposed(wHidden)],
  ])
  // Keras has one bias where PyTorch has two that are added.
  if (bIn !== null && bHidden !== null) {
    weights.set('bias', { shape: bIn.shape, data: bIn.data.map((value, at) => value + bHidden.data[at]!) })
  }
  const own = node.cellActivation ?? (node.cell === 'rnn_relu' ? 'relu' : 'tanh')
  const config = {
    units: node.hidden,
    activation: activationName(node, own),
    ...(className === 'SimpleRNN'
      ? {}
      : { recurrent_activation: activationName(node, node.gateActivation ?? 'sigmoid') }),
    use_bias: bIn !== null,
    return_sequences: every,
    go_backwards: node.reverse,
    ...(className === 'GRU' ? { reset_after: false } : {}),
  }
  return { className, config, weights }
}

function activationName(node: Node, activation: Activation): string {
  const name = activations[activation]
  if (name !== undefined) return name
  throw new ExportError(node.label, `TF.js has no activation ${activation}`, 'export to ONNX or safetensors')
}

/** Two layers of one module in both directions as one. */
export function bidirectionalLayer(
  forward: TfjsLayer,
  backward: TfjsLayer,
  how: MergeNode['how'],
  name: string,
): TfjsLayer {
  const mode = { concat: 'concat', add: 'sum', multiply: 'mul', average: 'ave', maximum: null }[how]
  if (mode === null) throw new ExportError(name, 'two directions merged by "maximum"', 'use concat, sum or average')
  const inner = `${name}_layer`
  const weights = new Map<string, Tensor>()
  for (const [direction, layer] of [['forward', forward] as const, ['backward', backward] as const]) {
    for (const [weight, tensor] of layer.weights) weights.set(`${direction}_${inner}/${weight}`, tensor)
  }
  const layer = { class_name: forward.className, config: { name: inner, ...forward.config } }
  return { className: 'Bidirectional', config: { layer, merge_mode: mode }, weights }
}

const mergeClasses = {
  add: 'Add',
  multiply: 'Multiply',
  average: 'Average',
  maximum: 'Maximum',
  concat: 'Concatenate',
} as const

const poolClasses = { mean: 'GlobalAveragePooling1D', maximum: 'GlobalMaxPooling1D', flatten: 'Flatten' } as const

/** Any other node. Errors: attention, Gaussian heads, a repetition that follows the input's length. */
export function plainLayer(node: Exclude<Node, { op: 'input' | 'recurrent' | 'last' }>, tensors: Tensors): TfjsLayer {
  const none = new Map<string, Tensor>()
  switch (node.op) {
    case 'linear': {
      const kernel = transposed(tensors.get(node.weight)!)
      const config = { units: node.width, activation: 'linear', use_bias: node.bias !== null }
      return {
        className: 'Dense',
        config,
        weights: new Map([['kernel', kernel], ...named('bias', node.bias, tensors)]),
      }
    }
    case 'activation':
      return activationLayer(node)
    case 'layerNorm':
    case 'batchNorm': {
      const config = { axis: -1, epsilon: node.eps, center: node.bias !== null, scale: node.weight !== null }
      const affine = [...named('gamma', node.weight, tensors), ...named('beta', node.bias, tensors)]
      if (node.op === 'layerNorm') return { className: 'LayerNormalization', config, weights: new Map(affine) }
      const fixed = [...named('moving_mean', node.mean, tensors), ...named('moving_variance', node.variance, tensors)]
      return { className: 'BatchNormalization', config, weights: new Map([...affine, ...fixed]) }
    }
    case 'merge':
      return { className: mergeClasses[node.how], config: node.how === 'concat' ? { axis: -1 } : {}, weights: none }
    case 'pool':
      return { className: poolClasses[node.how], config: {}, weights: none }
    case 'repeat':
      if (node.ticks > 0) return { className: 'RepeatVector', config: { n: node.ticks }, weights: none }
      throw new ExportError(node.label, 'it repeats as often as the input has ticks', 'give it "ticks"')
    case 'gaussian':
      throw new ExportError(node.label, 'TF.js has no layer for a Gaussian head', 'export to ONNX or safetensors')
    default:
      throw new ExportError(node.label, 'TF.js has no layer for this attention', 'export to ONNX or safetensors')
  }
}

function activationLayer(node: ActivationNode): TfjsLayer {
  const weights = new Map<string, Tensor>()
  if (node.activation === 'leaky_relu') return { className: 'LeakyReLU', config: { alpha: 0.01 }, weights }
  return { className: 'Activation', config: { activation: activationName(node, node.activation) }, weights }
}

function named(weight: string, tensor: string | null, tensors: Tensors): [string, Tensor][] {
  return tensor === null ? [] : [[weight, tensors.get(tensor)!]]
}

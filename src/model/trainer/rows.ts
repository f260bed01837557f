import { OperatingError } from '../../base/errors.ts'
import type { ActivationNode, BatchNormNode, GaussianNode, LayerNormNode } from '../graph.ts'
import type { Tensor } from '../tensor.ts'
import { functions } from '../wasm/dense-nodes.ts'
import { strideOf, type Tape, type TapeValue, type TrainedNode } from './tape.ts'
import { Vector } from './tape-vector.ts'
import type { Packed } from './tape-weights.ts'

const unlimited = Number.POSITIVE_INFINITY

/** An elementwise function, or softmax over the features. */
export function trainActivation(tape: Tape, node: ActivationNode, x: TapeValue): TrainedNode {
  const value = tape.value(x.ticks, node.width)
  const rows = tape.rows(value)
  const { stride } = value
  if (node.activation === 'softmax') {
    return {
      value,
      forward: (kernels) => kernels.softmax(rows, 0, stride, x.at, value.at, node.width),
      backward: (kernels) => kernels.softmaxBack(rows, node.width, stride, value.at, value.gradAt, x.gradAt),
    }
  }
  const code = functions.indexOf(node.activation)
  const bytes = rows * stride
  return {
    value,
    forward: (kernels) => kernels.activate(1, 0, 0, code, x.at, value.at, bytes, unlimited),
    backward: (kernels) => kernels.activateBack(bytes, code, x.at, value.at, value.gradAt, x.gradAt),
  }
}

/** Layer normalisation over the features. */
export function trainLayerNorm(tape: Tape, node: LayerNormNode, x: TapeValue): TrainedNode {
  const value = tape.value(x.ticks, node.width)
  const rows = tape.rows(value)
  const { stride } = value
  const { width, eps } = node
  const weight = new Vector(tape, node.weight, width, 1)
  const bias = new Vector(tape, node.bias, width, 0)
  return {
    value,
    packed: [weight, bias],
    forward: (kernels) => kernels.layerNorm(rows, 0, stride, x.at, value.at, width, weight.at, bias.at, eps),
    backward(kernels) {
      const { gradAt } = value
      kernels.layerNormBack(rows, width, stride, x.at, gradAt, x.gradAt, weight.at, eps, weight.gradAt, bias.gradAt)
    },
  }
}

/**
 * Batch normalisation with its stored statistics, as PyTorch computes it in evaluation: weight and bias are trained,
 * mean and variance are not.
 */
export function trainBatchNorm(
  tape: Tape,
  node: BatchNormNode,
  x: TapeValue,
  tensors: ReadonlyMap<string, Tensor>,
): TrainedNode {
  const value = tape.value(x.ticks, node.width)
  const rows = tape.rows(value)
  const { stride } = value
  const bytes = strideOf(node.width)
  const at = {
    scale: tape.image.reserve(bytes),
    shift: tape.image.reserve(bytes),
    center: tape.image.reserve(bytes),
    dScale: tape.gradient(bytes),
    dShift: tape.gradient(bytes),
  }
  const mean = tensors.get(node.mean)!.data
  const variance = tensors.get(node.variance)!.data
  const deviation = Float64Array.from(variance, (value) => Math.sqrt(value + node.eps))
  const packed: Packed = {
    pack(memory, parameters) {
      const weight = node.weight === null ? undefined : parameters.get(node.weight)
      const bias = node.bias === null ? undefined : parameters.get(node.bias)
      for (let j = 0; j < node.width; j++) {
        const factor = (weight?.[j] ?? 1) / deviation[j]!
        memory[at.scale / 4 + j] = factor
        memory[at.shift / 4 + j] = (bias?.[j] ?? 0) - mean[j]! * factor
        memory[at.center / 4 + j] = mean[j]!
      }
    },
    collect(memory, gradients) {
      const weight = node.weight === null ? undefined : gradients.get(node.weight)
      const bias = node.bias === null ? undefined : gradients.get(node.bias)
      for (let j = 0; j < node.width; j++) {
        if (weight) weight[j] = weight[j]! + memory[at.dScale / 4 + j]! / deviation[j]!
        if (bias) bias[j] = bias[j]! + memory[at.dShift / 4 + j]!
      }
    },
  }
  return {
    value,
    packed: [packed],
    forward: (kernels) => kernels.scale(rows, 0, stride, x.at, value.at, stride, at.scale, at.shift),
    backward(kernels) {
      const { scale, center, dScale, dShift } = at
      kernels.scaleBack(rows, stride, x.at, center, value.gradAt, x.gradAt, scale, dScale, dShift)
    },
  }
}

/** Means stay; the second half becomes standard deviations, softplus + floor. */
export function trainGaussian(tape: Tape, node: GaussianNode, x: TapeValue): TrainedNode {
  const value = tape.value(x.ticks, node.width)
  const rows = tape.rows(value)
  const { stride } = value
  const half = node.width / 2
  if (!Number.isInteger(half))
    throw new OperatingError('model', `${node.label} has ${node.width} values, an odd number`)
  const code = functions.indexOf('softplus')
  return {
    value,
    forward(kernels) {
      kernels.activate(1, 0, 0, code, x.at, value.at, rows * stride, unlimited)
      kernels.gaussianTape(rows, half, stride, x.at, value.at, node.floor)
    },
    backward: (kernels) => kernels.gaussianBack(rows, half, stride, x.at, value.gradAt, x.gradAt),
  }
}

import { assert } from '../../base/assert.ts'
import { elementwise, softmax } from '../activation.ts'
import { affine, type Floats, type Limiting } from '../cells.ts'
import type { Graph, MergeNode, Node } from '../graph.ts'
import type { Tensor } from '../tensor.ts'

/**
 * Computes one row of a node that needs nothing but the same row of the nodes it reads.
 *
 * Shapes: input k (its width) in `from[k]` at `at[k]`; out (width) at `outAt`. Aliasing: out may not overlap an input.
 */
export type RowOperator = (from: readonly Floats[], at: ArrayLike<number>, out: Floats, outAt: number) => void

/** The row operator of a node; null for one that looks at other ticks. */
export function rowOperator(
  node: Node,
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  limiting: Limiting,
): RowOperator | null {
  const { width } = node
  const inputs = graph.nodes[node.inputs[0] ?? 0]!.width
  const vector = (name: string | null, fallback: number): Float32Array =>
    (name === null ? undefined : tensors.get(name)?.data) ?? new Float32Array(width).fill(fallback)
  switch (node.op) {
    case 'linear': {
      const weight = tensors.get(node.weight)!.data
      const bias = vector(node.bias, 0)
      return (from, at, out, outAt) => affine(weight, bias, from[0]!, at[0]!, inputs, out, outAt)
    }
    case 'activation': {
      if (node.activation === 'softmax') return (from, at, out, outAt) => softmax(from[0]!, at[0]!, width, out, outAt)
      const compute = limiting(elementwise[node.activation])
      return (from, at, out, outAt) => {
        for (let j = 0; j < width; j++) out[outAt + j] = compute(from[0]![at[0]! + j]!)
      }
    }
    case 'layerNorm':
      return layerNorm(width, node.eps, vector(node.weight, 1), vector(node.bias, 0))
    case 'batchNorm': {
      const mean = vector(node.mean, 0)
      const variance = vector(node.variance, 1)
      return batchNorm(mean, variance, node.eps, vector(node.weight, 1), vector(node.bias, 0))
    }
    case 'merge':
      return node.how === 'concat' ? concat(node, graph) : join(node.how, width)
    case 'gaussian':
      return gaussian(width / 2, node.floor)
    default:
      return null
  }
}

/** (x − mean) / √(variance + eps) · weight + bias, mean and biased variance over the features. */
function layerNorm(n: number, eps: number, weight: Float32Array, bias: Float32Array): RowOperator {
  return (from, at, out, outAt) => {
    const x = from[0]!
    const xAt = at[0]!
    let mean = 0
    for (let j = 0; j < n; j++) mean += x[xAt + j]!
    mean /= n
    let variance = 0
    for (let j = 0; j < n; j++) variance += (x[xAt + j]! - mean) * (x[xAt + j]! - mean)
    const deviation = Math.sqrt(variance / n + eps)
    for (let j = 0; j < n; j++) out[outAt + j] = ((x[xAt + j]! - mean) / deviation) * weight[j]! + bias[j]!
  }
}

function batchNorm(
  mean: Float32Array,
  variance: Float32Array,
  eps: number,
  weight: Float32Array,
  bias: Float32Array,
): RowOperator {
  const deviation = Float64Array.from(variance, (value) => Math.sqrt(value + eps))
  return (from, at, out, outAt) => {
    const x = from[0]!
    const xAt = at[0]!
    for (let j = 0; j < mean.length; j++) {
      out[outAt + j] = ((x[xAt + j]! - mean[j]!) / deviation[j]!) * weight[j]! + bias[j]!
    }
  }
}

function concat(node: MergeNode, graph: Graph): RowOperator {
  const widths = node.inputs.map((index) => graph.nodes[index]!.width)
  return (from, at, out, outAt) => {
    let to = outAt
    for (let k = 0; k < widths.length; k++) {
      for (let j = 0; j < widths[k]!; j++) out[to++] = from[k]![at[k]! + j]!
    }
  }
}

function join(how: Exclude<MergeNode['how'], 'concat'>, n: number): RowOperator {
  return (from, at, out, outAt) => {
    for (let j = 0; j < n; j++) {
      let value = from[0]![at[0]! + j]!
      for (let k = 1; k < from.length; k++) {
        const next = from[k]![at[k]! + j]!
        if (how === 'multiply') value *= next
        else if (how === 'maximum') value = next > value || Number.isNaN(next) ? next : value
        else value += next
      }
      out[outAt + j] = how === 'average' ? value / from.length : value
    }
  }
}

function gaussian(n: number, floor: number): RowOperator {
  assert(Number.isInteger(n), 'a Gaussian head has as many deviations as means')
  return (from, at, out, outAt) => {
    const x = from[0]!
    const xAt = at[0]!
    for (let j = 0; j < n; j++) {
      out[outAt + j] = x[xAt + j]!
      out[outAt + n + j] = elementwise.softplus(x[xAt + n + j]!) + floor
    }
  }
}

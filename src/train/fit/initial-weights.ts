import { assert } from '../../base/assert.ts'
import { createPrng, type Prng } from '../../base/prng.ts'
import type { Architecture } from '../../model/architecture.ts'
import type { Node } from '../../model/graph.ts'
import { lower } from '../../model/lower.ts'
import { createModel, type Forecast, type Model, type ModelCard } from '../../model/model.ts'
import type { Tensor } from '../../model/tensor.ts'
import { tensorShapes } from '../../model/tensor-shapes.ts'

/** How the weights of a new model are drawn. */
export interface InitialSettings {
  readonly seed: number
  /** As PyTorch or as Keras does by default. Default `pytorch`. */
  readonly init?: 'pytorch' | 'keras'
  readonly name?: string
  readonly forecast?: Forecast | null
  readonly card?: ModelCard | null
}

/** Fills a new tensor. */
type Rule = (data: Float32Array, shape: readonly number[], random: Prng) => void

type Rules = readonly (readonly [tensor: string | null, rule: Rule])[]

/**
 * A model with fresh weights; the same seed gives the same bits.
 *
 * `pytorch`: uniform within ±1/√H in recurrent layers and ±1/√in in dense ones, Xavier's in the projections of multi-head
 * attention. `keras`: Glorot's uniform kernels, orthogonal recurrent ones, biases 0, those of an LSTM's forget gate 1.
 * Norms begin as the identity in both.
 * Errors: `OperatingError('model')` as `lower`.
 * Source: `reset_parameters` of PyTorch's modules; Keras' defaults of LSTM, GRU, SimpleRNN and Dense (`unit_forget_bias`).
 */
export function initialModel(architecture: Architecture, settings: InitialSettings): Model {
  const { seed, init = 'pytorch', name = 'new', forecast = null, card = null } = settings
  const graph = lower(architecture)
  const random = createPrng(seed)
  const shapes = tensorShapes(graph)
  const tensors = new Map<string, Tensor>()
  for (const node of graph.nodes) {
    const inputs = graph.nodes[node.inputs[0] ?? 0]!.width
    for (const [tensor, rule] of init === 'keras' ? kerasRules(node) : pytorchRules(node, inputs)) {
      if (tensor === null || tensors.has(tensor)) continue
      const shape = shapes.get(tensor)!
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1))
      rule(data, shape, random)
      tensors.set(tensor, { shape, data })
    }
  }
  return createModel(name, architecture, tensors, { forecast, card })
}

const zeros: Rule = () => {}
const ones: Rule = (data) => data.fill(1)

function within(bound: number): Rule {
  return (data, _, random) => {
    for (let n = 0; n < data.length; n++) data[n] = random.between(-bound, bound)
  }
}

/** Uniform within ±√(6 / (in + out)). Source: Glorot and Bengio 2010. */
const glorot: Rule = (data, [out = 1, inputs = 1], random) => within(Math.sqrt(6 / (inputs + out)))(data, [], random)

/**
 * Columns of length 1 at right angles to each other, by Gram and Schmidt, twice for the rounding.
 *
 * Keras draws the same for its transposed matrix: Q of a QR decomposition of normal numbers with R's diagonal positive.
 */
const orthogonal: Rule = (data, [rows = 1, columns = 1], random) => {
  assert(rows >= columns, 'a recurrent matrix has at least as many rows as columns')
  const done: Float64Array[] = []
  for (let column = 0; column < columns; column++) {
    const q = Float64Array.from({ length: rows }, () => random.normal())
    for (let pass = 0; pass < 2; pass++) {
      for (const other of done) {
        const along = dot(q, other)
        for (let row = 0; row < rows; row++) q[row] = q[row]! - along * other[row]!
      }
    }
    const length = Math.sqrt(dot(q, q))
    for (let row = 0; row < rows; row++) {
      q[row] = q[row]! / length
      data[row * columns + column] = q[row]!
    }
    done.push(q)
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let n = 0; n < a.length; n++) sum += a[n]! * b[n]!
  return sum
}

/** 1 for the forget gate, whose rows are the second of PyTorch's four. */
const forgetOnes: Rule = (data) => data.fill(1, data.length / 4, data.length / 2)

function pytorchRules(node: Node, inputs: number): Rules {
  switch (node.op) {
    case 'recurrent': {
      const names = [node.wIn, node.wHidden, node.bIn, node.bHidden, node.wProjection]
      return names.map((name) => [name, within(1 / Math.sqrt(node.hidden))])
    }
    case 'linear': {
      const rule = within(1 / Math.sqrt(inputs))
      return [
        [node.weight, rule],
        [node.bias, rule],
      ]
    }
    case 'additiveAttention': {
      const rule = within(1 / Math.sqrt(inputs))
      return [
        [node.wKey, rule],
        [node.bKey, rule],
        [node.wScore, within(1 / Math.sqrt(node.size))],
        [node.wQuery, rule],
      ]
    }
    case 'dotAttention':
      return [
        [node.wIn, glorot],
        [node.bIn, zeros],
        [node.wOut, within(1 / Math.sqrt(node.width))],
        [node.bOut, zeros],
      ]
    default:
      return normRules(node)
  }
}

function kerasRules(node: Node): Rules {
  switch (node.op) {
    case 'recurrent':
      return [
        [node.wIn, glorot],
        [node.wHidden, orthogonal],
        [node.bIn, node.cell === 'lstm' ? forgetOnes : zeros],
        [node.bHidden, zeros],
        [node.wProjection, glorot],
      ]
    case 'linear':
      return [
        [node.weight, glorot],
        [node.bias, zeros],
      ]
    case 'additiveAttention':
      return [
        [node.wKey, glorot],
        [node.bKey, zeros],
        [node.wScore, glorot],
        [node.wQuery, glorot],
      ]
    case 'dotAttention':
      return [
        [node.wIn, glorot],
        [node.bIn, zeros],
        [node.wOut, glorot],
        [node.bOut, zeros],
      ]
    default:
      return normRules(node)
  }
}

function normRules(node: Node): Rules {
  if (node.op !== 'layerNorm' && node.op !== 'batchNorm') return []
  const own: Rules = [
    [node.weight, ones],
    [node.bias, zeros],
  ]
  if (node.op === 'layerNorm') return own
  return [...own, [node.mean, zeros], [node.variance, ones]]
}

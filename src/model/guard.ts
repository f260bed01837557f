import { OperatingError } from '../base/errors.ts'
import type { Activation } from './activation.ts'
import type { Graph, Node, RecurrentNode } from './graph.ts'
import type { Model } from './model.ts'
import type { Tensor } from './tensor.ts'

/** No sum of a guarded step may be able to exceed this: a quarter of the largest float32, so that rounding has room. */
const sumMax = 2 ** 126

/** Functions whose values lie between −2 and 2 whatever they are given. */
const bounded: readonly Activation[] = [
  'tanh',
  'sigmoid',
  'hard_sigmoid',
  'hard_sigmoid_keras2',
  'hard_tanh',
  'softsign',
  'softmax',
]

/**
 * The size to which a guarded step limits inputs and states that have no bound of their own.
 *
 * The largest power of ten up to 1e30, as float32, with which no sum of the model can overflow: bounds are carried through the nodes.
 * Errors: `OperatingError('model')` for weights so large, or not finite, that even ±1 might overflow.
 */
export function guardLimit(model: Model): number {
  const rows = new RowSums(model.tensors)
  for (let limit = 1e30; limit > 0.5; limit /= 10) {
    if (largestSum(model.graph, rows, Math.fround(limit)) <= sumMax) return Math.fround(limit)
  }
  throw new OperatingError(
    'model',
    `${model.name}: a weight is not finite, or so large that a sum may overflow; such a model is not run on a stream`,
  )
}

/** Largest sums of the sizes of a row, of each tensor once. */
class RowSums {
  readonly #tensors: ReadonlyMap<string, Tensor>
  readonly #known = new Map<string, number>()

  constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.#tensors = tensors
  }

  /** Of a matrix: how much larger a product can be than its input. Of a vector: its largest entry. */
  of(name: string | null): number {
    if (name === null) return 0
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const { data, shape } = this.#tensors.get(name)!
    const columns = shape.length > 1 ? shape.at(-1)! : 1
    let largest = 0
    for (let at = 0; at < data.length; at += columns) {
      let sum = 0
      for (let k = 0; k < columns; k++) sum += Math.abs(data[at + k]!)
      largest = Math.max(largest, sum)
    }
    this.#known.set(name, largest)
    return largest
  }

  smallest(name: string): number {
    return this.#tensors.get(name)!.data.reduce((least, value) => (value < least ? value : least), Infinity)
  }
}

/** Bound of the largest sum anywhere in the graph, NaN where a weight is, when inputs and open states are within `limit`. */
function largestSum(graph: Graph, rows: RowSums, limit: number): number {
  const values: number[] = []
  let largest = 0
  for (const node of graph.nodes) {
    const { value, sum } = boundOf(
      node,
      node.inputs.map((index) => values[index]!),
      rows,
      limit,
    )
    values.push(value)
    largest = Math.max(largest, sum, value)
  }
  return largest
}

interface Bound {
  /** Of the node's value. */
  readonly value: number
  /** Of the sums that it makes on the way. */
  readonly sum: number
}

function boundOf(node: Node, from: readonly number[], rows: RowSums, limit: number): Bound {
  const x = from[0] ?? limit
  switch (node.op) {
    case 'recurrent':
      return recurrentBound(node, x, rows, limit)
    case 'linear': {
      const value = rows.of(node.weight) * x + rows.of(node.bias)
      return { value, sum: value }
    }
    case 'activation':
      return { value: activationBound(node.activation, x, limit), sum: x }
    case 'layerNorm': {
      const weight = node.weight === null ? 1 : rows.of(node.weight)
      return { value: Math.sqrt(node.width) * weight + rows.of(node.bias), sum: 4 * node.width * x * x }
    }
    case 'batchNorm': {
      const weight = node.weight === null ? 1 : rows.of(node.weight)
      const deviation = Math.sqrt(rows.smallest(node.variance) + node.eps)
      const value = ((x + rows.of(node.mean)) / deviation) * weight + rows.of(node.bias)
      return { value, sum: value }
    }
    case 'merge':
      return { value: mergeBound(node.how, from), sum: x }
    case 'additiveAttention':
      return { value: x, sum: (rows.of(node.wKey) + rows.of(node.wQuery)) * x + rows.of(node.bKey) }
    case 'dotAttention': {
      const part = node.projected ? rows.of(node.wIn) * x + rows.of(node.bIn) : x
      const score = (part * part * node.width * Math.max(1, Math.abs(node.scale))) / node.heads
      const value = node.projected ? rows.of(node.wOut) * part + rows.of(node.bOut) : x
      return { value, sum: score }
    }
    case 'gaussian':
      return { value: x + 1 + node.floor, sum: x }
    default:
      return { value: x, sum: x }
  }
}

function recurrentBound(node: RecurrentNode, x: number, rows: RowSums, limit: number): Bound {
  const h = isOpen(node) ? limit : 1
  const projected = node.wProjection === null ? h : rows.of(node.wProjection) * h
  const product = rows.of(node.wIn) * x + rows.of(node.wHidden) * Math.max(h, projected)
  return { value: projected, sum: product + rows.of(node.bIn) + rows.of(node.bHidden) }
}

/** Whether a cell's state has no bound of its own, and is therefore limited after each guarded step. */
export function isOpen(node: RecurrentNode): boolean {
  const { cell, gateActivation, cellActivation } = node
  if (gateActivation !== null && !bounded.includes(gateActivation)) return true
  return cellActivation === null ? cell === 'rnn_relu' : !bounded.includes(cellActivation)
}

function activationBound(activation: Activation, x: number, limit: number): number {
  if (bounded.includes(activation)) return 1
  // An exponential is limited itself; the others are nowhere steeper than SELU's 1.76.
  return activation === 'exp' ? limit : 2 * x + 2
}

function mergeBound(how: 'add' | 'multiply' | 'average' | 'maximum' | 'concat', from: readonly number[]): number {
  if (how === 'add') return from.reduce((sum, value) => sum + value, 0)
  return how === 'multiply' ? from.reduce((product, value) => product * value, 1) : Math.max(...from)
}

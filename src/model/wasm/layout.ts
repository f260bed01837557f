import { assert } from '../../base/assert.ts'
import type { Graph, Node } from '../graph.ts'
import type { StatePlace } from '../kernel.ts'
import type { Tensor } from '../tensor.ts'
import { addAdditive, addDot } from './attention-nodes.ts'
import {
  addActivation,
  addBatchNorm,
  addGaussian,
  addLayerNorm,
  addLinearNode,
  addMerge,
  type Value,
} from './dense-nodes.ts'
import { MemoryImage } from './image.ts'
import { Program } from './program.ts'
import { addRecurrent, roomForSums, type Weights } from './recurrent-nodes.ts'

/** A model laid out for the module: everything but the arena and the batch. */
export interface Layout {
  readonly program: Program
  readonly inputs: number
  readonly outputs: number
  readonly outputAt: number
  /** By `stateIndex`. */
  readonly states: readonly StatePlace[]
}

/**
 * Lays out a graph that can be streamed: weights as panels, places in the tile and arena rows, and the operations.
 *
 * `limit` is what inputs, unbounded states and activations are held within: `guardLimit`, or infinity for windows.
 * Errors: assertion on a node that no stream can have; callers refuse those with a message first.
 */
export function layOut(graph: Graph, tensors: ReadonlyMap<string, Tensor>, limit: number): Layout {
  const program = new Program(new MemoryImage())
  const w = ((name: string | null) => (name === null ? null : tensors.get(name)!.data)) as Weights
  const sums = graph.nodes.map((node) => (node.op === 'recurrent' ? roomForSums(node) : 0))
  const preAt = program.value(Math.max(0, ...sums))
  const states: StatePlace[] = []
  const values: Value[] = []
  const add = (node: Node): Value => {
    const inputs = node.inputs.map((index) => values[index]!)
    const x = inputs[0]!
    if (node.op !== 'recurrent') return addPlain(program, node, inputs, w, limit)
    const fromInput = node.inputs[0] === 0
    const { at, state } = addRecurrent(program, node, x.width, preAt, w, limit, (xAt) => {
      if (fromInput) program.inputPlaces.push(xAt)
      else program.add('copy', { a: x.at, c: xAt, d: x.width })
    })
    states[node.stateIndex] = state
    return { at, width: node.width }
  }
  for (const node of graph.nodes) values.push(add(node))
  const output = values[graph.output]!
  return { program, inputs: values[0]!.width, outputs: output.width, outputAt: output.at, states }
}

function addPlain(program: Program, node: Node, inputs: readonly Value[], w: Weights, limit: number): Value {
  const x = inputs[0]!
  switch (node.op) {
    case 'input': {
      const at = program.value(node.width)
      program.inputPlaces.push(at)
      return { at, width: node.width }
    }
    case 'linear':
      return addLinearNode(program, node, x, w)
    case 'activation':
      return addActivation(program, node.activation, x, limit)
    case 'layerNorm':
      return addLayerNorm(program, node, x, w)
    case 'batchNorm':
      return addBatchNorm(program, node, x, w)
    case 'merge':
      return addMerge(program, node, inputs)
    case 'gaussian':
      return addGaussian(program, node, x)
    case 'additiveAttention':
      return addAdditive(program, node, x, w)
    case 'dotAttention':
      return addDot(program, node, x, w)
    case 'last':
      return x
    default:
      assert(false, `${node.label} cannot be streamed`)
  }
}

import { assert } from '../../base/assert.ts'
import { cellScratch, cellSteps, cellWeights, type Floats, type Limiting } from '../cells.ts'
import { type Graph, inputWidth, type Node, type RecurrentNode, recurrentNodes } from '../graph.ts'
import type { Windows } from '../kernel.ts'
import type { Model } from '../model.ts'
import type { Tensor } from '../tensor.ts'
import { attentionOf } from './attention.ts'
import { rowOperator } from './rows.ts'

/** The value of one node for a whole batch: (B, ticks, width), where one vector counts as one tick. */
interface Value {
  readonly data: Floats
  readonly ticks: number
}

/** What the plain computation of windows reads and gives; its numbers may be float64 throughout. */
export interface WindowRun {
  /** (B,T,I) */
  readonly x: Floats
  readonly batch: number
  readonly ticks: number
  /** (sum of layers × directions, B, P or H), read and left at the state after the window. */
  readonly h: Floats
  /** (LSTM layers × directions, B, H), alike. */
  readonly c: Floats
  /** Makes the room of values and states: their precision. */
  readonly allocate: (size: number) => Floats
}

const asItIs: Limiting = (compute) => compute

/**
 * The reference for windows: node after node over all ticks, plain loops; the definition of correct.
 *
 * Weights, states and values between nodes are float32, sums and gates float64.
 */
export function createReferenceWindows(model: Model): Windows {
  const { graph, tensors } = model
  return (x, batch, ticks, state) => {
    const sizes = stateSizes(graph)
    const h = new Float32Array(batch * sizes.h)
    const c = new Float32Array(batch * sizes.c)
    if (state !== undefined) {
      assert(state.h.length === h.length, `state.h must hold ${h.length} values, not ${state.h.length}`)
      assert((state.c?.length ?? 0) === c.length, `state.c must hold ${c.length} values, not ${state.c?.length ?? 0}`)
      h.set(state.h)
      if (state.c !== undefined) c.set(state.c)
    }
    const allocate = (size: number): Float32Array => new Float32Array(size)
    const output = runWindows(graph, tensors, { x, batch, ticks, h, c, allocate })
    return { output: output.data as Float32Array, ticks: output.ticks, state: c.length > 0 ? { h, c } : { h } }
  }
}

/** Floats of the states of one batch row. */
export function stateSizes(graph: Graph): { h: number; c: number } {
  let h = 0
  let c = 0
  for (const node of recurrentNodes(graph)) {
    h += node.width
    if (node.cell === 'lstm') c += node.hidden
  }
  return { h, c }
}

/** Computes every node, and gives the value of the output. */
export function runWindows(graph: Graph, tensors: ReadonlyMap<string, Tensor>, run: WindowRun): Value {
  const { x, batch, ticks } = run
  const wanted = batch * ticks * inputWidth(graph)
  assert(x.length === wanted, `x must hold ${batch} × ${ticks} × ${inputWidth(graph)} values, not ${x.length}`)
  const values: Value[] = []
  for (const node of graph.nodes) {
    const from = node.inputs.map((index) => values[index]!)
    values.push(nodeValue(node, graph, tensors, run, from))
  }
  return values[graph.output]!
}

function nodeValue(
  node: Node,
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  run: WindowRun,
  from: readonly Value[],
): Value {
  switch (node.op) {
    case 'input':
      return { data: run.x, ticks: run.ticks }
    case 'recurrent':
      return recurrentValue(node, graph, tensors, run, from[0]!)
    case 'last':
      return lastValue(node.width, node.first, run, from[0]!)
    case 'pool':
      return node.how === 'flatten'
        ? flatValue(node.width, node.label, run, from[0]!)
        : poolValue(node.width, node.how, run, from[0]!)
    case 'repeat':
      return repeatValue(node.width, node.ticks === 0 ? run.ticks : node.ticks, run, from[0]!)
    case 'additiveAttention':
    case 'dotAttention':
      return attentionValue(node, tensors, run, from[0]!)
    default:
      return rowsValue(node, graph, tensors, run, from)
  }
}

function rowsValue(
  node: Node,
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  run: WindowRun,
  from: readonly Value[],
): Value {
  const compute = rowOperator(node, graph, tensors, asItIs)
  assert(compute !== null, `${node.op} is no row operator`)
  const { ticks } = from[0]!
  for (const value of from) assert(value.ticks === ticks, `${node.label} joins ${ticks} and ${value.ticks} ticks`)
  const widths = node.inputs.map((index) => graph.nodes[index]!.width)
  const inputs = from.map((value) => value.data)
  const data = run.allocate(run.batch * ticks * node.width)
  const at = new Int32Array(from.length)
  for (let row = 0; row < run.batch * ticks; row++) {
    for (let k = 0; k < at.length; k++) at[k] = row * widths[k]!
    compute(inputs, at, data, row * node.width)
  }
  return { data, ticks }
}

function recurrentValue(
  node: RecurrentNode,
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  run: WindowRun,
  from: Value,
): Value {
  const inputs = graph.nodes[node.inputs[0]!]!.width
  const weights = cellWeights(node, inputs, tensors)
  const step = cellSteps[node.cell]
  const scratch = cellScratch(node)
  const { ticks } = from
  const { width, hidden } = node
  const data = run.allocate(run.batch * ticks * width)
  const start = stateStart(graph, node, run.batch)
  for (let b = 0; b < run.batch; b++) {
    const hAt = start.h + b * width
    const cAt = start.c + b * hidden
    for (let tick = 0; tick < ticks; tick++) {
      const row = b * ticks + (node.reverse ? ticks - 1 - tick : tick)
      step(weights, from.data, row * inputs, run.h, hAt, run.c, cAt, scratch)
      for (let j = 0; j < width; j++) data[row * width + j] = run.h[hAt + j]!
    }
  }
  return { data, ticks }
}

/** Where the states of a node begin in h and c. */
function stateStart(graph: Graph, node: RecurrentNode, batch: number): { h: number; c: number } {
  let h = 0
  let c = 0
  for (const other of recurrentNodes(graph)) {
    if (other.stateIndex >= node.stateIndex) break
    h += batch * other.width
    if (other.cell === 'lstm') c += batch * other.hidden
  }
  return { h, c }
}

function attentionValue(
  node: Extract<Node, { op: 'additiveAttention' | 'dotAttention' }>,
  tensors: ReadonlyMap<string, Tensor>,
  run: WindowRun,
  from: Value,
): Value {
  const attention = attentionOf(node, tensors)
  const { width, window } = node
  const { ticks } = from
  const size = attention.memoryWidth
  const memory = new Float64Array(ticks * size)
  const data = run.allocate(run.batch * ticks * width)
  const looksBack = window > 0 || (node.op === 'dotAttention' && node.causal)
  for (let b = 0; b < run.batch; b++) {
    const xAt = b * ticks * width
    for (let t = 0; t < ticks; t++) attention.remember(from.data, xAt + t * width, memory, t * size)
    for (let t = 0; t < ticks; t++) {
      const first = window > 0 && t >= window ? t - window + 1 : 0
      const count = (looksBack ? t + 1 : ticks) - first
      const out = xAt + t * width
      attention.attend(from.data, xAt + first * width, memory, first * size, count, t - first, data, out)
    }
  }
  return { data, ticks }
}

function lastValue(width: number, first: boolean, run: WindowRun, from: Value): Value {
  const data = run.allocate(run.batch * width)
  for (let b = 0; b < run.batch; b++) {
    const row = b * from.ticks + (first ? 0 : from.ticks - 1)
    for (let j = 0; j < width; j++) data[b * width + j] = from.data[row * width + j]!
  }
  return { data, ticks: 1 }
}

function poolValue(width: number, how: 'mean' | 'maximum', run: WindowRun, from: Value): Value {
  const data = run.allocate(run.batch * width)
  for (let b = 0; b < run.batch; b++) {
    for (let j = 0; j < width; j++) {
      let value = from.data[b * from.ticks * width + j]!
      for (let t = 1; t < from.ticks; t++) {
        const next = from.data[(b * from.ticks + t) * width + j]!
        if (how === 'mean') value += next
        else if (next > value || Number.isNaN(next)) value = next
      }
      data[b * width + j] = how === 'mean' ? value / from.ticks : value
    }
  }
  return { data, ticks: 1 }
}

function flatValue(width: number, label: string, run: WindowRun, from: Value): Value {
  const given = from.data.length / run.batch
  assert(
    given === width,
    `${label} lays ${from.ticks} ticks side by side: ${given} features, but the model is made for ${width}`,
  )
  return { data: from.data, ticks: 1 }
}

function repeatValue(width: number, ticks: number, run: WindowRun, from: Value): Value {
  const data = run.allocate(run.batch * ticks * width)
  for (let b = 0; b < run.batch; b++) {
    for (let t = 0; t < ticks; t++) {
      for (let j = 0; j < width; j++) data[(b * ticks + t) * width + j] = from.data[b * width + j]!
    }
  }
  return { data, ticks }
}

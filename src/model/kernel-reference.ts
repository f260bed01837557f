import type { Elementwise } from './activation.ts'
import { cellScratch, cellSteps, cellWeights, type Floats, type Limiting } from './cells.ts'
import { inputWidth, type Node, outputWidth, type RecurrentNode } from './graph.ts'
import { guardLimit, isOpen } from './guard.ts'
import type { Kernel, StatePlace } from './kernel.ts'
import type { Model } from './model.ts'
import { attentionOf } from './reference/attention.ts'
import { rowOperator } from './reference/rows.ts'
import { requireStreamable } from './streamable.ts'

type AttentionNode = Extract<Node, { op: 'additiveAttention' | 'dotAttention' }>

/** Computes one node for the row whose state begins at `rowAt`; `live` is false for a row without any input. */
type NodeStep = (rowAt: number, live: boolean) => void

/**
 * The reference kernel: plain loops, one row after the other; the definition of correct.
 *
 * Weights, states and values between nodes are float32, sums and gates float64. A row of the state has, in the order of the nodes,
 * h and c of each recurrent node, and of each attention its ring (window, F) and one float that tells where it is.
 * Errors: `OperatingError('model')` for a model that needs whole windows.
 */
export function createReferenceKernel(
  model: Model,
  slots: number,
  options: { readonly guarded?: boolean } = {},
): Kernel {
  requireStreamable(model)
  const limit = options.guarded === false ? null : guardLimit(model)
  const { places, stateSize } = layoutOf(model)
  const state = new Float32Array(slots * stateSize)
  const inputSize = inputWidth(model.graph)
  const outputSize = outputWidth(model.graph)
  const input = new Float32Array(inputSize)
  const row = new ReferenceRow(model, places, state, input, limit)
  const take = limit === null ? takeAll : takeGuarded(limit)
  return {
    name: 'reference-1',
    inputSize,
    outputSize,
    stateSize,
    state,
    stateAt: (stateIndex) =>
      places[model.graph.nodes.findIndex((node) => node.op === 'recurrent' && node.stateIndex === stateIndex)]!,
    step(rows, count, x, y) {
      for (let b = 0; b < count; b++) {
        const live = take(x, b * inputSize, input)
        row.step(rows[b]! * stateSize, live, y, b * outputSize)
      }
    },
    close: () => {},
  }
}

/** Where each node's state lies in a row; for an attention, hAt is its ring. */
function layoutOf(model: Model): { places: StatePlace[]; stateSize: number } {
  let stateSize = 0
  const places = model.graph.nodes.map((node): StatePlace => {
    const hAt = stateSize
    const isLstm = node.op === 'recurrent' && node.cell === 'lstm'
    const cSize = isLstm ? node.hidden : 0
    let hSize = 0
    if (node.op === 'recurrent') hSize = node.width
    if (node.op === 'additiveAttention' || node.op === 'dotAttention') hSize = node.window * node.width + 1
    stateSize += hSize + cSize
    return { hAt, hSize, cAt: isLstm ? hAt + hSize : null, cSize }
  })
  return { places, stateSize }
}

function takeAll(x: Float32Array, xAt: number, input: Float32Array): boolean {
  for (let i = 0; i < input.length; i++) input[i] = x[xAt + i]!
  return true
}

/** Missing becomes 0, the rest is limited; false when every input is missing. */
function takeGuarded(limit: number): typeof takeAll {
  return (x, xAt, input) => {
    let live = false
    for (let i = 0; i < input.length; i++) {
      const value = x[xAt + i]!
      const present = value - value === 0
      input[i] = present ? within(value, limit) : 0
      if (present) live = true
    }
    return live
  }
}

function within(value: number, limit: number): number {
  return value > limit ? limit : value < -limit ? -limit : value
}

/** One row going through the nodes; the value of node n is in `#values[n]` at `#at[n]`. */
class ReferenceRow {
  readonly #model: Model
  readonly #places: readonly StatePlace[]
  readonly #state: Float32Array
  readonly #limit: number | null
  readonly #values: Float32Array[]
  readonly #at: Int32Array
  readonly #steps: readonly NodeStep[]

  constructor(
    model: Model,
    places: readonly StatePlace[],
    state: Float32Array,
    input: Float32Array,
    limit: number | null,
  ) {
    this.#model = model
    this.#places = places
    this.#state = state
    this.#limit = limit
    const { nodes } = model.graph
    this.#values = nodes.map((node) => (node.op === 'input' ? input : new Float32Array(node.width)))
    this.#at = new Int32Array(nodes.length)
    this.#steps = nodes.map((node, index) => this.#stepOf(node, index))
  }

  step(rowAt: number, live: boolean, y: Float32Array, yAt: number): void {
    for (const step of this.#steps) step(rowAt, live)
    const { output, nodes } = this.#model.graph
    const from = this.#values[output]!
    const at = this.#at[output]!
    const { width } = nodes[output]!
    for (let j = 0; j < width; j++) y[yAt + j] = from[at + j]!
  }

  #stepOf(node: Node, index: number): NodeStep {
    if (node.op === 'input') return () => {}
    if (node.op === 'recurrent') return this.#recurrent(node, index)
    if (node.op === 'additiveAttention' || node.op === 'dotAttention') return this.#attention(node, index)
    const { graph, tensors } = this.#model
    const compute = rowOperator(node, graph, tensors, this.#limiting())
    if (compute === null) return this.#same(node.inputs[0]!, index)
    const { inputs } = node
    const from: Floats[] = inputs.map((source) => this.#values[source]!)
    const at = new Int32Array(inputs.length)
    const out = this.#values[index]!
    return () => {
      for (let k = 0; k < at.length; k++) {
        from[k] = this.#values[inputs[k]!]!
        at[k] = this.#at[inputs[k]!]!
      }
      compute(from, at, out, 0)
    }
  }

  /** The last value of a stream is the present one. */
  #same(from: number, index: number): NodeStep {
    return () => {
      this.#values[index] = this.#values[from]!
      this.#at[index] = this.#at[from]!
    }
  }

  #recurrent(node: RecurrentNode, index: number): NodeStep {
    const { graph, tensors } = this.#model
    const from = node.inputs[0]!
    const weights = cellWeights(node, graph.nodes[from]!.width, tensors, this.#limiting())
    const cell = cellSteps[node.cell]
    const scratch = cellScratch(node)
    const state = this.#state
    const { hAt, hSize, cAt, cSize } = this.#places[index]!
    const limit = this.#limit !== null && isOpen(node) ? this.#limit : null
    this.#values[index] = state
    return (rowAt, live) => {
      this.#at[index] = rowAt + hAt
      if (!live) return
      cell(weights, this.#values[from]!, this.#at[from]!, state, rowAt + hAt, state, rowAt + (cAt ?? 0), scratch)
      if (limit === null) return
      for (let j = rowAt + hAt; j < rowAt + hAt + hSize + cSize; j++) state[j] = within(state[j]!, limit)
    }
  }

  /**
   * The ring holds what the attention read at the last ticks. Its counter is the number of entries until the ring is full,
   * then runs from `window` to 2·window − 1 and back, so that it stays exact: counter mod window is the next place.
   * A row without input attends to what is there and keeps nothing; an empty ring counts as holding the present value.
   */
  #attention(node: AttentionNode, index: number): NodeStep {
    const attention = attentionOf(node, this.#model.tensors)
    const { window, width } = node
    const from = node.inputs[0]!
    const state = this.#state
    const { hAt } = this.#places[index]!
    // One more than the ring: what a row without input asks with is not in it.
    const ticks = new Float32Array((window + 1) * width)
    const size = attention.memoryWidth
    const memory = new Float64Array((window + 1) * size)
    const out = this.#values[index]!
    return (rowAt, live) => {
      const ringAt = rowAt + hAt
      const counterAt = ringAt + window * width
      const x = this.#values[from]!
      const xAt = this.#at[from]!
      if (live) {
        const counter = state[counterAt]!
        copy(x, xAt, state, ringAt + (counter % window) * width, width)
        state[counterAt] = counter + 1 === 2 * window ? window : counter + 1
      }
      const counter = state[counterAt]!
      const count = Math.max(1, Math.min(counter, window))
      const oldest = counter > window ? counter % window : 0
      for (let i = 0; i < count; i++) copy(state, ringAt + ((oldest + i) % window) * width, ticks, i * width, width)
      if (counter === 0) copy(x, xAt, ticks, 0, width)
      if (!live) copy(x, xAt, ticks, count * width, width)
      const query = live ? count - 1 : count
      for (let i = 0; i <= query; i++) attention.remember(ticks, i * width, memory, i * size)
      attention.attend(ticks, 0, memory, 0, count, query, out, 0)
    }
  }

  /** In a guarded step nothing that feeds a state may become infinite. */
  #limiting(): Limiting {
    const limit = this.#limit
    if (limit === null) return (compute) => compute
    return (compute: Elementwise) => (x) => within(compute(x), limit)
  }
}

function copy(from: Float32Array, at: number, to: Float32Array, toAt: number, n: number): void {
  for (let j = 0; j < n; j++) to[toAt + j] = from[at + j]!
}

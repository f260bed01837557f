import type { Graph, LastNode, Node } from '../../model/graph.ts'
import { inputWidth } from '../../model/graph.ts'
import type { Model } from '../../model/model.ts'
import type { Size } from '../import/onnx-wire.ts'
import { OnnxGraph, type OnnxWork } from './onnx-graph.ts'
import { writePlainNode } from './onnx-node.ts'
import { type RecurrentOutput, writeRecurrent } from './onnx-recurrent-node.ts'
import { type OnnxPortOut, writeOnnx } from './onnx-writer.ts'

/**
 * A model as ONNX, opset 17 (20 where Gelu or Mish need it): `input` (batch, time, features) to `output`.
 *
 * `output` is (batch, time, features), or (batch, features) behind what ends the sequence. States begin at zero; dropout,
 * which only training does, is left out. Scaler and card have no place in the format.
 * Errors: `OperatingError('model')` naming the module that ONNX does not express.
 */
export function exportOnnx(model: Model): Uint8Array {
  const { graph } = model
  const out = new OnnxGraph()
  out.opset = graph.nodes.some((node) => node.op === 'activation' && /^(gelu|mish)/.test(node.activation)) ? 20 : 17
  const values = new OnnxValues(model, out)
  const last = values.of(graph.output)
  const result = graph.nodes[graph.output]!
  const turned = result.sequence ? { op: 'Transpose', perm: [1, 0, 2] } : null
  const name = turned === null ? last : out.add(turned.op, 'output', [last], { perm: { ints: turned.perm } })
  // The graph's output has a name of its own, whichever operator gives it.
  out.nodes.push({ op: 'Identity', name: 'output', inputs: [name], outputs: ['output'], attributes: {} })
  return writeOnnx({
    opset: out.opset,
    name: model.name,
    nodes: out.nodes,
    constants: out.constants,
    input: { name: 'input', dims: ['batch', ticksOf(graph) ?? 'time', inputWidth(graph)] },
    output: outputPort(graph, result),
  })
}

function outputPort(graph: Graph, result: Node): OnnxPortOut {
  const repeated = graph.nodes.some((node) => node.op === 'repeat' && node.ticks > 0)
  const time: Size = repeated ? 'output_time' : (ticksOf(graph) ?? 'time')
  return { name: 'output', dims: result.sequence ? ['batch', time, result.width] : ['batch', result.width] }
}

/** Ticks of a window where the model fixes them: what is flattened says how many there are. */
export function ticksOf({ nodes }: Graph): number | null {
  for (const node of nodes) {
    if (node.op === 'pool' && node.how === 'flatten') return node.width / nodes[node.inputs[0]!]!.width
  }
  return null
}

/** Writes nodes as they are read, from the output back, so that nothing is written that nobody reads. */
class OnnxValues {
  readonly #model: Model
  readonly #out: OnnxGraph
  readonly #names = new Map<number, string>()
  readonly #recurrent = new Map<number, RecurrentOutput>()

  constructor(model: Model, out: OnnxGraph) {
    this.#model = model
    this.#out = out
  }

  /** The name of a node's value. */
  of(index: number): string {
    const known = this.#names.get(index)
    if (known !== undefined) return known
    const name = this.#write(index)
    this.#names.set(index, name)
    return name
  }

  #write(index: number): string {
    const node = this.#model.graph.nodes[index]!
    if (node.op === 'input') return this.#out.add('Transpose', 'input', ['input'], { perm: { ints: [1, 0, 2] } })
    if (node.op === 'recurrent') return this.#squeezed(node, this.#recurrentOf(index).every, 1)
    if (node.op === 'last') return this.#last(node)
    return writePlainNode(
      this.#work(
        node,
        node.inputs.map((input) => this.of(input)),
      ),
    )
  }

  #work<N extends Node>(node: N, inputs: readonly string[]): OnnxWork<N> {
    const label = node.label.replace(/ \(.*\)$/, '')
    return { out: this.#out, node, label, inputs, tensors: this.#model.tensors }
  }

  #recurrentOf(index: number): RecurrentOutput {
    const known = this.#recurrent.get(index)
    if (known !== undefined) return known
    const node = this.#model.graph.nodes[index]!
    if (node.op !== 'recurrent') throw new RangeError(`node ${index} is no recurrent one`)
    const output = writeRecurrent(this.#work(node, [this.of(node.inputs[0]!)]))
    this.#recurrent.set(index, output)
    return output
  }

  /** Without the dimension of directions, of which there is one. */
  #squeezed(node: Node, value: string, axis: number): string {
    return this.#out.add('Squeeze', node.label, [value, this.#out.integers(`${node.label}/axes`, [axis])])
  }

  /** Where a reversed layer ended, by its own output for that; else the tick at which the sequence ends. */
  #last(node: LastNode): string {
    const from = node.inputs[0]!
    const source = this.#model.graph.nodes[from]!
    if (source.op === 'recurrent' && source.reverse && node.first) {
      return this.#squeezed(node, this.#recurrentOf(from).end, 0)
    }
    const tick = this.#out.integers(`${node.label}/tick`, node.first ? 0 : -1)
    return this.#out.add('Gather', node.label, [this.of(from), tick], { axis: { int: 0 } })
  }
}

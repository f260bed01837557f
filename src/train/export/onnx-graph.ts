import type { Node } from '../../model/graph.ts'
import type { Tensor } from '../../model/tensor.ts'
import type { OnnxConstantOut, OnnxNodeOut, OnnxValueOut } from './onnx-writer.ts'

/**
 * Collects operators and constants of an ONNX graph that is being written.
 *
 * Sequences are (T,B,F) between operators, as ONNX' recurrent ones read them, vectors (B,F): features come last in both.
 */
export class OnnxGraph {
  readonly nodes: OnnxNodeOut[] = []
  readonly constants = new Map<string, OnnxConstantOut>()
  /** 17, or 20 where an operator is used that came later. */
  opset = 17
  readonly #names = new Set<string>()

  /** Adds an operator with one output; gives the output's name. */
  add(
    op: string,
    label: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxValueOut>> = {},
  ): string {
    return this.addMany(op, label, inputs, 1, attributes)[0]!
  }

  /** Adds an operator; gives the names of its `count` outputs. */
  addMany(
    op: string,
    label: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, OnnxValueOut>> = {},
  ): string[] {
    const name = this.#free(`${label}/${op}`)
    const outputs = Array.from({ length: count }, (_, at) => (at === 0 ? name : `${name}:${at}`))
    this.nodes.push({ op, name, inputs, outputs, attributes })
    return outputs
  }

  /** Adds float32 numbers; gives their name. */
  floats(wanted: string, { shape, data }: Tensor): string {
    const name = this.#free(wanted)
    this.constants.set(name, { shape, data })
    return name
  }

  /** Adds a list of whole numbers, or one without a dimension. */
  integers(wanted: string, data: readonly number[] | number): string {
    const name = this.#free(wanted)
    this.constants.set(name, typeof data === 'number' ? { shape: [], data: [data] } : { shape: [data.length], data })
    return name
  }

  /** A number that goes with every feature. */
  scalar(label: string, value: number): string {
    return this.floats(`${label}/constant`, { shape: [1], data: Float32Array.of(value) })
  }

  #free(wanted: string): string {
    let name = wanted
    for (let n = 1; this.#names.has(name); n++) name = `${wanted}_${n}`
    this.#names.add(name)
    return name
  }
}

/** A node that is being written: what it reads, by name, and where its weights are. */
export interface OnnxWork<N extends Node = Node> {
  readonly out: OnnxGraph
  readonly node: N
  readonly label: string
  readonly inputs: readonly string[]
  readonly tensors: ReadonlyMap<string, Tensor>
}

import { inputWidth, type MergeNode, type Node, type RecurrentNode } from '../../model/graph.ts'
import type { Model } from '../../model/model.ts'
import type { Tensor } from '../../model/tensor.ts'
import { ExportError } from './export-error.ts'
import { ticksOf } from './onnx-export.ts'
import { bidirectionalLayer, plainLayer, recurrentLayer, type TfjsLayer } from './tfjs-layer.ts'

/**
 * A model as a TF.js layers model: `model.json` and one shard of weights, in the conventions of Keras 2.
 *
 * Input (batch, time, features). Dropout, which only training does, is left out.
 * Errors: `OperatingError('model')` naming the module that TF.js has no layer for, or the GRU of another convention.
 */
export function exportTfjs(model: Model): Map<string, Uint8Array> {
  const layers = new TfjsLayers(model)
  const output = layers.of(model.graph.output, 'whole')
  const shard = 'group1-shard1of1.bin'
  const weights = [...layers.weights].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }))
  const config = {
    name: 'residua',
    layers: layers.list,
    input_layers: [['input', 0, 0]],
    output_layers: [[output, 0, 0]],
  }
  const json = {
    format: 'layers-model',
    generatedBy: 'residua',
    convertedBy: null,
    modelTopology: {
      keras_version: '2.19.0',
      backend: 'tensor_flow.js',
      model_config: { class_name: 'Model', config },
    },
    weightsManifest: [{ paths: [shard], weights }],
  }
  return new Map([
    ['model.json', new TextEncoder().encode(`${JSON.stringify(json)}\n`)],
    [shard, joined([...layers.weights.values()])],
  ])
}

/** Float32, little-endian, one after the other. */
function joined(tensors: readonly Tensor[]): Uint8Array {
  const bytes = new Uint8Array(4 * tensors.reduce((sum, { data }) => sum + data.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { data } of tensors) {
    for (const value of data) {
      view.setFloat32(at, value, true)
      at += 4
    }
  }
  return bytes
}

/** The whole of a value, or its end only: what TF.js' recurrent layers give without `return_sequences`. */
type Form = 'whole' | 'end'

/** Operations on each tick alone: the end of their value is their value of the end. */
const eachTick: ReadonlySet<Node['op']> = new Set(['linear', 'activation', 'layerNorm', 'batchNorm', 'merge'])

/**
 * Makes layers as they are read, from the output back.
 *
 * TF.js has no layer that takes the last tick, but its recurrent layers give it: so the end is asked for, back through
 * what works on each tick alone, until a recurrent layer is reached. One that is read in both forms is written twice.
 */
class TfjsLayers {
  readonly list: Record<string, unknown>[] = []
  readonly weights = new Map<string, Tensor>()
  readonly #model: Model
  readonly #known = new Map<string, string>()
  readonly #names = new Set(['input'])

  constructor(model: Model) {
    this.#model = model
    const { graph } = model
    const config = { batch_input_shape: [null, ticksOf(graph), inputWidth(graph)], dtype: 'float32', name: 'input' }
    this.list.push({ class_name: 'InputLayer', name: 'input', config, inbound_nodes: [] })
  }

  /** The name of the layer that gives a node's value. */
  of(index: number, form: Form): string {
    const key = `${index} ${form}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const name = this.#make(this.#node(index), form)
    this.#known.set(key, name)
    return name
  }

  #node(index: number): Node {
    return this.#model.graph.nodes[index]!
  }

  #make(node: Node, form: Form): string {
    const { tensors } = this.#model
    if (node.op === 'input') {
      if (form === 'whole') return 'input'
      throw new ExportError(
        node.label,
        'the last tick of the input is read',
        'TF.js has no layer for it: export to ONNX',
      )
    }
    if (node.op === 'last') return this.#last(node.inputs[0]!, node.first)
    if (node.op === 'recurrent') {
      if (node.reverse) {
        throw new ExportError(
          node.label,
          'the value of a reversed layer alone is read tick by tick',
          'TF.js gives it in the other order: use bidirectional, on "last", or export to ONNX',
        )
      }
      return this.#recurrent(node, form === 'whole')
    }
    const twin = node.op === 'merge' ? this.#twins(node) : null
    if (twin !== null && node.op === 'merge') return this.#bidirectional(node, twin, form)
    const layer = plainLayer(node, tensors)
    const ends = form === 'end' && node.sequence
    if (ends && !eachTick.has(node.op)) {
      throw new ExportError(node.label, 'its last tick is read', 'TF.js has no layer for it: export to ONNX')
    }
    const inputs = node.inputs.map((input) => this.of(input, ends ? 'end' : 'whole'))
    return this.#add(layer, node.label, inputs)
  }

  #last(from: number, first: boolean): string {
    const source = this.#node(from)
    if (!first) return this.of(from, 'end')
    if (source.op === 'recurrent' && source.reverse) return this.#recurrent(source, false)
    throw new ExportError(source.label, 'its first tick is read', 'TF.js has no layer for it: export to ONNX')
  }

  #recurrent(node: RecurrentNode, every: boolean): string {
    const layer = recurrentLayer(node, this.#model.tensors, every)
    return this.#add(layer, node.label, [this.of(node.inputs[0]!, 'whole')])
  }

  /** The two directions that a merge joins, each tick by tick or each where it ends; null for other merges. */
  #twins(node: MergeNode): { forward: RecurrentNode; backward: RecurrentNode; every: boolean } | null {
    if (node.inputs.length !== 2) return null
    const parts = node.inputs.map((index) => this.#node(index))
    const every = parts.every(({ op }) => op === 'recurrent')
    const isEnd = parts.every((part, at) => part.op === 'last' && part.first === (at === 1))
    if (!every && !isEnd) return null
    const [forward, backward] = every ? parts : parts.map((part) => this.#node(part.inputs[0]!))
    if (forward?.op !== 'recurrent' || backward?.op !== 'recurrent') return null
    const isTwin = !forward.reverse && backward.reverse && forward.inputs[0] === backward.inputs[0]
    const isAlike =
      forward.cell === backward.cell && forward.hidden === backward.hidden && forward.label === backward.label
    return isTwin && isAlike ? { forward, backward, every } : null
  }

  #bidirectional(
    node: MergeNode,
    twin: { readonly forward: RecurrentNode; readonly backward: RecurrentNode; readonly every: boolean },
    form: Form,
  ): string {
    const { forward, backward, every } = twin
    if (every && form === 'end') {
      throw new ExportError(
        node.label,
        'the last tick of both directions is read, where the backward one has just begun',
        'give the module on "last", or export to ONNX',
      )
    }
    const { tensors } = this.#model
    // The inner layer is described once, as the forward one.
    const [ahead, back] = [forward, backward].map((one) => recurrentLayer(one, tensors, every))
    const name = this.#free(node.label)
    const layer = bidirectionalLayer(ahead!, back!, node.how, name)
    return this.#put(layer, name, [this.of(forward.inputs[0]!, 'whole')])
  }

  #add(layer: TfjsLayer, label: string, inputs: readonly string[]): string {
    return this.#put(layer, this.#free(label), inputs)
  }

  #put({ className, config, weights }: TfjsLayer, name: string, inputs: readonly string[]): string {
    const inbound = [inputs.map((input) => [input, 0, 0, {}])]
    this.list.push({ class_name: className, name, config: { name, ...config }, inbound_nodes: inbound })
    for (const [weight, tensor] of weights) this.weights.set(`${name}/${weight}`, tensor)
    return name
  }

  /** TF.js takes letters, digits, and a few signs in names. */
  #free(label: string): string {
    const wanted = label.replace(/ \(.*\)$/, '').replace(/[^\w]/g, '_')
    let name = wanted
    for (let n = 1; this.#names.has(name); n++) name = `${wanted}_${n}`
    this.#names.add(name)
    return name
  }
}

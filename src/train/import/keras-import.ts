import { asOperatingError } from '../../base/errors.ts'
import { createModel, type Model, type ModelCard } from '../../model/model.ts'
import { Declaration } from './declaration.ts'
import { importCard } from './import-card.ts'
import { ImportError } from './import-error.ts'
import { type KerasGraph, type KerasLayer, readKerasConfig, type TensorRef } from './keras-config.ts'
import { type KerasFile, openKerasFile } from './keras-file.ts'
import type { KerasLayerContext, KerasValue } from './keras-layer.ts'
import { importLayer } from './keras-layers.ts'

/**
 * Reads a model that Keras 2 or 3 saved (`.keras`, or the older `.h5`), without running anything in it.
 *
 * Works when: Sequential or Functional, one input (batch, time, features), layers of the list in `keras-layers.ts`;
 * of several outputs the first is computed. Optimizer variables and training settings are left out.
 * Errors: `OperatingError('model')` naming layer, class and what to do instead; also for a damaged file.
 */
export function importKeras(bytes: Uint8Array, name: string): Model {
  try {
    return translateKeras(
      openKerasFile(bytes, (config) => readKerasConfig(config).layers),
      name,
    )
  } catch (error) {
    throw asOperatingError(error, 'model')
  }
}

/** A model of an opened Keras file. Errors: `OperatingError('model')` naming layer, class and what to do instead. */
export function translateKeras(file: KerasFile, name: string): Model {
  const graph = readKerasConfig(file.config)
  const translation = new KerasTranslation(file, graph)
  const declaration = translation.declare()
  const architecture = declaration.architecture(translation.inputs)
  return createModel(name, architecture, declaration.tensors, { card: cardOf(file, graph, declaration) })
}

/** Follows the values back from the output, so that each module comes after those it reads, and no other comes. */
class KerasTranslation {
  readonly #declaration = new Declaration()
  readonly #layers: ReadonlyMap<string, KerasLayer>
  readonly #values = new Map<string, KerasValue>()
  readonly #open = new Set<string>()
  readonly #isKeras2: boolean
  /** Features of the model's input, once it was read. */
  inputs = 0

  readonly #file: KerasFile
  readonly #graph: KerasGraph

  constructor(file: KerasFile, graph: KerasGraph) {
    this.#file = file
    this.#graph = graph
    this.#layers = new Map(graph.layers.map((layer) => [layer.name, layer]))
    // Keras 1 and 2 share hard_sigmoid; a file without a version is older than the attribute.
    this.#isKeras2 = Number(/^\d+/.exec(file.version)?.[0] ?? 2) < 3
  }

  declare(): Declaration {
    const output = this.#graph.outputs[0]!
    const value = this.#value(output)
    if (value.flipped) {
      throw new ImportError(
        output.layer,
        'the output runs backwards in time',
        'leave out go_backwards in the last layer',
      )
    }
    if (this.#declaration.modules.length === 0) {
      throw new ImportError(output.layer, 'the model computes nothing', 'there is nothing to load')
    }
    return this.#declaration
  }

  #value(ref: TensorRef): KerasValue {
    const layer = this.#layers.get(ref.layer)
    const call = layer?.calls[ref.call] ?? layer?.calls.at(-1)
    if (layer === undefined || call === undefined) {
      throw new ImportError(ref.layer, 'it is read, but is no layer of the model', 'save the model again')
    }
    const key = `${ref.call}/${ref.layer}`
    const known = this.#values.get(key)
    if (known !== undefined) return this.#outputOf(layer, known, ref.output)
    if (this.#open.has(key)) throw new ImportError(ref.layer, 'it reads itself', 'save the model again')
    this.#open.add(key)
    const inputs = layer.className === 'InputLayer' ? [] : call.inputs.map((input) => this.#value(input))
    const value = layer.className === 'InputLayer' ? this.#input(layer) : this.#call(layer, call.keywords, inputs)
    this.#values.set(key, value)
    return this.#outputOf(layer, value, ref.output)
  }

  #call(layer: KerasLayer, keywords: KerasLayerContext['keywords'], inputs: readonly KerasValue[]): KerasValue {
    return importLayer({
      label: labelOf(layer),
      className: layer.className,
      name: layer.name,
      config: layer.config,
      keywords,
      inputs,
      isKeras2: this.#isKeras2,
      declaration: this.#declaration,
      weights: (parts = ['']) => this.#file.weights(layer, parts),
    })
  }

  /** Behind its value a recurrent layer may give its states: the last h is the value at the end, c has no name here. */
  #outputOf(layer: KerasLayer, value: KerasValue, output: number): KerasValue {
    if (output === 0) return value
    if (output === 1 && layer.config['return_state'] === true && !('layer' in layer.config)) {
      if (!value.sequence) return value
      if (!value.flipped) {
        const id = this.#declaration.add('Last', `${layer.name}_state`, value)
        return { ...value, id, sequence: false, ticks: null }
      }
    }
    throw new ImportError(labelOf(layer), `its output ${output} is read by another layer`, 'only its value can be')
  }

  #input({ name, config }: KerasLayer): KerasValue {
    if (this.#graph.layers.filter(({ className }) => className === 'InputLayer').length > 1) {
      throw new ImportError(name, 'the model has several inputs', 'join them into one of all features')
    }
    const shape = config['batch_shape'] ?? config['batch_input_shape']
    const [, ticks, width] = Array.isArray(shape) ? (shape as unknown[]) : []
    if (!Array.isArray(shape) || shape.length !== 3 || typeof width !== 'number') {
      const given = JSON.stringify(shape) ?? 'not in the file'
      throw new ImportError(name, `the input shape is ${given}`, 'it must be (batch, time, features)')
    }
    this.inputs = width
    return { id: 'input', width, sequence: true, ticks: typeof ticks === 'number' ? ticks : null, flipped: false }
  }
}

function labelOf({ name, className }: KerasLayer): string {
  return `${name} (${className})`
}

function cardOf(file: KerasFile, graph: KerasGraph, declaration: Declaration): ModelCard {
  const more = graph.outputs.slice(1).map(({ layer, output }) => `${layer}, output ${output}`)
  return importCard(`Keras ${file.version} (${file.format})`, declaration, {
    layers: graph.layers.map(labelOf).join(', '),
    ...(more.length > 0 ? { outputs_not_computed: more.join('; ') } : {}),
  })
}

import { OperatingError } from '../../base/errors.ts'

/** JSON as it came. */
export type Json = Readonly<Record<string, unknown>>

/** One output of one call of a layer: layer, call, output. */
export interface TensorRef {
  readonly layer: string
  readonly call: number
  readonly output: number
}

/** One use of a layer: what it reads, and the keywords it was called with. */
export interface LayerCall {
  readonly inputs: readonly TensorRef[]
  readonly keywords: Json
}

/** A layer as the file describes it. */
export interface KerasLayer {
  readonly className: string
  readonly name: string
  readonly config: Json
  readonly calls: readonly LayerCall[]
}

/** Layers in the file's order, and which value the model gives (the first), and which more. */
export interface KerasGraph {
  readonly layers: readonly KerasLayer[]
  readonly outputs: readonly TensorRef[]
}

/**
 * Reads a model's configuration: `Sequential`, or `Functional` in the form of Keras 2 or 3.
 *
 * Errors: `OperatingError('model')` for a subclassed model, a nested one, or a configuration that is cut off.
 */
export function readKerasConfig(json: Json): KerasGraph {
  const className = textOf(json['class_name'])
  // Keras 2.2 and older kept a bare list of layers.
  const config = Array.isArray(json['config']) ? { layers: json['config'] } : objectOf(json['config'])
  const layers = listOf(config['layers']).map((layer) => objectOf(layer))
  if (className === 'Sequential') return sequentialGraph(layers)
  if (className === 'Functional' || className === 'Model') return functionalGraph(config, layers)
  throw new OperatingError(
    'model',
    `a Keras model of class ${className || '(none)'}: only Sequential and Functional say what they compute; rebuild it as one of them`,
  )
}

function sequentialGraph(list: readonly Json[]): KerasGraph {
  const layers: KerasLayer[] = []
  let before: TensorRef | null = null
  for (const json of list) {
    const config = objectOf(json['config'])
    const name = textOf(config['name']) || textOf(json['name'])
    const className = textOf(json['class_name'])
    // A Sequential may begin with its first computing layer: then that one has the input's shape.
    if (before === null && className !== 'InputLayer') {
      const shape = config['batch_input_shape'] ?? config['batch_shape'] ?? shapeBuilt(json)
      const input = { className: 'InputLayer', name: 'input', config: { batch_shape: shape }, calls: [callOf([])] }
      layers.push(input)
      before = { layer: 'input', call: 0, output: 0 }
    }
    layers.push({ className, name, config, calls: [callOf(before === null ? [] : [before])] })
    before = { layer: name, call: 0, output: 0 }
  }
  if (before === null) throw new OperatingError('model', 'the Keras model has no layers')
  return { layers, outputs: [before] }
}

function shapeBuilt(json: Json): unknown {
  const built = json['build_config']
  return typeof built === 'object' && built !== null ? (built as Json)['input_shape'] : undefined
}

function callOf(inputs: readonly TensorRef[]): LayerCall {
  return { inputs, keywords: {} }
}

function functionalGraph(config: Json, list: readonly Json[]): KerasGraph {
  const layers = list.map((json) => {
    const own = objectOf(json['config'])
    const name = textOf(json['name']) || textOf(own['name'])
    const calls = listOf(json['inbound_nodes']).map((node) => readCall(node))
    const className = textOf(json['class_name'])
    return { className, name, config: own, calls: calls.length === 0 ? [callOf([])] : calls }
  })
  const outputs = referencesIn(config['output_layers'])
  if (outputs.length === 0) throw new OperatingError('model', 'the Keras model names no output')
  return { layers, outputs }
}

function readCall(node: unknown): LayerCall {
  // Keras 2: a list of [layer, call, output, keywords]; Keras 3: { args, kwargs } with tensors inside.
  if (Array.isArray(node)) {
    const keywords = Object.assign({}, ...node.map((one) => (Array.isArray(one) ? one[3] : {})))
    return { inputs: referencesIn(node), keywords: keywords as Json }
  }
  const { args, kwargs } = objectOf(node)
  const keywords = objectOf(kwargs ?? {})
  const named = ['query', 'value', 'key', 'inputs'].flatMap((key) => referencesIn(keywords[key]))
  return { inputs: [...referencesIn(args), ...named], keywords }
}

/** Every tensor that a piece of configuration names, in order. */
export function referencesIn(json: unknown, depth = 0): TensorRef[] {
  if (depth > 8) throw new OperatingError('model', 'the Keras configuration is nested too deeply')
  if (Array.isArray(json)) {
    const [layer, call, output] = json as unknown[]
    if (typeof layer === 'string' && typeof call === 'number' && typeof output === 'number') {
      return [{ layer, call, output }]
    }
    return json.flatMap((one) => referencesIn(one, depth + 1))
  }
  if (typeof json !== 'object' || json === null) return []
  const { class_name: className, config } = json as Json
  return className === '__keras_tensor__' ? referencesIn(objectOf(config)['keras_history'], depth + 1) : []
}

/** A JSON object. Errors: `OperatingError('model')` for anything else. */
export function objectOf(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new OperatingError('model', 'the Keras configuration is not what Keras writes: an object is missing')
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new OperatingError('model', 'the Keras configuration is not what Keras writes: a list is missing')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

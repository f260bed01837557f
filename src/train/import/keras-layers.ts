import type { Tensor } from '../../model/tensor.ts'
import { activationOf } from './keras-activation.ts'
import { importAdditiveAttention, importAttention, importMultiHeadAttention } from './keras-attention.ts'
import { type Json, objectOf } from './keras-config.ts'
import { importDropout, importNoise, importSpatialDropout } from './keras-dropout.ts'
import { type KerasLayerContext, type KerasValue, onlyInput, refused } from './keras-layer.ts'
import { importBidirectional, importRecurrent } from './keras-recurrent.ts'
import { expectShape, filled, tensorOf, transposed } from './tensor-layout.ts'

type Translation = (context: KerasLayerContext) => KerasValue

/** Every layer that is built, by its class. */
const translations: Readonly<Record<string, Translation>> = {
  SimpleRNN: importRecurrent,
  LSTM: importRecurrent,
  GRU: importRecurrent,
  Bidirectional: importBidirectional,
  Dense: importDense,
  TimeDistributed: importTimeDistributed,
  Dropout: importDropout,
  SpatialDropout1D: importSpatialDropout,
  GaussianNoise: importNoise,
  GaussianDropout: importNoise,
  AlphaDropout: importNoise,
  ActivityRegularization: importNoise,
  Identity: onlyInput,
  Activation: (context) => activated(context, onlyInput(context), context.config['activation']),
  ReLU: importReLU,
  LeakyReLU: importLeakyReLU,
  ELU: importElu,
  Softmax: importSoftmax,
  LayerNormalization: importLayerNorm,
  BatchNormalization: importBatchNorm,
  Normalization: importNormalization,
  Add: (context) => importMerge(context, 'Add'),
  Multiply: (context) => importMerge(context, 'Multiply'),
  Average: (context) => importMerge(context, 'Average'),
  Maximum: (context) => importMerge(context, 'Maximum'),
  Concatenate: importConcatenate,
  GlobalAveragePooling1D: (context) => importPool(context, 'mean'),
  GlobalMaxPooling1D: (context) => importPool(context, 'maximum'),
  GlobalMaxPool1D: (context) => importPool(context, 'maximum'),
  Flatten: importFlatten,
  RepeatVector: importRepeat,
  Attention: importAttention,
  AdditiveAttention: importAdditiveAttention,
  MultiHeadAttention: importMultiHeadAttention,
}

/** What can be said instead of a layer that is not built. */
const advice: Readonly<Record<string, string>> = {
  Masking: 'masked ticks are not built: cut the windows to equal length and leave Masking out',
  Lambda: 'it holds program code, which is never run: use layers instead',
  CuDNNGRU: 'load it in Keras 2 and save it with GRU(reset_after=True)',
  CuDNNLSTM: 'load it in Keras 2 and save it with LSTM',
  Sequential: 'put the layers of the inner model into the outer one',
  Functional: 'put the layers of the inner model into the outer one',
}

/** Adds the modules of one call of a layer, and gives its value. Errors: a layer or option that is not built, by name. */
export function importLayer(context: KerasLayerContext): KerasValue {
  const { className } = context
  if (Object.hasOwn(translations, className)) return translations[className]!(context)
  const instead = Object.hasOwn(advice, className)
    ? advice[className]!
    : `built are ${Object.keys(translations).join(', ')}`
  throw refused(context, `the layer ${className} is not built`, instead)
}

function activated(context: KerasLayerContext, from: KerasValue, activation: unknown): KerasValue {
  const name = activationOf(context.label, activation, context.isKeras2)
  if (name === null) return from
  const id = context.declaration.add('Activation', context.name, from, { function: name })
  return { ...from, id }
}

/** Kernel (I,O), bias (O); on every tick of a sequence. */
function importDense(context: KerasLayerContext): KerasValue {
  const { config, declaration, label, name } = context
  const from = onlyInput(context)
  const [kernel, bias] = context.weights()
  const units = Number(config['units'])
  const weight = transposed(expectShape(label, 'kernel', kernel, [from.width, units]))
  const own = config['use_bias'] === false ? null : expectShape(label, 'bias', bias, [units])
  const value = { ...from, ...declaration.addLinear(name, from, weight, own) }
  const activation = activationOf(label, config['activation'], context.isKeras2)
  if (activation !== null) declaration.moduleOf(value)!['activation'] = activation
  return value
}

const eachTick = ['Dense', 'Dropout', 'Activation', 'ReLU', 'LeakyReLU', 'ELU', 'Softmax', 'LayerNormalization']

/** A layer on every tick by itself: what those that work on features do anyway. */
function importTimeDistributed(context: KerasLayerContext): KerasValue {
  const inner = objectOf(context.config['layer'])
  const className = String(inner['class_name'])
  if (!eachTick.includes(className)) {
    throw refused(context, `it wraps ${className}`, `built are ${eachTick.join(', ')}`)
  }
  const weights = (): Tensor[] => context.weights(['layer'])
  return importLayer({ ...context, className, config: objectOf(inner['config']), weights })
}

function importReLU(context: KerasLayerContext): KerasValue {
  const { config } = context
  const plain = (config['max_value'] ?? null) === null && Number(config['threshold'] ?? 0) === 0
  if (!plain || Number(config['negative_slope'] ?? 0) !== 0) {
    throw refused(context, 'a ReLU with max_value, threshold or negative_slope', 'use a plain ReLU or LeakyReLU')
  }
  return activated(context, onlyInput(context), 'relu')
}

/** x where positive, else slope · x; of any slope but PyTorch's 0.01 as relu(x) − slope · relu(−x), which is exact. */
function importLeakyReLU(context: KerasLayerContext): KerasValue {
  const { config, declaration, name } = context
  const from = onlyInput(context)
  const slope = Number(config['negative_slope'] ?? config['alpha'] ?? 0.3)
  if (slope === 0.01) {
    return { ...from, id: declaration.add('Activation', name, from, { function: 'leaky_relu' }) }
  }
  const { width } = from
  const apart = new Float32Array(2 * width * width)
  const together = new Float32Array(2 * width * width)
  for (let i = 0; i < width; i++) {
    apart[i * width + i] = 1
    apart[(width + i) * width + i] = -1
    together[i * 2 * width + i] = 1
    together[i * 2 * width + width + i] = -slope
  }
  const both = declaration.addLinear(`${name}_signs`, from, { shape: [2 * width, width], data: apart }, null)
  declaration.moduleOf(both)!['activation'] = 'relu'
  return { ...from, ...declaration.addLinear(name, both, { shape: [width, 2 * width], data: together }, null) }
}

function importElu(context: KerasLayerContext): KerasValue {
  if (Number(context.config['alpha'] ?? 1) !== 1) throw refused(context, 'an alpha other than 1', 'use alpha 1')
  return activated(context, onlyInput(context), 'elu')
}

function importSoftmax(context: KerasLayerContext): KerasValue {
  const from = onlyInput(context)
  expectFeatures(context, from, context.config['axis'] ?? -1)
  return activated(context, from, 'softmax')
}

function importLayerNorm(context: KerasLayerContext): KerasValue {
  const { config, declaration, name } = context
  const from = onlyInput(context)
  expectFeatures(context, from, config['axis'] ?? -1)
  if (config['rms_scaling'] === true) throw refused(context, 'rms_scaling', 'leave it out')
  const { weight, bias } = scaleAndShift(context, from.width, context.weights())
  const options = { normalized_shape: from.width, eps: Number(config['epsilon'] ?? 1e-3) }
  return { ...from, id: declaration.add('LayerNorm', name, from, options, { weight, bias }) }
}

/** Gamma and beta, each of which may be left out, then the moving mean and variance. */
function importBatchNorm(context: KerasLayerContext): KerasValue {
  const { config, declaration, label, name } = context
  const from = onlyInput(context)
  expectFeatures(context, from, config['axis'] ?? -1)
  const weights = context.weights()
  const { weight, bias, rest } = scaleAndShift(context, from.width, weights)
  const options = { num_features: from.width, eps: Number(config['epsilon'] ?? 1e-3) }
  const id = declaration.add('BatchNorm1d', name, from, options, {
    weight,
    bias,
    running_mean: expectShape(label, 'moving mean', rest[0], [from.width]),
    running_var: expectShape(label, 'moving variance', rest[1], [from.width]),
  })
  return { ...from, id }
}

function scaleAndShift(
  { config, label }: KerasLayerContext,
  width: number,
  weights: readonly Tensor[],
): { weight: Tensor; bias: Tensor; rest: readonly Tensor[] } {
  const rest = [...weights]
  const take = (option: string, what: string, without: number): Tensor =>
    config[option] === false ? filled(width, without) : expectShape(label, what, rest.shift(), [width])
  const weight = take('scale', 'gamma', 1)
  const bias = take('center', 'beta', 0)
  return { weight, bias, rest }
}

/** (x − mean) / max(√variance, 1e-7) with given or learned numbers; inverted: x · max(√variance, 1e-7) + mean. */
function importNormalization(context: KerasLayerContext): KerasValue {
  const { config, declaration, label, name } = context
  const from = onlyInput(context)
  const { width } = from
  const given = config['mean'] !== null && config['mean'] !== undefined
  const learned = given ? [] : context.weights().map(({ data }) => data)
  const mean = spread(context, given ? numbersIn(config['mean']) : learned[0], width)
  const variance = spread(context, given ? numbersIn(config['variance']) : learned[1], width)
  const deviation = variance.map((one) => Math.max(Math.sqrt(one), 1e-7))
  const isInverse = config['invert'] === true
  const axis = config['axis']
  if (axis !== null && axis !== undefined) expectFeatures({ ...context, label }, from, axis)
  const id = declaration.add(
    'BatchNorm1d',
    name,
    from,
    { num_features: width, eps: 0, affine: isInverse },
    {
      running_mean: isInverse ? filled(width, 0) : tensorOf([width], mean),
      running_var: isInverse
        ? filled(width, 1)
        : tensorOf(
            [width],
            deviation.map((one) => one * one),
          ),
      ...(isInverse ? { weight: tensorOf([width], deviation), bias: tensorOf([width], mean) } : {}),
    },
  )
  return { ...from, id }
}

function spread(context: KerasLayerContext, values: ArrayLike<number> | undefined, width: number): number[] {
  const list = Array.from(values ?? [])
  if (list.length === width) return list
  if (list.length === 1) return Array.from({ length: width }, () => list[0]!)
  throw refused(
    context,
    `it has ${list.length} means or variances for ${width} features`,
    'call adapt() and save again',
  )
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  if (Array.isArray(value)) return value.flatMap(numbersIn)
  // Keras 3 wraps an array: { class_name: "__numpy__", config: { value: […] } }.
  return typeof value === 'object' && value !== null ? numbersIn(objectOf((value as Json)['config'])['value']) : []
}

function importMerge(context: KerasLayerContext, type: string): KerasValue {
  const from = equallyOrdered(context)
  return { ...from, id: context.declaration.add(type, context.name, context.inputs) }
}

function importConcatenate(context: KerasLayerContext): KerasValue {
  const from = equallyOrdered(context)
  expectFeatures(context, from, context.config['axis'] ?? -1)
  const width = context.inputs.reduce((sum, value) => sum + value.width, 0)
  return { ...from, width, id: context.declaration.add('Concat', context.name, context.inputs) }
}

function equallyOrdered(context: KerasLayerContext): KerasValue {
  const [from, ...others] = context.inputs
  if (from === undefined || others.length === 0) throw refused(context, 'it reads one value', 'give it two or more')
  if (others.every(({ flipped }) => flipped === from.flipped)) return from
  throw refused(context, 'it joins a sequence with one that runs backwards', 'leave out go_backwards')
}

function importPool(context: KerasLayerContext, how: 'mean' | 'maximum'): KerasValue {
  const { config, declaration, name } = context
  const from = onlyInput(context)
  if (config['keepdims'] === true) throw refused(context, 'keepdims', 'leave it out')
  if (config['data_format'] === 'channels_first') throw refused(context, 'channels_first', 'use channels_last')
  return vectorOf(from, declaration.add('Pool', name, from, { how }))
}

function importFlatten(context: KerasLayerContext): KerasValue {
  const from = onlyInput(context)
  if (!from.sequence) return from
  if (from.flipped) throw refused(context, 'it flattens a sequence that runs backwards', 'leave out go_backwards')
  if (from.ticks === null) throw refused(context, 'the number of ticks is not in the file', 'give the Input its length')
  const id = context.declaration.add('Flatten', context.name, from, { ticks: from.ticks })
  return { ...vectorOf(from, id), width: from.width * from.ticks }
}

function importRepeat(context: KerasLayerContext): KerasValue {
  const from = onlyInput(context)
  const ticks = Number(context.config['n'])
  const id = context.declaration.add('Repeat', context.name, from, { ticks })
  return { ...from, id, sequence: true, ticks, flipped: false }
}

function vectorOf(from: KerasValue, id: string): KerasValue {
  return { ...from, id, sequence: false, ticks: null, flipped: false }
}

/** The last axis is the only one that normalisation, softmax and concatenation work on here. */
function expectFeatures(context: KerasLayerContext, from: KerasValue, axis: unknown): void {
  const one = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis
  const last = from.sequence ? 2 : 1
  if (one === -1 || one === last) return
  throw refused(context, `axis ${JSON.stringify(axis)}`, 'built is the last axis, -1')
}

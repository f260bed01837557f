import { unzipSync } from 'fflate'
import { OperatingError } from '../../base/errors.ts'
import type { Tensor } from '../../model/tensor.ts'
import { type Json, type KerasLayer, objectOf } from './keras-config.ts'
import { Hdf5File } from './keras-hdf5.ts'

/** Largest part of a `.keras` archive that is unpacked: 512 hidden units in eight layers take 67 MB. */
const partBytesMax = 1 << 30

/** A saved Keras model, whichever of its formats it is in. */
export interface KerasFile {
  readonly format: '.keras' | '.h5' | 'TF.js'
  /** As the file says, for instance `3.12.0`. */
  readonly version: string
  readonly config: Json
  /**
   * The weights of a layer, in the order in which Keras lists them.
   *
   * `parts` are the places of its sub-layers below it in a `.keras` file (`cell`, `forward_layer/cell`, …).
   */
  weights(layer: KerasLayer, parts: readonly string[]): Tensor[]
}

/** Opens what Keras saved: a `.keras` archive, or the older HDF5 file. The first bytes decide, not the name. */
export function openKerasFile(bytes: Uint8Array, layersOf: (config: Json) => readonly KerasLayer[]): KerasFile {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return openArchive(bytes, layersOf)
  const isHdf5 = [0x89, 0x48, 0x44, 0x46].every((byte, at) => bytes[at] === byte)
  if (!isHdf5) throw new OperatingError('model', 'this is neither a .keras archive nor an HDF5 file')
  return openLegacy(new Hdf5File(bytes))
}

function openArchive(bytes: Uint8Array, layersOf: (config: Json) => readonly KerasLayer[]): KerasFile {
  const parts = unzip(bytes)
  const take = (name: string): Uint8Array => {
    const part = parts[name]
    if (part === undefined) throw new OperatingError('model', `the .keras archive has no ${name}`)
    return part
  }
  const config = parseJson('config.json', new TextDecoder().decode(take('config.json')))
  const metadata = parseJson('metadata.json', new TextDecoder().decode(take('metadata.json')))
  const file = new Hdf5File(take('model.weights.h5'))
  const folders = foldersOf(layersOf(config))
  return {
    format: '.keras',
    version: String(metadata['keras_version'] ?? ''),
    config,
    weights: (layer, parts) => parts.flatMap((part) => variablesIn(file, `layers/${folders.get(layer.name)}/${part}`)),
  }
}

/** Weights lie under the class and its counter, not under the layer's name: `layers/lstm_1/cell/vars/0`. */
function foldersOf(layers: readonly KerasLayer[]): Map<string, string> {
  const seen = new Map<string, number>()
  const folders = new Map<string, string>()
  for (const { className, name } of layers) {
    const folder = snakeCase(className)
    const count = seen.get(folder) ?? 0
    folders.set(name, count === 0 ? folder : `${folder}_${count}`)
    seen.set(folder, count + 1)
  }
  return folders
}

/** Keras' own way to make a folder of a class: GlobalMaxPooling1D → global_max_pooling1d. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

function variablesIn(file: Hdf5File, folder: string): Tensor[] {
  const keys = file.keys(`${folder}/vars`)
  const order = keys.map(Number).sort((a, b) => a - b)
  return order.flatMap((key) => {
    // The count of an adapted Normalization and the state of a dropout's generator are whole numbers; nothing reads them.
    const path = `${folder}/vars/${key}`
    return file.isFloat(path) ? [file.tensor(path)] : []
  })
}

function unzip(bytes: Uint8Array): Record<string, Uint8Array> {
  const wanted = ['config.json', 'metadata.json', 'model.weights.h5']
  try {
    return unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!wanted.includes(name)) return false
        if (originalSize > partBytesMax) throw new OperatingError('model', `${name} claims ${originalSize} bytes`)
        return true
      },
    })
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause
    throw new OperatingError('model', 'the .keras archive is damaged or cut off: save it again', { cause })
  }
}

function openLegacy(file: Hdf5File): KerasFile {
  const text = file.text('', 'model_config')
  if (text === undefined) {
    throw new OperatingError('model', 'this HDF5 file holds weights without their model: save it with model.save()')
  }
  const version = file.text('', 'keras_version') ?? file.text('model_weights', 'keras_version') ?? ''
  return {
    format: '.h5',
    version,
    config: parseJson('model_config', text),
    weights({ name }) {
      const folder = `model_weights/${name}`
      const paths = file.texts(folder, 'weight_names').map((weight) => `${folder}/${weight}`)
      return paths.flatMap((path) => (file.isFloat(path) ? [file.tensor(path)] : []))
    },
  }
}

function parseJson(name: string, text: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new OperatingError('model', `${name} is no JSON that can be read`, { cause })
  }
  return objectOf(value)
}

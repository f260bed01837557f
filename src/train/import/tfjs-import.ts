import { joinBytes } from '../../base/bytes.ts'
import { asOperatingError, OperatingError } from '../../base/errors.ts'
import type { Model } from '../../model/model.ts'
import { halfToNumber } from '../../model/safetensors.ts'
import type { Tensor } from '../../model/tensor.ts'
import { type Json, objectOf } from './keras-config.ts'
import type { KerasFile } from './keras-file.ts'
import { translateKeras } from './keras-import.ts'

/**
 * Reads a TensorFlow.js layers model: `model.json` and the shards it names, by the conventions of Keras 2.
 *
 * `readShard` gives the bytes of a file beside model.json. Weights: float32, and those that the converter quantised
 * (float16, uint8 and uint16 with scale and minimum).
 * Errors: `OperatingError('model')` for a graph model, a layer that is not built, or shards that are cut off.
 */
export function importTfjs(bytes: Uint8Array, name: string, readShard: (path: string) => Uint8Array): Model {
  try {
    return translateKeras(openTfjs(bytes, readShard), name)
  } catch (error) {
    throw asOperatingError(error, 'model')
  }
}

function fail(detail: string): never {
  throw new OperatingError('model', detail)
}

function openTfjs(bytes: Uint8Array, readShard: (path: string) => Uint8Array): KerasFile {
  const json = parse(bytes)
  const topology = json['modelTopology']
  if (json['format'] === 'graph-model' || (isObject(topology) && 'node' in topology)) {
    return fail(
      'this is a TF.js graph model, operators without the layers they came from: convert with tensorflowjs_converter --output_format tfjs_layers_model, or export the model to .keras or ONNX',
    )
  }
  if (!isObject(topology) || !Array.isArray(json['weightsManifest'])) {
    return fail('this is no TF.js layers model: model.json needs modelTopology and weightsManifest')
  }
  const weights = readWeights(json['weightsManifest'] as unknown[], readShard)
  return {
    format: 'TF.js',
    version: kerasVersion(topology['keras_version']),
    // The converter wraps the configuration, TF.js itself does not.
    config: objectOf(topology['model_config'] ?? topology),
    weights: ({ name }) => [...weights].flatMap(([path, tensor]) => (path.startsWith(`${name}/`) ? [tensor] : [])),
  }
}

/** TF.js has Keras 2's conventions, and writes `tfjs-layers 4.22.0` where the converter writes Keras' version. */
function kerasVersion(version: unknown): string {
  return typeof version === 'string' && /^\d/.test(version) ? version : '2'
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(bytes: Uint8Array): Json {
  try {
    return objectOf(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new OperatingError('model', 'model.json is no JSON object that can be read: it may be cut off', { cause })
  }
}

/** All weights by name, in the manifest's order. */
function readWeights(manifest: readonly unknown[], readShard: (path: string) => Uint8Array): Map<string, Tensor> {
  const all = new Map<string, Tensor>()
  for (const group of manifest.map(objectOf)) {
    const paths = Array.isArray(group['paths']) ? (group['paths'] as unknown[]) : []
    const bytes = joinBytes(paths.map((path) => readShard(shardName(path))))
    let at = 0
    for (const spec of Array.isArray(group['weights']) ? (group['weights'] as unknown[]).map(objectOf) : []) {
      const { tensor, end } = readWeight(spec, bytes, at, paths)
      // Counters, such as that of an adapted Normalization, are whole numbers; nothing reads them.
      if (spec['dtype'] !== 'int32') all.set(String(spec['name']), tensor)
      at = end
    }
    if (at !== bytes.length) fail(`the shards ${paths.join(', ')} have ${bytes.length} bytes, the manifest says ${at}`)
  }
  return all
}

/** A shard lies in the model's own folder: a manifest must not lead to other files. */
function shardName(path: unknown): string {
  // What a browser downloads is named ./model.weights.bin.
  const name = typeof path === 'string' ? path.replace(/^\.\//, '') : ''
  if (/^\w[\w.-]*$/.test(name)) return name
  return fail(`the manifest names the shard ${JSON.stringify(path)}: shards must lie beside model.json`)
}

const widths: Readonly<Record<string, number>> = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1 }

function readWeight(
  spec: Json,
  bytes: Uint8Array,
  at: number,
  paths: readonly unknown[],
): { tensor: Tensor; end: number } {
  const name = String(spec['name'])
  const quantization = spec['quantization'] === undefined ? null : objectOf(spec['quantization'])
  const stored = String(quantization?.['dtype'] ?? spec['dtype'])
  const width = widths[stored]
  const isPlain = quantization === null && (stored === 'float32' || stored === 'int32')
  if (width === undefined || !(isPlain || (spec['dtype'] === 'float32' && quantization !== null))) {
    return fail(`weight ${name} is ${String(spec['dtype'])} stored as ${stored}: convert the model in float32`)
  }
  const shape = Array.isArray(spec['shape']) ? (spec['shape'] as number[]) : []
  const count = shape.reduce((product, size) => product * size, 1)
  const end = at + count * width
  if (!(Number.isSafeInteger(count) && count >= 0 && end <= bytes.length)) {
    const shards = paths.join(', ') || 'none'
    return fail(
      `weight ${name} [${shape}] goes beyond the end of its shards (${shards}): they are cut off or another model's; copy or save them again`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = elementReader(view, stored, name, quantization)
  return { tensor: { shape, data: Float32Array.from({ length: count }, (_, index) => read(at + index * width)) }, end }
}

/** Whole numbers q stand for scale·q + min; float16 is as it is. */
function elementReader(
  view: DataView,
  stored: string,
  name: string,
  quantization: Json | null,
): (at: number) => number {
  if (stored === 'int32') return (at) => view.getInt32(at, true)
  if (stored === 'float32') return (at) => view.getFloat32(at, true)
  if (stored === 'float16') return (at) => halfToNumber(view.getUint16(at, true))
  const { scale, min } = quantization ?? {}
  if (typeof scale !== 'number' || typeof min !== 'number') {
    return fail(`weight ${name} is quantised without scale and min: convert the model again`)
  }
  if (stored === 'uint8') return (at) => view.getUint8(at) * scale + min
  return (at) => view.getUint16(at, true) * scale + min
}

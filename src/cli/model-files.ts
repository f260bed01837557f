import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatingError } from '../base/errors.ts'
import { type Architecture, parseArchitecture } from '../model/architecture.ts'
import { createModel, type Forecast, type Model, type ModelCard } from '../model/model.ts'
import { parseSafetensors, type TensorFile } from '../model/safetensors.ts'
import { importKeras } from '../train/import/keras-import.ts'
import { importOnnx } from '../train/import/onnx-import.ts'

/** Models that ship with the program, beside its code both in the source tree and in the build. */
const shipped: Readonly<Record<string, string>> = {
  base: join(dirname(fileURLToPath(import.meta.url)), '..', 'model', 'base'),
}

const notBuilt: Readonly<Record<string, string>> = {
  '.pt': 'PyTorch pickle files',
  '.pth': 'PyTorch pickle files',
  '.json': 'TensorFlow.js models',
}

/** Formats that say themselves what they compute. */
const importers: Readonly<Record<string, (bytes: Uint8Array, name: string) => Model>> = {
  '.keras': importKeras,
  '.h5': importKeras,
  '.hdf5': importKeras,
  '.onnx': importOnnx,
}

/**
 * Reads a Residua model: a name that ships (`base`) or a directory with `model.json` and `weights.safetensors`.
 *
 * Errors: `OperatingError('model')` that names the path and what is missing or wrong.
 */
export function loadModelFiles(nameOrDir: string): Model {
  const dir = shipped[nameOrDir] ?? resolve(nameOrDir)
  const path = join(dir, 'model.json')
  if (!existsSync(path)) {
    const known = Object.keys(shipped).join(', ')
    throw new OperatingError('model', `no model "${nameOrDir}": ${path} does not exist (models that ship: ${known})`)
  }
  const json = readJson(path)
  if (json['format'] !== 1) throw new OperatingError('model', `${path}: format ${String(json['format'])} is not 1`)
  const name = typeof json['name'] === 'string' ? json['name'] : basename(dir)
  const file = readTensors(join(dir, 'weights.safetensors'))
  return createModel(name, parseArchitecture(json['architecture']), file.tensors, {
    forecast: parseForecast(path, json['forecast']),
    card: (json['card'] as ModelCard | undefined) ?? null,
  })
}

/**
 * Reads a model directory, what Keras or ONNX saved (`.keras`, `.h5`, `.onnx`), or a PyTorch state dict in
 * `.safetensors` with its architecture in PyTorch's words.
 *
 * Errors: `OperatingError('model')`; formats that are not built (.pt, TF.js) are refused by name.
 */
export function readModel(path: string, architecture?: unknown): Model {
  const extension = extname(path).toLowerCase()
  const refusedFormat = notBuilt[extension]
  if (refusedFormat !== undefined) {
    throw new OperatingError('model', `${path}: ${refusedFormat} (${extension}) are not read yet; .safetensors are`)
  }
  const importer = importers[extension]
  if (importer !== undefined) {
    if (architecture === undefined) return importFile(path, importer)
    throw new OperatingError('model', `${path}: the file has its own architecture; leave the option out`)
  }
  if (extension !== '.safetensors') {
    if (existsSync(path) && !statSync(path).isDirectory()) {
      throw new OperatingError('model', `${path} is neither a model directory nor a .safetensors file`)
    }
    if (architecture !== undefined) {
      throw new OperatingError('model', `${path}: a model directory has its own architecture; leave the option out`)
    }
    return loadModelFiles(path)
  }
  if (architecture === undefined) {
    throw new OperatingError('model', `${path}: a state dict needs { architecture } in PyTorch's words`)
  }
  const parsed: Architecture = parseArchitecture(architecture)
  return createModel(basename(path, extension), parsed, readTensors(path).tensors)
}

function readJson(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  } catch (cause) {
    throw new OperatingError('model', `${path} is no JSON that can be read`, { cause })
  }
}

function importFile(path: string, importer: (bytes: Uint8Array, name: string) => Model): Model {
  const bytes = readBytes(path)
  try {
    return importer(bytes, basename(path, extname(path)))
  } catch (cause) {
    throw new OperatingError('model', `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new OperatingError('model', `${path} cannot be read`, { cause })
  }
}

function readTensors(path: string): TensorFile {
  const bytes = readBytes(path)
  try {
    return parseSafetensors(bytes)
  } catch (cause) {
    throw new OperatingError('model', `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

function parseForecast(path: string, json: unknown): Forecast | null {
  if (json === undefined || json === null) return null
  const { horizons, inputClip } = json as { horizons?: unknown; inputClip?: unknown }
  if (!Number.isInteger(horizons) || typeof inputClip !== 'number' || !(inputClip > 0)) {
    throw new OperatingError('model', `${path}: forecast needs whole horizons and a positive inputClip`)
  }
  return { horizons: horizons as number, inputClip }
}

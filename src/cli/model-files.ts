import { existsSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatingError } from '../base/errors.ts'
import { type Architecture, parseArchitecture } from '../model/architecture.ts'
import { createModel, type Model } from '../model/model.ts'
import { parseSafetensors } from '../model/safetensors.ts'
import { importKeras } from '../train/import/keras-import.ts'
import { importOnnx } from '../train/import/onnx-import.ts'
import { importSafetensors } from '../train/import/safetensors-import.ts'
import { importTfjs } from '../train/import/tfjs-import.ts'
import { importTorch } from '../train/import/torch-import.ts'
import { parseCard } from './model-card.ts'
import { parseForecast, parsePeriod, parseScaler } from './model-directory.ts'
import { parseCalibrations, parseLinear } from './model-linear.ts'
import { fromFile, readBytes, readJsonObject } from './read-file.ts'

/** Models that ship with the program, beside its code both in the source tree and in the build. */
export const shippedModels: Readonly<Record<string, string>> = {
  base: join(dirname(fileURLToPath(import.meta.url)), '..', 'model', 'base'),
}

/** Formats that say themselves what they compute. */
const importers: Readonly<Record<string, (bytes: Uint8Array, name: string, path: string) => Model>> = {
  '.keras': importKeras,
  '.h5': importKeras,
  '.hdf5': importKeras,
  '.onnx': importOnnx,
  '.json': (bytes, name, path) =>
    importTfjs(bytes, name, (shard) => readBytes(join(dirname(path), shard), 'model', importAgain)),
}

/** Weights alone: they need an architecture in PyTorch's words. */
const stateDicts: Readonly<Record<string, (bytes: Uint8Array, name: string, architecture: Architecture) => Model>> = {
  '.safetensors': importSafetensors,
  '.pt': importTorch,
  '.pth': importTorch,
}

/** What is done about a model directory that is damaged. */
export const trainAgain = 'train or import it again, or put it back from a backup'
const importAgain = 'copy or save it again'

/**
 * Reads a Residua model: a name that ships (`base`) or a directory with `model.json` and `weights.safetensors`.
 *
 * Errors: `OperatingError('model')` that names the path and what is missing or wrong, also where the two files are not
 * of one model, as a write that was killed between them leaves it.
 */
export function loadModelFiles(nameOrDir: string): Model {
  const dir = shippedModels[nameOrDir] ?? resolve(nameOrDir)
  const path = join(dir, 'model.json')
  if (!existsSync(path)) {
    const known = Object.keys(shippedModels).join(', ')
    throw new OperatingError('model', `no model "${nameOrDir}": ${path} does not exist (models that ship: ${known})`)
  }
  const json = readJsonObject(path, 'model', trainAgain)
  const { name, architecture, ...options } = fromFile(path, 'model', trainAgain, () => describedBy(path, json, dir))
  const weights = join(dir, 'weights.safetensors')
  const bytes = readBytes(weights, 'model', trainAgain)
  return fromFile(weights, 'model', trainAgain, () => {
    const model = createModel(name, architecture, parseSafetensors(bytes).tensors, options)
    const { fingerprint = model.fingerprint } = json
    if (fingerprint === model.fingerprint) return model
    const why = `these weights and model.json have the fingerprint ${model.fingerprint}, model.json says ${String(fingerprint)}`
    throw new Error(`${why}; where you edited it, remove its "fingerprint"`)
  })
}

/** What `model.json` says of a model, checked. */
function describedBy(path: string, json: Readonly<Record<string, unknown>>, dir: string) {
  if (json['format'] !== 1) throw new Error(`its format is ${String(json['format'])}, not 1`)
  return {
    name: typeof json['name'] === 'string' ? json['name'] : basename(dir),
    architecture: parseArchitecture(json['architecture']),
    forecast: parseForecast(path, json['forecast']),
    linear: parseLinear(path, json['linear']),
    calibrations: parseCalibrations(path, json['calibrations']),
    scaler: parseScaler(path, json['scaler']),
    periodMs: parsePeriod(path, json['periodMs']),
    card: parseCard(json['card']),
  }
}

/**
 * Reads a model directory, what Keras, ONNX or TF.js saved (`.keras`, `.h5`, `.onnx`, `model.json` with its shards), or
 * a PyTorch state dict (`.safetensors`, `.pt`) with its architecture in PyTorch's words.
 *
 * Errors: `OperatingError('model')` naming the file, what of it is not built or damaged, and what to do.
 */
export function readModel(path: string, architecture?: unknown): Model {
  const extension = extname(path).toLowerCase()
  const name = nameOf(path)
  const stateDict = stateDicts[extension]
  if (stateDict !== undefined) {
    if (architecture === undefined) {
      throw new OperatingError('model', `${path}: a state dict needs { architecture } in PyTorch's words`)
    }
    const parsed = parseArchitecture(architecture)
    return importFile(path, (bytes) => stateDict(bytes, name, parsed))
  }
  const importer = importers[extension]
  if (importer !== undefined) {
    if (architecture === undefined) return importFile(path, (bytes) => importer(bytes, name, path))
    throw new OperatingError('model', `${path}: the file has its own architecture; leave the option out`)
  }
  if (existsSync(path) && !statSync(path).isDirectory()) {
    const known = [...Object.keys(stateDicts), ...Object.keys(importers)].join(', ')
    throw new OperatingError('model', `${path} is neither a model directory nor a file of a known kind: ${known}`)
  }
  if (architecture !== undefined) {
    throw new OperatingError('model', `${path}: a model directory has its own architecture; leave the option out`)
  }
  return loadModelFiles(path)
}

/** A file's own name; TF.js calls every model `model.json`, so there it is the folder's. */
function nameOf(path: string): string {
  const name = basename(path, extname(path))
  return basename(path) === 'model.json' ? basename(dirname(resolve(path))) : name
}

function importFile(path: string, read: (bytes: Uint8Array) => Model): Model {
  const bytes = readBytes(path, 'model', importAgain)
  try {
    return read(bytes)
  } catch (cause) {
    throw new OperatingError('model', `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

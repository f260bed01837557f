import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { messageOf, OperatingError } from '../../base/errors.ts'
import { setFingerprint } from '../../core/forecaster.ts'
import type { Model, TrainedOn } from '../../model/model.ts'
import { makeDirectory } from '../../ports/make-directory.ts'
import { UsageError } from '../failure.ts'
import { modelFiles } from '../model-directory.ts'
import { loadModelFiles } from '../model-files.ts'
import { readModelSet } from '../model-set.ts'
import { readBytes } from '../read-file.ts'
import { reportFiles } from '../train/training-report.ts'
import type { VersionRecord } from './record.ts'

/** What is loaded, and so what is watched for change. */
const loaded = modelFiles

/** What a directory with a model, or with a model a sensor, says of itself. */
export type Described = Pick<VersionRecord, 'fingerprint' | 'sensors' | 'parent' | 'data' | 'metrics' | 'files'>

/**
 * Reads a directory as a version of a registry: every model in it loads and forecasts.
 *
 * Errors: `UsageError` for what is no model directory; `OperatingError('model')` as loading, or for a network without forecast.
 */
export function describeModels(dir: string): Described {
  if (!existsSync(join(dir, 'model.json')) || !statSync(dir).isDirectory()) {
    throw new UsageError(
      `${dir} is no model directory (it has no model.json); residua models import makes one of a file`,
    )
  }
  const folders = foldersOf(dir)
  const models = [...folders].map(([sensor, folder]) => [sensor, forecasting(join(dir, folder))] as const)
  const isSet = !folders.has('')
  return {
    fingerprint: isSet ? setFingerprint(new Map(models)) : models[0]![1].fingerprint,
    sensors: isSet ? models.length : 0,
    parent: agreed(models.map(([, model]) => model.card?.from)),
    data: dataOf(models.map(([, { card }]) => card?.trainedOn)),
    metrics: metricsOf(models.map(([, { card }]) => ({ ...lossesOf(card), ...card?.metrics }))),
    files: hashesOf(dir),
  }
}

function forecasting(dir: string): Model {
  const model = loadModelFiles(dir)
  if (model.forecast !== null) return model
  const fix = 'import it again with --horizons and --target'
  throw new OperatingError('model', `${dir} runs, but forecasts nothing, so it gives no scores; ${fix}`)
}

/** Folders by sensor, relative; one with the name '' for a single model. */
function foldersOf(dir: string): ReadonlyMap<string, string> {
  const folders = readModelSet(dir)
  if (folders === null) return new Map([['', '']])
  return new Map(
    [...folders].map(([sensor, folder]) => {
      const inside = relative(dir, folder)
      if (inside !== '' && !isAbsolute(inside) && inside.split(sep)[0] !== '..') return [sensor, inside]
      throw new OperatingError(
        'model',
        `${join(dir, 'model.json')}: the model of "${sensor}" lies outside the directory`,
      )
    }),
  )
}

/** Paths of what is loaded, relative: the list of a set, and the files of each model. */
function loadedPaths(dir: string): string[] {
  const folders = [...foldersOf(dir).values()]
  const files = folders.flatMap((folder) => loaded.map((name) => join(folder, name)))
  return [...new Set(['model.json', ...files])]
}

/** SHA-256 of each file that is loaded. */
function hashesOf(dir: string): Record<string, string> {
  return Object.fromEntries(
    loadedPaths(dir).map((path) => [path.split(sep).join('/'), sha256(readFileSync(join(dir, path)))]),
  )
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Compares the files of a version with what they were when it was added.
 *
 * Errors: `OperatingError('model')` naming the first file that is missing, cut or changed.
 */
export function verifyFiles(dir: string, title: string, { files }: Pick<VersionRecord, 'files'>): void {
  for (const [path, hash] of Object.entries(files)) {
    const file = join(dir, path)
    const fix = 'put the file back, or promote another version'
    let bytes: Uint8Array
    try {
      bytes = readFileSync(file)
    } catch (cause) {
      throw new OperatingError('model', `${title}: ${file} cannot be read (${messageOf(cause)}); ${fix}`, { cause })
    }
    if (sha256(bytes) === hash) continue
    throw new OperatingError('model', `${title}: ${file} is not what was registered (its SHA-256 differs); ${fix}`)
  }
}

/** Copies a directory's models, with the report of their training. Errors: as the file system. */
export function copyModels(from: string, to: string): void {
  makeDirectory(to)
  copyLastingly(join(from, 'model.json'), join(to, 'model.json'))
  for (const folder of foldersOf(from).values()) {
    makeDirectory(join(to, folder))
    for (const name of [...loaded, 'plan.json', ...reportFiles]) {
      const file = join(from, folder, name)
      if (existsSync(file)) copyLastingly(file, join(to, folder, name))
    }
  }
}

function copyLastingly(from: string, to: string): void {
  writeFileSync(to, readBytes(from, 'model', 'take it out, or train the model again'), { flush: true })
}

/** What all say; a set of several parents names them. */
function agreed(texts: readonly (string | undefined)[]): string | null {
  const different = [...new Set(texts.filter((text) => text !== undefined))]
  return different.length === 0 ? null : different.join(', ')
}

/** The data of one model, or of a set together. */
function dataOf(parts: readonly (TrainedOn | undefined)[]): VersionRecord['data'] {
  const known = parts.filter((part) => part !== undefined)
  const first = known[0]
  if (first === undefined) return null
  if (known.length === 1) return { ...first, channels: [...first.channels], files: [...first.files] }
  return {
    fingerprint: sha256(
      Buffer.from(
        known
          .map(({ fingerprint }) => fingerprint)
          .sort()
          .join(),
      ),
    ),
    rows: known.reduce((sum, { rows }) => sum + rows, 0),
    fromMs: Math.min(...known.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...known.map(({ toMs }) => toMs)),
    channels: [...new Set(known.flatMap(({ channels }) => channels))],
    files: [...new Set(known.flatMap(({ files }) => files))],
  }
}

function lossesOf(card: Model['card']): Record<string, number> {
  return Object.fromEntries(Object.entries(card?.losses ?? {}).map(([name, value]) => [`loss.${name}`, value]))
}

/** The figures of one model; of a set, the mean of those that mean the same in every unit. */
function metricsOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> | null {
  if (all.length === 1) return Object.keys(all[0]!).length === 0 ? null : { ...all[0]! }
  const relative = all.map((one) => one['relativeError']).filter((value) => value !== undefined)
  if (relative.length === 0) return null
  const rows = all.reduce((sum, one) => sum + (one['testRows'] ?? 0), 0)
  return { testRows: rows, relativeError: relative.reduce((sum, value) => sum + value, 0) / relative.length }
}

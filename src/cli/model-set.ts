import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OperatingError } from '../base/errors.ts'
import type { PipelineModels } from '../core/live-pipeline.ts'
import { writeWhole } from './model-directory.ts'
import { loadModelFiles } from './model-files.ts'

/** The folder of a sensor's model: its id, with what no file system likes percent-encoded. */
export function folderOf(sensor: string): string {
  return encodeURIComponent(sensor).replaceAll('*', '%2A').replaceAll('.', '%2E')
}

/** Writes which sensor's model is in which folder of a directory. Errors: `OperatingError('write')`. */
export function writeModelSet(dir: string, folders: ReadonlyMap<string, string>): void {
  const json = { format: 1, kind: 'set', models: Object.fromEntries(folders) }
  writeWhole(dir, 'model.json', `${JSON.stringify(json, null, 2)}\n`)
}

/**
 * The folders by sensor of a directory with a model a channel; null where the directory is one model.
 *
 * Errors: `OperatingError('model')` for a list that cannot be read.
 */
export function readModelSet(dir: string): ReadonlyMap<string, string> | null {
  const path = join(dir, 'model.json')
  if (!existsSync(path)) return null
  let json: { kind?: unknown; models?: unknown }
  try {
    json = JSON.parse(readFileSync(path, 'utf8')) as typeof json
  } catch (cause) {
    throw new OperatingError('model', `${path} is no JSON that can be read`, { cause })
  }
  if (json.kind !== 'set') return null
  const entries = Object.entries((json.models ?? {}) as Record<string, unknown>)
  const folders = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  if (folders.length === 0 || folders.length < entries.length) {
    throw new OperatingError('model', `${path}: "models" must name a folder for every sensor`)
  }
  return new Map(folders.map(([sensor, folder]) => [sensor, join(dir, folder)]))
}

/**
 * Loads what a pipeline runs: one model for every sensor, or a directory with a model a channel; with the latter, sensors
 * that have none of their own are forecast by `base`.
 *
 * Errors: `OperatingError('model')` naming what is missing or wrong.
 */
export function loadPipelineModels(nameOrDir: string): PipelineModels {
  const folders = readModelSet(nameOrDir)
  if (folders === null) return { model: loadModelFiles(nameOrDir), own: new Map() }
  const own = new Map([...folders].map(([sensor, folder]) => [sensor, loadModelFiles(folder)]))
  return { model: loadModelFiles('base'), own }
}

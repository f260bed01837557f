import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { OperatingError } from '../base/errors.ts'
import type { PipelineModels } from '../core/live-pipeline.ts'
import { writeWhole } from './model-directory.ts'
import { loadModelFiles, trainAgain } from './model-files.ts'
import { readJsonObject } from './read-file.ts'

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
  const json = readJsonObject(path, 'model', trainAgain)
  if (json['kind'] !== 'set') return null
  const { models } = json
  const entries = typeof models === 'object' && models !== null ? Object.entries(models) : []
  const folders = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  if (folders.length === 0 || folders.length < entries.length) {
    throw new OperatingError('model', `${path}: "models" must name a folder for every sensor: ${trainAgain}`)
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

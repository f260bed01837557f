import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { deadLetterAdapters, sinkAdapters, sourceAdapters } from '../adapters/registry.ts'
import { messageOf } from '../base/errors.ts'
import { type AdapterTables, type Config, parseConfig } from '../config/parse.ts'
import { UsageError } from './failure.ts'
import { loadModelFiles } from './model-files.ts'

/** The registry as configuration sees it. */
export const adapterTables: AdapterTables = {
  sources: sourceAdapters,
  sinks: sinkAdapters,
  deadLetters: deadLetterAdapters,
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function modelMistake(name: string): string | undefined {
  try {
    loadModelFiles(name)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/**
 * Reads and checks a configuration file; relative paths inside it start from the working directory.
 *
 * Errors: `UsageError` when the file cannot be read; `ConfigurationError` with all problems of what it says, secrets
 * and models that this machine does not have among them.
 */
export function readConfig(file: string): Config {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`the configuration ${file} cannot be read: ${messageOf(error)}; name it with --config FILE`)
  }
  return parseConfig(text, adapterTables, { environment: (name) => process.env[name], readable, modelMistake })
}

import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { deadLetterAdapters, historyAdapters, sinkAdapters, sourceAdapters } from '../adapters/registry.ts'
import { messageOf } from '../base/errors.ts'
import { type AdapterTables, type Config, parseConfig } from '../config/parse.ts'
import { UsageError } from './failure.ts'
import { loadNamedModels } from './named-models.ts'
import { readHolidays } from './read-holidays.ts'

/** The registry as configuration sees it. */
export const adapterTables: AdapterTables = {
  sources: sourceAdapters,
  sinks: sinkAdapters,
  deadLetters: deadLetterAdapters,
  histories: historyAdapters,
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Why something cannot be loaded; undefined when it can. */
function mistakeOf(load: () => unknown): string | undefined {
  try {
    load()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/**
 * Reads and checks a configuration file; relative paths inside it start from the working directory.
 *
 * `registry` (`--registry`, `RESIDUA_MODELS`) stands before the file's `models.path`.
 * Errors: `UsageError` when the file cannot be read; `ConfigurationError` with all problems of what it says, secrets
 * and models that this machine does not have among them.
 */
export function readConfig(file: string, registry?: string): Config {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`the configuration ${file} cannot be read: ${messageOf(error)}; name it with --config FILE`)
  }
  const config = parseConfig(text, adapterTables, {
    environment: (name) => process.env[name],
    readable,
    modelMistake: (name, inFile) => mistakeOf(() => loadNamedModels(name, registry ?? inFile)),
    holidaysMistake: (path) => mistakeOf(() => readHolidays(path)),
  })
  return registry === undefined ? config : Object.freeze({ ...config, models: Object.freeze({ path: registry }) })
}

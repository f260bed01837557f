import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Model } from '../../model/model.ts'
import { type ExportFormat, exportModel } from '../../train/export/export-model.ts'
import { UsageError } from '../failure.ts'
import { writeWhole } from '../model-directory.ts'
import { readModel } from '../model-files.ts'
import { linearToJson } from '../model-linear.ts'
import { resolveModel } from '../named-models.ts'
import { readArchitectureFile } from './read-architecture.ts'

interface ExportArguments {
  readonly format: ExportFormat
  readonly out: string
  readonly architecture?: string
  readonly force?: boolean
  readonly registry?: string
}

function linearFile({ linear, forecast }: Model): Uint8Array {
  const json = { linear: linearToJson(linear!), forecast }
  return new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`)
}

/**
 * Writes a model's network in another format, and says which files there are.
 *
 * Errors: `UsageError` where files are there already; `OperatingError('model')` naming what the format cannot express.
 */
export function exportToFiles(named: string, { format, out, architecture, force, registry }: ExportArguments): void {
  const model = readModel(resolveModel(named, registry).path, readArchitectureFile(architecture))
  const files = exportModel(model, format)
  // No other format has the linear part: it goes beside the network, and `import --linear` takes it back.
  if (model.linear !== null) files.set('linear.json', linearFile(model))
  const there = [...files.keys()].map((name) => join(out, name)).find((file) => existsSync(file))
  if (there !== undefined && force !== true) {
    throw new UsageError(`${there} is there already: name another directory with --out, or give --force`)
  }
  for (const [name, bytes] of files) writeWhole(out, name, bytes)
  for (const [name, { length }] of files) process.stdout.write(`${join(out, name)}  ${length} bytes\n`)
}

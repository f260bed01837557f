import { stringify } from 'yaml'
import { formatBytes, formatDuration } from '../base/units.ts'
import type { AdapterTables, Config } from './parse.ts'
import { fileSchema } from './schema.ts'
import { type AnySchema, childSchema, marksOf } from './schema-walk.ts'

function written(value: unknown, schema: AnySchema | undefined): unknown {
  const { unit } = marksOf(schema)
  if (typeof value === 'number' && unit === 'duration') return value === Infinity ? 'never' : formatDuration(value)
  if (typeof value === 'number' && unit === 'bytes') return formatBytes(value)
  if (typeof value === 'number' && unit === 'time') return new Date(value).toISOString()
  if (Array.isArray(value)) {
    return value.map((item, index) => written(item, schema && childSchema(schema, index, value)))
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, child]) => child !== undefined && typeof child !== 'function')
  return Object.fromEntries(
    entries.map(([key, child]) => [key, written(child, schema && childSchema(schema, key, value))]),
  )
}

/**
 * The configuration in force as a value in the file's own form: every default written out, durations and sizes with
 * units, secrets as the references they are. It can be written to a file and used again.
 */
export function effectiveConfig(config: Config, tables: AdapterTables): Readonly<Record<string, unknown>> {
  const { sources, sinks, deadLetter, bootstrap, ...rest } = config
  const file = written(rest, fileSchema) as Record<string, unknown>
  const entry = (table: AdapterTables['sources'], { name, type, options }: Config['sources'][number]) => ({
    type,
    name,
    ...(written(options, table[type]?.options) as object),
  })
  const letter = deadLetter === null ? undefined : entry(tables.deadLetters, deadLetter)
  const { name: _name, ...deadLetterOptions } = letter ?? { name: '' }
  const history = bootstrap === null ? undefined : entry(tables.histories, bootstrap.from)
  const { name: _history, ...from } = history ?? { name: '' }
  return {
    plant: file['plant'],
    sources: sources.map((source) => entry(tables.sources, source)),
    sinks: sinks.map((sink) => entry(tables.sinks, sink)),
    ...(letter === undefined ? {} : { deadLetter: deadLetterOptions }),
    ...(bootstrap === null ? {} : { bootstrap: { ...bootstrap, from } }),
    ...file,
  }
}

/** The configuration in force as YAML text. */
export function effectiveYaml(config: Config, tables: AdapterTables): string {
  return stringify(effectiveConfig(config, tables), { lineWidth: 0 })
}

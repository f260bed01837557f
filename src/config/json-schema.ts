import { z } from 'zod'
import type { AdapterTables } from './parse.ts'
import { fileSchema } from './schema.ts'
import { marksOf } from './schema-walk.ts'

type Json = Record<string, unknown>

const unitWords: Readonly<Record<string, Json>> = {
  duration: { description: 'A duration with its unit: ms, s, m, h or d.', examples: ['250ms', '30s', '5m'] },
  bytes: { description: 'A size with its unit: B, kB, MB, GB, KiB, MiB or GiB.', examples: ['64MiB'] },
}

function toJson(schema: z.ZodType): Json {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { unit, secret } = marksOf(zodSchema)
      const { unit: _unit, secret: _secret, ...standard } = jsonSchema as Json
      for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Json)[key]
      const words = secret === true ? { description: 'A reference to a secret: ${ENV_NAME} or file:PATH.' } : {}
      Object.assign(jsonSchema, standard, words, unitWords[unit ?? ''] ?? {})
    },
  }) as Json
  const { $schema: _schema, ...rest } = json
  return rest
}

const name = { type: 'string', description: 'Its name in metrics and logs; the type when not given.' }

/** The schema with the key `name` beside the adapter's own, in every variant. */
function withName(json: Json): Json {
  for (const choice of ['oneOf', 'anyOf', 'allOf']) {
    const branches = json[choice]
    if (Array.isArray(branches)) return { ...json, [choice]: branches.map((branch: Json) => withName(branch)) }
  }
  return { ...json, properties: { ...(json['properties'] as Json | undefined), name } }
}

function variants(table: AdapterTables['sources'], named: boolean): Json {
  const schemas = Object.values(table).map(({ options }) => toJson(options))
  return { oneOf: named ? schemas.map(withName) : schemas }
}

/** `bootstrap.from` as it may be written: in one line, as files, or by type. */
function withHistory(json: Json, byType: Json): Json {
  const files = { type: 'array', items: { type: 'string' } }
  const from = {
    description: 'Files, kafka://HOST:9092/TOPIC, influxdb://HOST:8086/DATABASE?query=…, or a history by type.',
    anyOf: [{ type: 'string' }, files, byType],
  }
  return { ...json, properties: { ...(json['properties'] as Json), from } }
}

/** JSON Schema (draft 7) of `residua.yaml`, for editors: the file's own keys and every adapter's options. */
export function configJsonSchema(tables: AdapterTables): Json {
  const file = toJson(fileSchema)
  const properties = file['properties'] as Record<string, Json>
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'residua.yaml',
    ...file,
    properties: {
      ...properties,
      sources: { ...properties['sources'], items: variants(tables.sources, true) },
      sinks: { ...properties['sinks'], items: variants(tables.sinks, true) },
      deadLetter: variants(tables.deadLetters, false),
      bootstrap: withHistory(properties['bootstrap']!, variants(tables.histories, false)),
    },
  }
}

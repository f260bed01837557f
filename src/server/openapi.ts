import { z } from 'zod'
import type { Route } from './route.ts'
import { errorBody } from './schema.ts'

type Json = Readonly<Record<string, unknown>>

/** The library's pattern of a date is ten lines that say no more than the format. */
function plain({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
}

/** Turns schemas into JSON Schema; those with an id become components and are referred to. */
class SchemaWriter {
  readonly components: Record<string, unknown> = {}

  write(schema: z.ZodType): Json {
    const json = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any', override: plain }) as Record<
      string,
      unknown
    >
    const { $schema: _, $defs, ...rest } = json
    for (const [name, definition] of Object.entries(($defs as Json | undefined) ?? {})) {
      const { id: _id, $id: _$id, ...body } = definition as Record<string, unknown>
      this.components[name] = this.#point(body)
    }
    const { id, ...body } = this.#point(rest) as Record<string, unknown>
    if (typeof id !== 'string') return body
    this.components[id] = body
    return { $ref: `#/components/schemas/${id}` }
  }

  #point(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#point(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) =>
        key === '$ref' && typeof inner === 'string'
          ? [key, inner.replace('#/$defs/', '#/components/schemas/')]
          : [key, this.#point(inner)],
      ),
    )
  }
}

function parameters(schema: z.ZodObject, where: 'path' | 'query', writer: SchemaWriter): Json[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const type = field as z.ZodType
    const { description, ...json } = writer.write(type)
    return {
      name,
      in: where,
      required: where === 'path' || !type.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: json,
    }
  })
}

function operation(route: Route, writer: SchemaWriter): Json {
  const answers = Object.entries(route.answers).map(([status, answer]) => {
    const { schema, contentType = 'application/json' } = answer
    const content = schema ? { [contentType]: { schema: writer.write(schema) } } : undefined
    return [status, { description: answer.description, ...(content ? { content } : {}) }]
  })
  const problem = { description: 'What is wrong', content: { 'application/json': { schema: writer.write(errorBody) } } }
  const { body } = route
  return {
    summary: route.summary,
    security: route.access === 'public' ? [] : [{ token: [] }],
    parameters: [...parameters(route.params, 'path', writer), ...parameters(route.query, 'query', writer)],
    ...(body
      ? {
          requestBody: {
            required: true,
            description: body.description,
            content: { [body.contentType]: { schema: body.schema ? writer.write(body.schema) : { type: 'string' } } },
          },
        }
      : {}),
    responses: { ...Object.fromEntries(answers), default: problem },
  }
}

/** The OpenAPI 3.1 document of a route table, generated from the schemas that check the requests. */
export function openApi(routes: readonly Route[], version: string): Json {
  const writer = new SchemaWriter()
  const paths: Record<string, Record<string, Json>> = {}
  for (const row of routes) {
    paths[row.path] ??= {}
    paths[row.path]![row.method.toLowerCase()] = operation(row, writer)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Residua',
      version,
      description:
        'Anomaly scores and alarms of industrial sensors. A sensor id is percent-encoded as one path segment.',
    },
    paths,
    components: {
      schemas: writer.components,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Only where the server is configured with tokens' },
      },
    },
  }
}

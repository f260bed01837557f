import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Access, AccessControl } from './access.ts'
import { HttpError } from './http-error.ts'

/** A checked request, as a route's handler sees it. */
export interface RouteInput<Params, Query, Body = undefined> {
  readonly params: Params
  readonly query: Query
  /** The checked body of a route that takes JSON. */
  readonly body: Body
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** One answer of a route, for the reference. */
export interface RouteAnswer {
  readonly description: string
  readonly schema?: z.ZodType
  readonly contentType?: string
}

/** One row of the route table: what is registered is what the OpenAPI document says. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** As OpenAPI writes it: `/api/v1/sensors/{id}`. */
  readonly path: string
  readonly access: Access
  readonly summary: string
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  /** With a schema the body is JSON and is checked. */
  readonly body?: { readonly contentType: string; readonly description: string; readonly schema?: z.ZodType }
  readonly answers: Readonly<Record<number, RouteAnswer>>
  /** Checks parameters and query, then answers; undefined when the handler wrote the reply itself. */
  handle(request: FastifyRequest, reply: FastifyReply): unknown
}

/** No parameters, or no query. */
export const nothing = z.strictObject({})

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const name = issue.path.join('.') || where
  throw new HttpError('bad_request', `${name}: ${issue.message}`, 'see /api/v1/openapi.json for what is understood')
}

/** A page of another site could otherwise change things from inside the plant's network. */
export function refuseForeignOrigin({ headers: { origin, host } }: FastifyRequest): void {
  if (origin === undefined) return
  if (!URL.canParse(origin) || new URL(origin).host !== host) {
    throw new HttpError('forbidden', 'nothing is taken from pages of another site', 'send no Origin header')
  }
}

function jsonBody(request: FastifyRequest): unknown {
  refuseForeignOrigin(request)
  const text = request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : ''
  try {
    return JSON.parse(text === '' ? '{}' : text)
  } catch {
    throw new HttpError('bad_request', 'body: it is not JSON', 'see /api/v1/openapi.json for what is understood')
  }
}

/** Makes a row of the route table whose handler gets typed, checked parameters, and a body where it has a schema. */
export function route<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType = z.ZodUndefined>(
  row: Omit<Route, 'handle' | 'params' | 'query' | 'body'> & {
    readonly params: Params
    readonly query: Query
    readonly body?: NonNullable<Route['body']> & { readonly schema?: Body }
    readonly handle: (input: RouteInput<z.output<Params>, z.output<Query>, z.output<Body>>) => unknown
  },
): Route {
  const { body } = row
  return {
    ...row,
    handle: (request, reply) =>
      row.handle({
        params: checked(row.params, request.params, 'path'),
        query: checked(row.query, request.query, 'query'),
        body: (body?.schema === undefined
          ? undefined
          : checked(body.schema, jsonBody(request), 'body')) as z.output<Body>,
        request,
        reply,
      }),
  }
}

/** Registers the rows with the HTTP library, each behind its access check. */
export function registerRoutes(app: FastifyInstance, routes: readonly Route[], access: AccessControl): void {
  for (const row of routes) {
    app.route({
      method: row.method,
      url: row.path.replace(/\{(\w+)\}/g, ':$1'),
      // A HEAD request to a stream would never end.
      exposeHeadRoute: row.answers[200]?.contentType !== 'text/event-stream',
      onRequest: async (request) => access.check(request.headers.authorization, row.access),
      handler: async (request, reply) => {
        const answer = await row.handle(request, reply)
        return answer === undefined ? reply : reply.send(answer)
      },
    })
  }
}

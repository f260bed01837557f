import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Access, AccessControl } from './access.ts'
import { HttpError } from './http-error.ts'

/** A checked request, as a route's handler sees it. */
export interface RouteInput<Params, Query> {
  readonly params: Params
  readonly query: Query
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
  readonly body?: { readonly contentType: string; readonly description: string }
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

/** Makes a row of the route table whose handler gets typed, checked parameters. */
export function route<Params extends z.ZodObject, Query extends z.ZodObject>(
  row: Omit<Route, 'handle' | 'params' | 'query'> & {
    readonly params: Params
    readonly query: Query
    readonly handle: (input: RouteInput<z.output<Params>, z.output<Query>>) => unknown
  },
): Route {
  return {
    ...row,
    handle: (request, reply) =>
      row.handle({
        params: checked(row.params, request.params, 'path'),
        query: checked(row.query, request.query, 'query'),
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

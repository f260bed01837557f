import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { ConfigurationError, messageOf, OperatingError } from '../base/errors.ts'
import { limits } from '../base/limits.ts'
import type { Ingress } from '../ports/ingress.ts'
import type { Log } from '../ports/log.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { PlantModels } from '../ports/plant-models.ts'
import type { PipelineApi } from '../runtime/api.ts'
import { AccessControl } from './access.ts'
import { alarmRoutes } from './alarm-routes.ts'
import { securityHeaders } from './headers.ts'
import { HttpError } from './http-error.ts'
import { LiveHub } from './live-hub.ts'
import { liveRoutes } from './live-route.ts'
import { modelRoutes } from './model-routes.ts'
import { openApi } from './openapi.ts'
import { isLoopback, type ServerOptions } from './options.ts'
import { servePage } from './page.ts'
import { processRoutes } from './process-routes.ts'
import { nothing, type Route, registerRoutes, route } from './route.ts'
import { sensorRoutes } from './sensor-routes.ts'
import { tooLarge, writeRoutes } from './write-route.ts'

/** What the server is made of. */
export interface ServerParts {
  readonly api: PipelineApi
  /** The HTTP source; without one `/api/v1/write` says so. */
  readonly ingress?: Ingress | undefined
  /** The models of the plant; without them `/api/v1/models` tells the one that runs, and changes nothing. */
  readonly models?: PlantModels
  readonly metrics: Metrics
  readonly options: ServerOptions
  readonly log: Log
  /** Where the built page lies. */
  readonly uiDirectory: string
  readonly version: string
}

/** The HTTP server of a running pipeline. */
export interface Server {
  /** Errors: `OperatingError` listen when the address is taken or not ours; auth when a token cannot be read. */
  listen(): Promise<{ readonly url: string }>
  /** Ends live streams, lets other requests finish, frees the port. */
  close(): Promise<void>
  /** Answers a request without a socket, for tests. */
  readonly inject: FastifyInstance['inject']
}

function asHttpError(error: unknown, log: Log, url: string): HttpError {
  if (error instanceof HttpError) return error
  const { statusCode, code } = error as FastifyError
  if (statusCode === 413) return tooLarge()
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HttpError('bad_request', messageOf(error), `the request was not understood (${code})`)
  }
  log.error({ url, error: messageOf(error) }, 'a request failed')
  return new HttpError('internal', 'the request failed', 'the log of the process says why')
}

function configured(log: Log): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: limits.messageBytesMax,
    // Ids have at most 256 bytes, three characters each when percent-encoded.
    routerOptions: { maxParamLength: limits.sensorIdBytesMax * 3 },
    forceCloseConnections: 'idle',
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    if (request.url.startsWith('/api/') || request.url.startsWith('/metrics')) reply.header('cache-control', 'no-store')
  })
  app.setErrorHandler((error, request, reply) => {
    const answer = asHttpError(error, log, request.url)
    if (answer.code === 'unauthorized') reply.header('www-authenticate', 'Bearer realm="residua"')
    if (answer.status === 503) reply.header('retry-after', '2')
    return reply.status(answer.status).send(answer.body)
  })
  app.setNotFoundHandler((request) => {
    throw new HttpError('not_found', `nothing at ${request.method} ${request.url}`, 'see /api/v1/openapi.json')
  })
  return app
}

function routeTable(parts: ServerParts, hub: LiveHub, access: AccessControl): readonly Route[] {
  const document = route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    access: 'public',
    summary: 'This document.',
    params: nothing,
    query: nothing,
    answers: { 200: { description: 'OpenAPI 3.1' } },
    handle: () => described,
  })
  const table = [
    ...processRoutes(parts.api, parts.metrics, access),
    ...sensorRoutes(parts.api),
    ...alarmRoutes(parts.api, access),
    ...modelRoutes(parts.api, parts.models, access),
    ...liveRoutes(hub),
    ...writeRoutes(parts.ingress),
    document,
  ]
  const described = openApi(table, parts.version)
  return table
}

function listenError(error: unknown, { host, port }: ServerOptions): OperatingError {
  const code = (error as NodeJS.ErrnoException).code
  const why =
    code === 'EADDRINUSE'
      ? 'another program already listens there; set server.port to a free one'
      : code === 'EACCES'
        ? 'this user may not listen there; ports below 1024 need a privilege'
        : messageOf(error)
  return new OperatingError('listen', `${host}:${port}: ${why}`, { cause: error })
}

/** Milliseconds that requests in flight get to finish when the server closes. */
const closeMs = 5_000

/**
 * Closes the library's server once the requests in flight are answered.
 *
 * Sockets without a request (browsers open some ahead) would otherwise hold the close back until they time out.
 */
function closer(app: FastifyInstance, hub: LiveHub): () => Promise<void> {
  let inFlight = 0
  let closing = false
  const settle = () => {
    if (closing && inFlight <= 0) app.server.closeAllConnections()
  }
  app.addHook('onRequest', async (_request, reply) => {
    inFlight++
    // Unlike the library's own hook this also tells of a reader that went away in the middle.
    reply.raw.once('close', () => {
      inFlight--
      settle()
    })
  })
  app.addHook('preClose', async () => {
    closing = true
    hub.close()
    settle()
  })
  return async () => {
    const timer = setTimeout(() => app.server.closeAllConnections(), closeMs)
    await app.close()
    clearTimeout(timer)
  }
}

/**
 * The HTTP API, the metrics, the live stream and the page of a pipeline.
 *
 * Errors: `ConfigurationError` when the host is not loopback and nothing is said about `auth`.
 */
export function createServer(parts: ServerParts): Server {
  const { options, log } = parts
  if (!isLoopback(options.host) && options.auth === undefined) {
    throw new ConfigurationError([
      {
        path: 'server.auth',
        expected: 'tokens, or none, because other machines can reach this host',
        value: options.host,
      },
    ])
  }
  const access = new AccessControl(options, log)
  const hub = new LiveHub(parts.api)
  const app = configured(log)
  const close = closer(app, hub)
  registerRoutes(app, routeTable(parts, hub, access), access)
  servePage(app, parts.uiDirectory)
  return {
    async listen() {
      access.verify()
      try {
        await app.listen({ host: options.host, port: options.port })
      } catch (error) {
        throw listenError(error, options)
      }
      const address = app.server.address()
      const port = typeof address === 'object' && address !== null ? address.port : options.port
      const anyHost = options.host === '0.0.0.0' || options.host === '::'
      const host = anyHost ? 'localhost' : options.host.includes(':') ? `[${options.host}]` : options.host
      return { url: `http://${host}:${port}` }
    },
    close,
    inject: app.inject.bind(app) as FastifyInstance['inject'],
  }
}

import { gunzipSync } from 'node:zlib'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { messageOf, OperatingError } from '../base/errors.ts'
import { limits } from '../base/limits.ts'
import type { Ingress, WriteResult } from '../ports/ingress.ts'
import { HttpError } from './http-error.ts'
import { nothing, type Route, refuseForeignOrigin, route } from './route.ts'
import { writeResult } from './schema.ts'

/** Refused lines that an answer lists; the count is in its message. */
const listedRejections = 100

/** The error for a body beyond the limit, packed or unpacked. */
export function tooLarge(): HttpError {
  return new HttpError(
    'too_large',
    `the body has more than ${limits.messageBytesMax} bytes`,
    'send it in several requests of at most 4 MiB each',
  )
}

function unpacked(request: FastifyRequest): Uint8Array {
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip') {
    throw new HttpError('unsupported_encoding', `content-encoding ${encoding} is not understood`, 'send gzip or plain')
  }
  try {
    return gunzipSync(body, { maxOutputLength: limits.messageBytesMax })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge()
    throw new HttpError('bad_request', `the body is not gzip: ${messageOf(error)}`, 'send gzip or plain lines')
  }
}

async function write(ingress: Ingress, body: Uint8Array, precision: 'ns' | 'us' | 'ms' | 's'): Promise<WriteResult> {
  try {
    return await ingress.write(body, { precision })
  } catch (error) {
    if (!(error instanceof OperatingError) || error.code !== 'busy') throw error
    throw new HttpError('busy', error.message, 'send the same lines again after the time that Retry-After names')
  }
}

/** `/api/v1/write`: answers after every sink and the state have the readings. */
export function writeRoutes(ingress: Ingress | undefined): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/write',
      access: 'write',
      summary: 'Readings as InfluxDB line protocol, plain or gzip. Answers when sinks and state have them.',
      params: nothing,
      query: z.strictObject({
        precision: z.enum(['ns', 'us', 'ms', 's']).default('ns').describe('Unit of the time stamps'),
      }),
      body: { contentType: 'text/plain', description: 'Lines of line protocol, at most 4 MiB' },
      answers: {
        200: {
          description: 'At least one line was taken, or there was none; refused ones are listed',
          schema: writeResult,
        },
      },
      handle: async ({ request, query }) => {
        refuseForeignOrigin(request)
        if (ingress === undefined) {
          throw new HttpError('no_http_source', 'no source takes readings over HTTP', 'add `- type: http` to sources')
        }
        const { accepted, rejected } = await write(ingress, unpacked(request), query.precision)
        const first = rejected[0]
        if (accepted === 0 && first !== undefined) {
          const where = first.line === undefined ? '' : `line ${first.line}: `
          const message = `all ${rejected.length} lines were refused; ${where}${first.reason}: ${first.detail}`
          throw new HttpError('rejected', message, 'write lines as: measurement,tag=x value=1.5 1700000000000000000')
        }
        return { accepted, rejected: rejected.slice(0, listedRejections) }
      },
    }),
  ]
}

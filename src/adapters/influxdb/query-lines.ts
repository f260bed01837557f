import http from 'node:http'
import https from 'node:https'
import { OperatingError } from '../../base/errors.ts'
import { limits } from '../../base/limits.ts'
import { networkError } from '../../ports/http-client.ts'
import { readSecret } from '../../ports/secret.ts'
import { readTls } from '../../ports/tls-files.ts'
import type { InfluxdbHistoryOptions } from './options.ts'
import { refusalOf } from './refusal.ts'

/** Rows that the server sends at once: small enough that a row may have hundreds of columns. */
const chunkRows = 1_000

/**
 * Asks InfluxDB (InfluxQL) and yields its answer line by line as it comes: each line is a JSON document of at most 1,000 rows.
 *
 * Memory: one line. Errors: `connect` where the server cannot be reached or falls silent for `timeout`; `auth` where it refuses
 * the user; `read` where it refuses the query, or its answer breaks off.
 */
export async function* queryLines(options: InfluxdbHistoryOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  const answer = await ask(options, signal)
  const where = new URL(options.url).origin
  if (answer.statusCode !== 200) throw await refusedBy(answer, where)
  let rest: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        if (end > 0) yield rest.subarray(0, end)
        rest = rest.subarray(end + 1)
      }
      if (rest.length <= limits.messageBytesMax) continue
      const text = `a thousand rows of the query have more than ${limits.messageBytesMax} bytes: select fewer columns`
      throw new OperatingError('read', `${where}: ${text}`)
    }
  } catch (error) {
    if (error instanceof OperatingError) throw error
    throw new OperatingError('read', `the answer of ${where} broke off: ${networkError(error, where).message}`, {
      cause: error,
    })
  }
  if (rest.length > 0) yield rest
}

function ask(options: InfluxdbHistoryOptions, signal: AbortSignal): Promise<http.IncomingMessage> {
  const { url, database, query, retentionPolicy, username, password, timeout, tls } = options
  const base = new URL(url)
  const target = new URL(`${base.pathname.replace(/\/$/, '')}/query`, base.origin)
  const asked = { db: database, q: query, epoch: 'ms', chunked: 'true', chunk_size: String(chunkRows) }
  for (const [name, value] of Object.entries(asked)) target.searchParams.set(name, value)
  if (retentionPolicy !== undefined) target.searchParams.set('rp', retentionPolicy)
  const user = username === undefined ? '' : `${username}:${readSecret(password!)}`
  const headers = user === '' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` }
  const isSecure = base.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const settings = { headers, signal, ...(isSecure ? readTls(tls, 'auth') : {}) }
    const request = (isSecure ? https : http).get(target, settings, resolve)
    request.setTimeout(timeout, () => {
      request.destroy(new Error(`no word for ${timeout} ms`))
    })
    request.on('error', (cause) => {
      const { message } = networkError(cause, base.origin)
      reject(new OperatingError('connect', message, { cause }))
    })
  })
}

async function refusedBy(answer: http.IncomingMessage, where: string): Promise<OperatingError> {
  const parts: Buffer[] = []
  for await (const part of answer as AsyncIterable<Buffer>) if (parts.length < 16) parts.push(part)
  const reason = refusalOf(Buffer.concat(parts).toString('utf8').slice(0, 2_000))
  const status = answer.statusCode ?? 0
  if (status === 401 || status === 403) return new OperatingError('auth', `${where} refused the user: ${reason}`)
  return new OperatingError('read', `${where} refused the query (${status}): ${reason}`)
}

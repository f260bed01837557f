import http from 'node:http'
import https from 'node:https'
import { messageOf, OperatingError } from '../base/errors.ts'
import { readSecret } from './secret.ts'
import { readTls, type TlsOptions } from './tls-files.ts'

/** What a server answered, whatever its status. */
export interface HttpAnswer {
  readonly status: number
  /** At most the first 64 KiB, as text. */
  readonly body: string
}

type Headers = Readonly<Record<string, string>>

const answerCharsMax = 65_536
const reasonCharsMax = 500

/**
 * The secret behind a reference, read at the moment of use. Errors: `denied`, which is tried again: a secret that is
 * being replaced must not cost an alarm.
 */
export function sinkSecret(reference: string): string {
  try {
    return readSecret(reference)
  } catch (cause) {
    throw new OperatingError('denied', messageOf(cause), { cause })
  }
}

/**
 * Talks to one HTTP service over kept-alive connections; follows no redirects.
 *
 * Units: timeoutMs covers a whole request, from connecting to the end of the answer.
 * Errors: `unreachable` and `timeout`; an answer of any status resolves (`statusError` judges it).
 */
export class HttpClient {
  readonly #agent: http.Agent
  readonly #request: typeof http.request
  readonly #url: URL
  readonly #timeoutMs: number

  constructor(url: string, timeoutMs: number, tlsOptions?: TlsOptions) {
    this.#url = new URL(url)
    this.#timeoutMs = timeoutMs
    const secure = this.#url.protocol === 'https:'
    this.#request = secure ? https.request : http.request
    this.#agent = secure
      ? new https.Agent({ keepAlive: true, ...readTls(tlsOptions, 'auth') })
      : new http.Agent({ keepAlive: true })
  }

  /** Where this client writes, without path and query, which may hold a secret. */
  get origin(): string {
    return this.#url.origin
  }

  /** Posts to `path` (with its query) below the service's address; '' posts to the address itself. */
  post(path: string, headers: Headers, body: Uint8Array): Promise<HttpAnswer> {
    return this.#send('POST', path, headers, body)
  }

  /** Gets `path` below the service's address. */
  get(path: string, headers: Headers): Promise<HttpAnswer> {
    return this.#send('GET', path, headers, undefined)
  }

  close(): void {
    this.#agent.destroy()
  }

  async #send(method: string, path: string, headers: Headers, body: Uint8Array | undefined): Promise<HttpAnswer> {
    const base = this.#url.pathname.replace(/\/$/, '')
    const url = path === '' ? this.#url : new URL(`${base}${path}`, this.#url.origin)
    try {
      return await this.#once(method, url, headers, body)
    } catch (error) {
      throw networkError(error, this.origin)
    }
  }

  #once(method: string, url: URL, headers: Headers, body: Uint8Array | undefined): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const options = { method, agent: this.#agent, headers: { ...headers, 'content-length': body?.byteLength ?? 0 } }
      const request = this.#request(url, options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          if (text.length < answerCharsMax) text += chunk
        })
        response.on('end', () => {
          clearTimeout(timer)
          resolve({ status: response.statusCode ?? 0, body: text.slice(0, answerCharsMax) })
        })
        response.on('error', fail)
      })
      const timer = setTimeout(() => {
        fail(new OperatingError('timeout', `${url.origin} did not answer within ${this.#timeoutMs} ms`))
        request.destroy()
      }, this.#timeoutMs)
      let reused = false
      let settled = false
      request.on('socket', () => {
        reused = request.reusedSocket
      })
      const fail = (error: Error): void => {
        if (settled) return
        settled = true
        clearTimeout(timer)
        // A kept connection that the server closed meanwhile says nothing about the server: once more, on a new one.
        const stale = reused && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
        if (stale) this.#once(method, url, headers, body).then(resolve, reject)
        else reject(error)
      }
      request.on('error', fail)
      request.end(body)
    })
  }
}

/** A failure below HTTP as an operating error: `timeout` or `unreachable`. */
export function networkError(error: unknown, where: string): OperatingError {
  if (error instanceof OperatingError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const reason = message === undefined || message === '' ? (code ?? String(error)) : message
  if (code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT') {
    return new OperatingError('timeout', `${where}: ${reason}`, { cause: error })
  }
  return new OperatingError('unreachable', `${where}: ${reason}`, { cause: error })
}

/**
 * The operating error of an answer's status; undefined for a 2xx.
 *
 * 429 is `busy`, 408 `timeout`, 401 and 403 `denied`, 5xx `server`, any other (redirects too) `rejected`.
 */
export function statusError(status: number, reason: string, where: string): OperatingError | undefined {
  if (status >= 200 && status < 300) return undefined
  const text = reason.replace(/\s+/g, ' ').trim().slice(0, reasonCharsMax)
  const detail = `${where} answered ${status}${text === '' ? '' : `: ${text}`}`
  if (status === 429) return new OperatingError('busy', detail)
  if (status === 408) return new OperatingError('timeout', detail)
  if (status === 401 || status === 403) return new OperatingError('denied', detail)
  if (status >= 500) return new OperatingError('server', detail)
  if (status >= 300 && status < 400) {
    return new OperatingError('rejected', `${detail} (a redirect, which is not followed: give the final address)`)
  }
  return new OperatingError('rejected', detail)
}

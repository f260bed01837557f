import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { messageOf, OperatingError } from '../base/errors.ts'
import type { Log } from '../ports/log.ts'
import { readSecret } from '../ports/secret.ts'
import { HttpError } from './http-error.ts'
import type { Role, ServerOptions } from './options.ts'

/** Who may use a route: everybody, any token, a token that may change things, or one that may change how is judged. */
export type Access = 'public' | 'read' | 'write' | 'engineer'

/** Milliseconds for which a secret is kept before it is read again, so that a rotated token works soon. */
const secretTtlMs = 5_000

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * Decides whether a request may use a route.
 *
 * Tokens are compared as SHA-256 digests in constant time, and all of them each time, so that the answer's delay tells
 * nothing about them. Without tokens everything is allowed: the server then listens on loopback, or `auth: none` said so.
 * Errors: `HttpError` unauthorized without a known token, forbidden when the role does not suffice.
 */
export class AccessControl {
  readonly #tokens: readonly { readonly role: Role; readonly token: string }[]
  readonly #log: Log
  #digests: readonly { readonly role: Role; readonly digest: Buffer }[] = []
  #readAtMs = Number.NEGATIVE_INFINITY

  constructor(options: ServerOptions, log: Log) {
    this.#tokens = typeof options.auth === 'object' ? options.auth.tokens : []
    this.#log = log
  }

  /** Whether a token is asked for at all. */
  get required(): boolean {
    return this.#tokens.length > 0
  }

  /** Reads every secret once. Errors: `OperatingError` auth when one is missing or empty; better at start than at night. */
  verify(): void {
    for (const { token } of this.#tokens) {
      if (readSecret(token) === '') throw new OperatingError('auth', `the token ${token} of the server is empty`)
    }
  }

  check(authorization: string | undefined, access: Access): void {
    if (access === 'public' || !this.required) return
    const role = this.role(authorization)
    if (role === undefined) {
      throw new HttpError('unauthorized', 'a token is needed', 'send the header "Authorization: Bearer TOKEN"')
    }
    if (access === 'write' && role === 'viewer') {
      throw new HttpError('forbidden', 'the role viewer may only read', 'use a token with the role operator or above')
    }
    if (access === 'engineer' && role !== 'engineer' && role !== 'admin') {
      throw new HttpError(
        'forbidden',
        `the role ${role} may not change models`,
        'use a token with the role engineer or admin',
      )
    }
  }

  /** Who asks, in words for a log: the role and the address. */
  who({ headers, ip }: FastifyRequest): string {
    return `${this.role(headers.authorization) ?? 'somebody'} at ${ip}`
  }

  /** The role of a request's token; undefined when it has none that is known. */
  role(authorization: string | undefined): Role | undefined {
    const given = digest(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1]?.trim() ?? '')
    let found: Role | undefined
    for (const known of this.#current()) if (timingSafeEqual(known.digest, given)) found ??= known.role
    return found
  }

  #current() {
    const nowMs = performance.now()
    if (nowMs - this.#readAtMs < secretTtlMs) return this.#digests
    this.#readAtMs = nowMs
    this.#digests = this.#tokens.flatMap(({ role, token }) => {
      try {
        const secret = readSecret(token)
        return secret === '' ? [] : [{ role, digest: digest(secret) }]
      } catch (error) {
        this.#log.error({ token, error: messageOf(error) }, 'a token of the server cannot be read; it opens nothing')
        return []
      }
    })
    return this.#digests
  }
}

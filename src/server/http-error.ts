/** Codes of errors over HTTP: the closed list that clients may switch on. */
export const httpErrorCodes = {
  bad_request: 400,
  rejected: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  no_http_source: 404,
  conflict: 409,
  too_large: 413,
  unsupported_encoding: 415,
  internal: 500,
  busy: 503,
  too_many_clients: 503,
  no_page: 503,
} as const

/** One code of the closed list. */
export type HttpErrorCode = keyof typeof httpErrorCodes

/** The JSON body of every error. */
export interface ErrorBody {
  readonly error: { readonly code: HttpErrorCode; readonly message: string; readonly hint: string }
}

/** An answer that is an error: code, what is wrong, and what to do about it. */
export class HttpError extends Error {
  readonly code: HttpErrorCode
  readonly hint: string
  override readonly name = 'HttpError'

  constructor(code: HttpErrorCode, message: string, hint: string) {
    super(message)
    this.code = code
    this.hint = hint
  }

  get status(): number {
    return httpErrorCodes[this.code]
  }

  get body(): ErrorBody {
    return { error: { code: this.code, message: this.message, hint: this.hint } }
  }
}

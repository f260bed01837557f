import { readFileSync } from 'node:fs'
import { type ErrorCode, messageOf, OperatingError } from '../base/errors.ts'

/** TLS of a client as `tls()` of `options.ts` parses it: files by path. */
export interface TlsOptions {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly rejectUnauthorized: boolean
}

/** TLS of a client with the files' contents, as Node, kafkajs and mqtt take it. */
export interface TlsContents {
  readonly rejectUnauthorized?: boolean
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

/** Reads the files when a client is made. Errors: `code` when one cannot be read; the message names the file. */
export function readTls(options: TlsOptions | undefined, code: ErrorCode): TlsContents {
  if (options === undefined) return {}
  const read = (path: string): Buffer => {
    try {
      return readFileSync(path)
    } catch (cause) {
      throw new OperatingError(code, `the certificate file ${path} cannot be read: ${messageOf(cause)}`, { cause })
    }
  }
  return {
    rejectUnauthorized: options.rejectUnauthorized,
    ...(options.ca === undefined ? {} : { ca: read(options.ca) }),
    ...(options.cert === undefined ? {} : { cert: read(options.cert) }),
    ...(options.key === undefined ? {} : { key: read(options.key) }),
  }
}

import { readFileSync } from 'node:fs'
import { type ErrorCode, messageOf, OperatingError } from '../base/errors.ts'

type Json = Record<string, unknown>

/** A file's bytes. Errors: `OperatingError` of `code` naming the file, and `fix`: what a person can do. */
export function readBytes(path: string, code: ErrorCode, fix: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new OperatingError(code, `${path} cannot be read (${messageOf(cause)}): ${fix}`, { cause })
  }
}

/** The JSON of a file. Errors: as `readBytes`, and for what is no JSON. */
export function readJsonFile(path: string, code: ErrorCode, fix: string): unknown {
  const text = readBytes(path, code, fix).toString('utf8')
  return fromFile(path, code, fix, () => {
    if (text.trim() === '') throw new Error('it is empty')
    return JSON.parse(text) as unknown
  })
}

/** The JSON object of a file. Errors: as `readJsonFile`, and for JSON that is no object. */
export function readJsonObject(path: string, code: ErrorCode, fix: string): Json {
  const json = readJsonFile(path, code, fix)
  return fromFile(path, code, fix, () => {
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json
    throw new Error(
      `it holds ${json === null ? 'null' : Array.isArray(json) ? 'a list' : `a ${typeof json}`}, not a JSON object`,
    )
  })
}

/**
 * What `read` makes of a file's content; whatever is wrong with it becomes an error that names the file once.
 *
 * Errors: `OperatingError` of `code`: the file, what is wrong, and `fix`.
 */
export function fromFile<T>(path: string, code: ErrorCode, fix: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const why = messageOf(cause).replaceAll(/\s*\n\s*/g, '; ')
    if (cause instanceof OperatingError && why.startsWith(path)) throw cause
    throw new OperatingError(code, `${path} cannot be used (${why}): ${fix}`, { cause })
  }
}

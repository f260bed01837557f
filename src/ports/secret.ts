import { readFileSync } from 'node:fs'
import { OperatingError } from '../base/errors.ts'

/**
 * The secret behind a reference (`${ENV}` or `file:PATH`), read at the moment of use so that it can be rotated.
 *
 * Errors: `auth` when the variable is not set or the file cannot be read; the message names the reference only.
 */
export function readSecret(reference: string): string {
  if (reference.startsWith('file:')) {
    try {
      return readFileSync(reference.slice('file:'.length), 'utf8').trim()
    } catch (cause) {
      throw new OperatingError('auth', `the secret file ${reference} cannot be read`, { cause })
    }
  }
  const value = process.env[reference.slice(2, -1)]
  if (value === undefined) throw new OperatingError('auth', `the environment variable of ${reference} is not set`)
  return value
}

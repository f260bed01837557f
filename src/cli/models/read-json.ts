import { readFileSync } from 'node:fs'
import { OperatingError } from '../../base/errors.ts'

/** A JSON file that an option names. Errors: `OperatingError('read')` naming the file. */
export function readJsonFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new OperatingError('read', `${path} cannot be read: ${why}`, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OperatingError('read', `${path} is no JSON that can be read`, { cause })
  }
}

/** The architecture that an option names; undefined without the option. */
export function readArchitectureFile(path: string | undefined): unknown {
  return path === undefined ? undefined : readJsonFile(path)
}

import type { Finding, Path } from './explain.ts'
import { type AnySchema, marksOf } from './schema-walk.ts'

/** What the machine has, as far as a configuration refers to it: environment, files of secrets, models. */
export interface MachineLookup {
  environment(name: string): string | undefined
  readable(path: string): boolean
  /** Why the model of this name cannot be loaded; undefined when it can. `registry`: `models.path`, where it is written. */
  modelMistake?(name: string, registry: string | undefined): string | undefined
  /** Why a file of holidays cannot be used; undefined when it can. */
  holidaysMistake?(path: string): string | undefined
}

function secretMistake(text: string, lookup: MachineLookup): Omit<Finding, 'path'> | undefined {
  const variable = /^\$\{(\w+)\}$/.exec(text)?.[1]
  if (variable !== undefined) {
    const value = lookup.environment(variable)
    if (value !== undefined && value !== '') return undefined
    const expected = `the environment variable ${variable} is ${value === undefined ? 'not set' : 'empty'}`
    return { value: text, expected, hint: `set it before the start: export ${variable}=…` }
  }
  if (text.startsWith('file:') && !lookup.readable(text.slice('file:'.length))) {
    return { value: text, expected: 'the file of this secret cannot be read' }
  }
  return undefined
}

function textMistake(text: string): Omit<Finding, 'path'> | undefined {
  if (/\$\{\w+\}/.test(text)) {
    return {
      value: text,
      expected: 'a reference ${…} stands for secrets only, and nothing else is replaced',
      hint: 'write the value itself here',
    }
  }
  const credentials = /^[a-z][a-z0-9+.-]*:\/\/([^/@\s]*):[^/@\s]+@/i.exec(text)
  if (credentials === null) return undefined
  return {
    value: '(hidden)',
    expected: 'expected an address without a password',
    hint: 'use the keys for user and password, the password as ${ENV_NAME} or file:PATH',
  }
}

/**
 * Finds what is wrong with texts wherever they stand: `${…}` outside secrets, passwords in addresses, and, with
 * `lookup`, secrets that are not there.
 */
export function findTextMistakes(
  raw: unknown,
  schemaOf: (path: Path) => AnySchema | undefined,
  lookup: MachineLookup | undefined,
): Finding[] {
  const findings: Finding[] = []
  const visit = (value: unknown, path: Path): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        visit(child, [...path, Array.isArray(value) ? Number(key) : key])
      }
      return
    }
    if (typeof value !== 'string') return
    const schema = schemaOf(path)
    // A key that nobody knows is reported as such; what stands in it does not matter.
    if (schema === undefined) return
    const isSecret = marksOf(schema).secret === true
    const mistake = isSecret ? lookup && secretMistake(value, lookup) : textMistake(value)
    if (mistake !== undefined) findings.push({ path, ...mistake })
  }
  visit(raw, [])
  return findings
}

import type { z } from 'zod'
import { nearestWord } from './nearest.ts'
import { type AnySchema, branchOf, childSchema, knownKeys, literalChoices, marksOf } from './schema-walk.ts'

/** Keys and indexes from the top of the file. */
export type Path = readonly (string | number)[]

/** A mistake with its place as keys and indexes, before it gets a line. */
export interface Finding {
  readonly path: Path
  /** The mistake is the key itself, not its value. */
  readonly atKey?: boolean
  readonly value?: unknown
  readonly expected: string
  readonly hint?: string
  /** Of an unknown key: the key that was meant, so that its absence is not a second mistake. */
  readonly meant?: string
}

/** The value behind keys and indexes; undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

/** The schema behind keys and indexes of a value; undefined where the schema knows none. */
export function schemaAt(root: AnySchema, path: Path, rootValue: unknown): AnySchema | undefined {
  let schema: AnySchema | undefined = root
  for (const [depth, key] of path.entries()) {
    if (schema === undefined) return undefined
    schema = childSchema(schema, key, valueAt(rootValue, path.slice(0, depth)))
  }
  return schema
}

function listed(words: readonly unknown[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : String(words[0])
}

/** `did you mean …?`, or the whole choice where nothing is near. */
export function wordHint(word: unknown, known: readonly string[]): { hint?: string } {
  const nearest = typeof word === 'string' ? nearestWord(word, known) : undefined
  return nearest === undefined ? {} : { hint: `did you mean '${nearest}'?` }
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a group of keys' : `a ${typeof value}`
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
}

function typeHint(expected: string, value: unknown): { hint?: string } {
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return { hint: `write it in quotes: "${value}"` }
  }
  const quoted = typeof value === 'string' && value.trim() !== ''
  const unquotes =
    quoted &&
    (((expected === 'number' || expected === 'int') && Number.isFinite(Number(value))) ||
      (expected === 'boolean' && /^(true|false)$/.test(String(value))))
  if (unquotes) return { hint: `write it without quotes: ${value}` }
  if (expected === 'array' && value !== null && value !== undefined) {
    return { hint: typeof value === 'object' ? 'begin each entry with "- "' : `write it as a list: [${value}]` }
  }
  return {}
}

function unitHint(unit: string | undefined, value: unknown): { hint?: string } {
  const bare = typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()))
  if (unit === 'duration') {
    if (bare) return { hint: `write ${value}s for seconds, or ${value}ms for milliseconds` }
    return value === undefined ? {} : { hint: 'the units are ms, s, m, h and d' }
  }
  if (unit === 'bytes') {
    if (bare) return { hint: `write ${value}MiB for mebibytes, or ${value}B for bytes` }
    return value === undefined ? {} : { hint: 'the units are B, kB, MB, GB, KiB, MiB and GiB' }
  }
  return {}
}

const secretHint = { hint: 'write "${NAME}", and give NAME its value in the environment of the process' }

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === 'too_small'
  const limit = small ? issue.minimum : issue.maximum
  const word = small ? (issue.inclusive ? 'at least' : 'more than') : issue.inclusive ? 'at most' : 'less than'
  const things: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', set: ' entries' }
  return `expected ${word} ${limit}${things[issue.origin] ?? ''}`
}

function plainFormat(issue: z.core.$ZodIssueInvalidStringFormat): string {
  if (issue.format === 'url') return 'expected an address such as http://host:8086'
  return issue.pattern === undefined ? `expected a valid ${issue.format}` : `expected text like ${issue.pattern}`
}

const zodsOwnWords = /^(Invalid|Too |Unrecognized|Expected)/

function explainValue(issue: z.core.$ZodIssue, value: unknown, schema: AnySchema | undefined): Omit<Finding, 'path'> {
  const { unit, secret } = marksOf(schema)
  if (!zodsOwnWords.test(issue.message)) {
    const hint = secret === true ? secretHint : unitHint(unit, value)
    return value === undefined ? { expected: `missing: ${issue.message}` } : { expected: issue.message, ...hint }
  }
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = typeNames[issue.expected] ?? issue.expected
      if (value === undefined) return { expected: `missing: expected ${wanted}` }
      return { expected: `expected ${wanted}, not ${typeName(value)}`, ...typeHint(issue.expected, value) }
    }
    case 'invalid_value':
      return { expected: `expected ${listed(issue.values)}`, ...wordHint(value, issue.values.map(String)) }
    case 'too_small':
    case 'too_big':
      return { expected: bound(issue) }
    case 'invalid_format':
      return { expected: plainFormat(issue) }
    case 'not_multiple_of':
      return { expected: `expected a multiple of ${issue.divisor}` }
    default:
      return { expected: issue.message }
  }
}

function explainKeys(
  issue: z.core.$ZodIssueUnrecognizedKeys,
  value: unknown,
  schema: AnySchema | undefined,
  path: Path,
): Finding[] {
  const known = schema === undefined ? [] : knownKeys(schema, value)
  const taken = Object.keys((value ?? {}) as object)
  const free = known.filter((key) => !taken.includes(key))
  return issue.keys.map((key) => {
    const nearest = nearestWord(key, free) ?? nearestWord(key, known)
    const hint =
      nearest === undefined
        ? { hint: `the keys here are ${known.join(', ')}` }
        : { hint: `did you mean '${nearest}'?`, meant: nearest }
    return { path: [...path, key], atKey: true, expected: `unknown key '${key}'`, ...hint }
  })
}

/**
 * What a zod issue means, in words for the person who wrote the file; one issue may be several findings.
 *
 * `root` and `rootValue` are the schema and the value that the issue's path starts from.
 */
export function explainIssue(issue: z.core.$ZodIssue, root: AnySchema, rootValue: unknown): Finding[] {
  const path = issue.path as Path
  const value = valueAt(rootValue, path)
  const schema = schemaAt(root, path, rootValue)
  if (issue.code === 'unrecognized_keys') return explainKeys(issue, value, schema, path)
  if (issue.code === 'invalid_union') {
    const { options, note } = issue as { options?: readonly unknown[]; note?: string }
    if (note !== undefined && options !== undefined) {
      const expected = `${value === undefined ? 'missing: ' : ''}expected ${listed(options)}`
      return [{ path, ...(value === undefined ? {} : { value }), expected, ...wordHint(value, options.map(String)) }]
    }
    const branch = schema === undefined ? undefined : branchOf(schema, value)
    const parsed = branch === undefined ? undefined : (branch as z.ZodType).safeParse(value)
    if (branch !== undefined && parsed?.error !== undefined) {
      return parsed.error.issues
        .flatMap((nested) => explainIssue(nested, branch, value))
        .map((finding) => ({ ...finding, path: [...path, ...finding.path] }))
    }
  }
  const choices = schema === undefined ? [] : literalChoices(schema)
  const finding =
    choices.length > 0 && zodsOwnWords.test(issue.message)
      ? { expected: `${value === undefined ? 'missing: ' : ''}expected ${listed(choices)}` }
      : explainValue(issue, value, schema)
  return [{ path, ...(value === undefined ? {} : { value }), ...finding }]
}

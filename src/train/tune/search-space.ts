import { z } from 'zod'
import { ConfigurationError, type Problem } from '../../base/errors.ts'

/** A field of the plan that takes any number between two ends, both included. */
export interface Range {
  readonly kind: 'range'
  readonly path: string
  readonly from: number
  readonly to: number
  readonly scale: 'linear' | 'log'
  /** Numbers lie on from, from + step, …; null: anywhere. Whole numbers have the step 1. */
  readonly step: number | null
}

/** A field of the plan that takes one of these values, whatever they are. */
export interface Choices {
  readonly kind: 'choices'
  readonly path: string
  readonly values: readonly unknown[]
}

/** What a search varies: one field of the plan each. */
export type Dimension = Range | Choices

/** Values of one trial, by the path of their field. */
export type Assignment = ReadonlyMap<string, unknown>

/** Ends whose ratio is at least this are searched in ratios: 0.001 to 0.01 is as far as 0.01 to 0.1. */
const logFromRatio = 10

const rangeSchema = z.strictObject({
  from: z.number(),
  to: z.number(),
  scale: z.enum(['linear', 'log']).optional(),
  step: z.number().positive().optional(),
})
const choicesSchema = z.array(z.unknown()).min(1)

/**
 * Reads a search space: `{ "fit.rate": { from, to, scale?, step? }, "data.window": [32, 64] }`.
 *
 * A range whose ends (and step) are whole gives whole numbers. Errors: `ConfigurationError` with every mistake.
 */
export function parseSearchSpace(json: unknown): Dimension[] {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || Object.keys(json).length === 0) {
    const hint = 'give --vary, such as --vary fit.rate=0.001..0.02, or --search with a file'
    throw new ConfigurationError([{ path: 'search', value: json, expected: 'expected fields to vary', hint }])
  }
  const problems: Problem[] = []
  const space: Dimension[] = []
  for (const [path, value] of Object.entries(json)) {
    const read = Array.isArray(value) ? readChoices(path, value) : readRange(path, value)
    if ('expected' in read) problems.push(read)
    else space.push(read)
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return space
}

function readChoices(path: string, value: readonly unknown[]): Choices | Problem {
  const parsed = choicesSchema.safeParse(value)
  if (!parsed.success) return { path, value, expected: 'expected at least one value' }
  const distinct = new Map(parsed.data.map((choice) => [JSON.stringify(choice), choice]))
  return { kind: 'choices', path, values: [...distinct.values()] }
}

function readRange(path: string, value: unknown): Range | Problem {
  const parsed = rangeSchema.safeParse(value)
  if (!parsed.success) return { path, value, expected: 'expected a list of values, or { from, to, scale?, step? }' }
  const { from, to } = parsed.data
  if (!(from < to)) return { path, value, expected: 'expected from below to' }
  const scale = parsed.data.scale ?? (from > 0 && to / from >= logFromRatio ? 'log' : 'linear')
  if (scale === 'log' && from <= 0) return { path, value, expected: 'expected ends above 0 on a log scale' }
  const step = parsed.data.step ?? (Number.isInteger(from) && Number.isInteger(to) ? 1 : null)
  if (step !== null && step > to - from) return { path, value, expected: 'expected a step within the range' }
  return { kind: 'range', path, from, to, scale, step }
}

import { z } from 'zod'
import { limits } from '../base/limits.ts'

/** A whole number of a query. */
export function whole(min: number, max: number) {
  return z
    .string()
    .regex(/^-?\d{1,16}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
}

/** A parameter that may be repeated, as a list. */
export function oneOrMore(max: number) {
  return z
    .union([z.string(), z.array(z.string()).max(max)])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .pipe(z.array(z.string()).max(max))
}

/** An instant: milliseconds since 1970, or ISO 8601. */
export function instant() {
  return z
    .string()
    .transform((text, context) => {
      const ms = /^-?\d{1,16}$/.test(text) ? Number(text) : Date.parse(text)
      if (Number.isFinite(ms)) return ms
      context.addIssue({ code: 'custom', message: 'expected milliseconds since 1970 or ISO 8601' })
      return z.NEVER
    })
    .pipe(z.int())
    .describe('Milliseconds since 1970 UTC, or ISO 8601')
}

/** `offset` and `limit` of a list. */
export const paging = {
  offset: whole(0, limits.sensorsMax).default(0).describe('Rows to skip'),
  limit: whole(1, limits.pageRows).default(100).describe('Rows of this page, at most'),
}

import { z } from 'zod'
import type { ModelCard } from '../model/model.ts'

/** What a model learned from, as files have it. */
export const trainedOnSchema = z.object({
  fingerprint: z.string(),
  rows: z.number(),
  fromMs: z.number(),
  toMs: z.number(),
  channels: z.array(z.string()),
  files: z.array(z.string()),
})

/** Figures that are not finite, such as the loss of a model without a validation part, are null in JSON and left out. */
const figures = z
  .record(z.string(), z.number().nullable())
  .transform((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)))

const cardSchema = z.looseObject({
  summary: z.string(),
  data: z.string(),
  seed: z.number(),
  epochs: z.number(),
  losses: figures,
  settings: z.record(z.string(), z.union([z.number(), z.string()])),
  command: z.string(),
  from: z.string().optional(),
  trainedOn: trainedOnSchema.optional(),
  metrics: figures.optional(),
})

/** Why JSON is not what it should be, on one line. */
export function misfitOf(cause: unknown): string {
  if (cause instanceof z.ZodError) return z.prettifyError(cause).replaceAll(/\s+/g, ' ')
  return cause instanceof Error ? cause.message : String(cause)
}

/** Reads the `card` of a model.json. Errors: `Error` saying which field is not what it should be. */
export function parseCard(json: unknown): ModelCard | null {
  if (json === undefined || json === null) return null
  const parsed = cardSchema.safeParse(json)
  if (parsed.success) return parsed.data as ModelCard
  throw new Error(`its card: ${misfitOf(parsed.error)}`)
}

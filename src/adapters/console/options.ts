import { z } from 'zod'

/** Options of the console sink: alarms, and scores when asked for, on standard output. */
export const consoleOptions = z.strictObject({
  type: z.literal('console'),
  scores: z.enum(['all', 'changes', 'none']).default('none'),
  alarms: z.boolean().default(true),
  /** `text` for people, `json` for machines: one object a line. */
  form: z.enum(['text', 'json']).default('text'),
})
/** Parsed options of the console sink. */
export type ConsoleOptions = z.infer<typeof consoleOptions>

import { z } from 'zod'
import { limits } from '../../base/limits.ts'
import { timeZone } from '../../codec/options.ts'
import { timeUnits } from '../../codec/time-text.ts'
import { bytes, sinkSettings } from '../../ports/options.ts'

/**
 * Options of the file source: history that is read once, from beginning to end.
 *
 * `format` overrides the extension; `time` names the time column; `speed` 60 plays an hour in a minute.
 */
export const fileSourceOptions = z.strictObject({
  type: z.literal('file'),
  paths: z.array(z.string().min(1)).min(1, 'expected at least one file'),
  format: z.enum(['csv', 'ndjson', 'line-protocol']).optional(),
  time: z.string().min(1).optional(),
  timezone: timeZone().optional(),
  timeUnit: z.enum(timeUnits).optional(),
  ignore: z.array(z.string().min(1)).optional(),
  speed: z.number().positive().optional(),
})
/** Parsed options of the file source. */
export type FileSourceAdapterOptions = z.infer<typeof fileSourceOptions>

const scorePath = z.string().regex(/\.(csv|ndjson|lp)$/i, 'expected a file name that ends in .csv, .ndjson or .lp')

/**
 * Options of the file sink: scores and alarms appended to files; the extension decides the form.
 *
 * `rows`: every score, or the deciding ones only. `sync`: a batch is on the disk before it counts as taken.
 */
export const fileSinkOptions = z
  .strictObject({
    type: z.literal('file'),
    scores: scorePath.optional(),
    alarms: scorePath.optional(),
    rows: z.enum(['all', 'changes']).default('all'),
    sync: z.boolean().default(true),
    ...sinkSettings({ policy: 'block' }),
  })
  .refine(({ scores, alarms }) => scores !== undefined || alarms !== undefined, 'expected scores, alarms or both')
  .refine(({ scores, alarms }) => scores !== alarms, 'expected different files for scores and alarms')
/** Parsed options of the file sink. */
export type FileSinkOptions = z.infer<typeof fileSinkOptions>

/** Options of the dead-letter file: one JSON object a line, the original bytes in base64. */
export const fileDeadLetterOptions = z.strictObject({
  type: z.literal('file'),
  path: z.string().regex(/\.(ndjson|jsonl)$/i, 'expected a file name that ends in .ndjson'),
  limit: bytes().default(limits.deadLetterBytes),
})
/** Parsed options of the dead-letter file. */
export type FileDeadLetterOptions = z.infer<typeof fileDeadLetterOptions>

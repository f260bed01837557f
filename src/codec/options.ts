import { z } from 'zod'
import { isJsonPath } from './json-path.ts'
import { linePrecisions } from './line-protocol.ts'
import { timeUnits } from './time-text.ts'
import { localTimeOf } from './time-zone.ts'
import { topicPathProblem } from './topic-path.ts'

function jsonPath() {
  return z.string().refine(isJsonPath, 'expected a path such as $.v, $.data[0].value or $["a b"]')
}

/** An IANA time zone name for times that carry none. */
export function timeZone() {
  return z.string().refine((zone) => localTimeOf(zone) !== undefined, 'expected a time zone such as Europe/Berlin')
}

/** A pattern such as `plant/{area}/{asset}/{measurement}` whose levels become labels. */
export function topicPath() {
  return z.string().superRefine((pattern, context) => {
    const problem = topicPathProblem(pattern)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
}

const json = z.strictObject({
  type: z.literal('json'),
  value: jsonPath().optional(),
  time: jsonPath().optional(),
  sensor: jsonPath().optional(),
  quality: jsonPath().optional(),
  timeUnit: z.enum(timeUnits).default('ms'),
  timezone: timeZone().optional(),
})

const lineProtocol = z.strictObject({
  type: z.literal('line-protocol'),
  precision: z.enum(linePrecisions).default('ns'),
})

const csv = z.strictObject({
  type: z.literal('csv'),
  time: z.string().min(1).optional(),
  timeUnit: z.enum(timeUnits).default('ms'),
  timezone: timeZone().optional(),
  delimiter: z.enum([',', ';', '\t']).optional(),
  ignore: z.array(z.string()).optional(),
})

/** The `codec:` of a source; JSON with its default shapes when absent. */
export const codecOptions = z
  .discriminatedUnion('type', [json, lineProtocol, csv])
  .default({ type: 'json', timeUnit: 'ms' })

/** Parsed `codec:` options. */
export type CodecOptions = z.infer<typeof codecOptions>

/** The kinds of codec, as the contract suite walks them. */
export const codecTypes = ['json', 'line-protocol', 'csv'] as const

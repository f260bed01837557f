import { z } from 'zod'
import { limits } from '../base/limits.ts'
import { parseBytes, parseDuration } from '../base/units.ts'
import type { ScoreSelection, SinkPolicy, SinkSettings } from './sink.ts'

const durationText = 'expected a duration with a unit, such as 30s, 5m or 250ms'
const bytesText = 'expected a size with a unit, such as 64MiB'

/** A duration with its unit (`30s`); parsed to ms. */
export function duration() {
  return z
    .string({ error: durationText })
    .transform((text, context) => {
      const ms = parseDuration(text)
      if (ms !== undefined) return ms
      context.addIssue({ code: 'custom', message: durationText })
      return z.NEVER
    })
    .meta({ unit: 'duration' })
}

/** A size with its unit (`64MiB`); parsed to bytes. */
export function bytes() {
  return z
    .string({ error: bytesText })
    .transform((text, context) => {
      const size = parseBytes(text)
      if (size !== undefined) return size
      context.addIssue({ code: 'custom', message: bytesText })
      return z.NEVER
    })
    .meta({ unit: 'bytes' })
}

/**
 * A reference to a secret, `${ENV}` or `file:PATH`; the secret itself never stands in a configuration.
 *
 * The mark `secret` is how `config` knows where a reference may stand, what to hide and what to look up at start.
 */
export function secret() {
  const message = 'expected a reference to a secret, ${ENV_NAME} or file:PATH, never the secret itself'
  return z
    .string({ error: message })
    .regex(/^(\$\{\w+\}|file:.+)$/, message)
    .meta({ secret: true })
}

/** TLS of a client: certificate files by path. */
export function tls() {
  return z.strictObject({
    ca: z.string().optional(),
    cert: z.string().optional(),
    key: z.string().optional(),
    rejectUnauthorized: z.boolean().default(true),
  })
}

/** The settings that every sink has, with this adapter's defaults. Spread into the adapter's strict object. */
export function sinkSettings(defaults: { policy: SinkPolicy }) {
  return {
    policy: z.enum(['block', 'spill', 'drop']).default(defaults.policy),
    batchReadings: z.int().min(1).max(limits.sinkBatchReadings).default(5_000),
    batchDelay: duration().default(200),
    retryInitial: duration().default(200),
    retryMax: duration().default(30_000),
    spillLimit: bytes().default(limits.spillBytes),
  }
}

/** Parsed common settings, as `sinkSettings` yields them. */
export interface ParsedSinkSettings {
  readonly policy: SinkPolicy
  readonly batchReadings: number
  readonly batchDelay: number
  readonly retryInitial: number
  readonly retryMax: number
  readonly spillLimit: number
}

/** The runtime's view of parsed settings. */
export function toSinkSettings(parsed: ParsedSinkSettings, scores: ScoreSelection, alarms: boolean): SinkSettings {
  return {
    scores,
    alarms,
    policy: parsed.policy,
    batchReadings: parsed.batchReadings,
    batchMs: parsed.batchDelay,
    retryInitialMs: parsed.retryInitial,
    retryMaxMs: parsed.retryMax,
    spillBytes: parsed.spillLimit,
  }
}

import { z } from 'zod'
import { limits } from '../base/limits.ts'
import { parseDuration } from '../base/units.ts'
import { priorities } from '../domain/alarm.ts'
import { adaptations } from '../domain/sensor.ts'
import { duration, secret } from '../ports/options.ts'
import { calendarSettings } from './plant-calendar.ts'

/** A key that the documentation knows but this version does not have: refused with the reason, never ignored. */
function notBuilt(reason: string) {
  return z.never({ error: reason }).optional()
}

const silenceText = 'expected a duration with a unit, such as 30s or 5m, or the word never'

/** Silence after which a sensor counts as silent; `never` is parsed to Infinity. */
function silence() {
  return z
    .string({ error: silenceText })
    .transform((text, context) => {
      const ms = text === 'never' ? Infinity : parseDuration(text)
      // Zero would mean that every sensor is silent at once; the specification uses it for "learned".
      if (ms !== undefined && ms > 0) return ms
      context.addIssue({ code: 'custom', message: silenceText })
      return z.NEVER
    })
    .meta({ unit: 'duration' })
}

const acceptText = 'expected a number of readings, a duration with a unit such as 2h, or the word never'

/** When a level that stays is taken as normal. */
function acceptAfter() {
  return z.union(
    [z.int().min(1), z.string().refine((text) => text === 'never' || (parseDuration(text) ?? 0) > 0, acceptText)],
    { error: acceptText },
  )
}

const range = z
  .strictObject({ low: z.number().optional(), high: z.number().optional() })
  .refine(({ low, high }) => low === undefined || high === undefined || low < high, 'expected low below high')
  .refine(({ low, high }) => low !== undefined || high !== undefined, 'expected low, high or both')

const alarm = z.strictObject({
  direction: z.enum(['high', 'low', 'both']).optional(),
  delayOn: duration().optional(),
  delayOff: duration().optional(),
  acceptAfter: acceptAfter().optional(),
})

/** What both `defaults` and each rule of `sensors` may set. */
const sensorSettings = {
  silentAfter: silence().optional(),
  lateness: duration().optional(),
  priority: z.enum(priorities).optional(),
  sensitivity: z.enum(['low', 'normal', 'high']).optional(),
  adapt: z.enum(adaptations).optional(),
  alarm: alarm.optional(),
  labels: z.record(z.string().min(1), z.string()).optional(),
}

/** Ids of sensors, with wildcards. */
const pattern = z
  .string()
  .min(1)
  .refine(
    (text) => !text.split('/').some((level) => level === '+' || level === '#'),
    'expected a pattern with * (one level) and ** (any levels); + and # are wildcards of MQTT topics only',
  )

const sensorRule = z.strictObject({
  match: pattern,
  unit: z.string().optional(),
  range: range.optional(),
  rate: z.number().positive().optional(),
  /** Ids of the sensors that explain it (commands, set points, loads), in the order of its model's context columns. */
  context: z.array(z.string().min(1)).optional(),
  ...calendarSettings,
  ...sensorSettings,
  model: notBuilt('one model serves all sensors in this version: set defaults.model'),
})

/** A machine whose channels are scored together: one score, one process alarm, and a slow one for drift. */
const assetRule = z.strictObject({
  name: z.string().regex(/^[^\0]{1,128}$/, 'expected a name of 1 to 128 characters'),
  channels: z.array(pattern).min(1, 'expected at least one pattern of sensor ids'),
  /** Channels that report at their own times are put on a grid of it; found by itself otherwise. */
  period: duration().optional(),
  /** How old a channel's last reading may be on that grid; three periods otherwise. */
  maxAge: duration().optional(),
  /** A tick closes when every channel has reported, or when any channel is this much past it. */
  lateness: duration().default(0),
  /** Ticks that a new asset learns from, known to be normal, before it is scored. */
  learnRows: z.int().min(limits.learnTicksMin).default(500),
  /** What counts as normal follows slow change; the drift alarm tells of it all the same. */
  trackDrift: z.boolean().default(false),
  priority: z.enum(priorities).default('medium'),
  sensitivity: z.enum(['low', 'normal', 'high']).default('normal'),
  alarm: z.strictObject({ delayOn: duration().default(0), delayOff: duration().default(0) }).prefault({}),
  labels: z.record(z.string().min(1), z.string()).default({}),
})

const assetRules = z
  .array(assetRule)
  .max(limits.assetsMax)
  .superRefine((assets, context) => {
    for (const [index, { name }] of assets.entries()) {
      const first = assets.findIndex((other) => other.name === name)
      if (first === index) continue
      const message = `expected a name of its own; assets[${first}] is called '${name}' too`
      context.addIssue({ code: 'custom', path: [index, 'name'], message, input: name })
    }
  })

const auth = z.union(
  [
    z.literal('none'),
    z.strictObject({
      tokens: z
        .array(z.strictObject({ role: z.enum(['viewer', 'operator', 'engineer', 'admin']), token: secret() }))
        .min(1),
    }),
  ],
  { error: 'expected the word none, or tokens: [{ role, token }]' },
)

const server = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8080),
  auth: auth.optional(),
})

const minTime = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'expected a date such as 2000-01-01, or a time such as 2000-01-01T00:00:00Z',
  })
  .transform((text) => Date.parse(text))
  .meta({ unit: 'time' })

const momentText = 'expected a duration before the start such as 30d, or a time such as 2026-01-31T00:00:00Z'

/** A moment: so long before the start, or a time. */
function moment() {
  return z
    .string({ error: momentText })
    .refine((text) => momentMs(text, 0) !== undefined, momentText)
    .optional()
}

/** Ms since 1970 of a moment as the configuration has it; undefined when it is none. */
export function momentMs(text: string, startMs: number): number | undefined {
  const before = parseDuration(text)
  if (before !== undefined) return startMs - before
  return z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(text).success
    ? Date.parse(text)
    : undefined
}

/** History that new sensors and assets learn from before anything live is taken. */
const bootstrap = z.strictObject({
  /** Files, an address (kafka://, influxdb://), or a history with its options by `type`. */
  from: z.unknown().optional(),
  since: moment(),
  until: moment(),
  /** The first rows of each sensor, known to be normal. */
  learnRows: z.int().min(limits.learnTicksMin).optional(),
  /** What a history that cannot be read does to the start. */
  onFailure: z.enum(['stop', 'continue']).default('stop'),
})

/**
 * The whole configuration file but for the options of sources, sinks and dead letters, which the adapters describe.
 *
 * Units: durations are parsed to ms, times to ms since 1970.
 */
export const fileSchema = z.strictObject({
  plant: z
    .string()
    .regex(/^[^/+#\0]{1,64}$/, 'expected a name of 1 to 64 characters without / + #: it is a level of MQTT topics')
    .default('plant'),
  ...calendarSettings,
  sources: z.array(z.unknown()).min(1, 'expected at least one source'),
  defaults: z.strictObject({ model: z.string().min(1).default('base'), ...sensorSettings }).prefault({}),
  sensors: z.array(sensorRule).default([]),
  assets: assetRules.default([]),
  sinks: z.array(z.unknown()).default([]),
  deadLetter: z.unknown().optional(),
  state: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('lmdb'), path: z.string().min(1).default('./residua-data') }),
      z.strictObject({ type: z.literal('memory') }),
    ])
    .prefault({ type: 'lmdb' }),
  bootstrap: bootstrap.optional(),
  /** Where versions of models are registered, on disk. */
  models: z.strictObject({ path: z.string().min(1).default('./residua-models') }).prefault({}),
  server: server.prefault({}),
  limits: z
    .strictObject({ sensors: z.int().min(1).max(limits.sensorsMax).default(limits.sensorsDefault) })
    .prefault({}),
  checkpoint: z
    .strictObject({
      interval: duration().default(limits.checkpointMs),
      readings: z.int().min(1).default(limits.checkpointReadings),
    })
    .prefault({}),
  maxFuture: duration().default(limits.maxFutureMs),
  minTime: minTime.default(limits.minTimeMs),
})

/** The file as the schema yields it, before the adapters' options are parsed. */
export type ParsedFile = z.infer<typeof fileSchema>
/** One rule of `sensors`. */
export type SensorRule = z.infer<typeof sensorRule>
/** One of `assets`. */
export type AssetRule = z.infer<typeof assetRule>
/** Who may use the server. */
export type ServerAuth = z.infer<typeof auth>
/** Values that the documentation names but this version does not have, by path and value, with the reason. */
export const notBuiltValues: Readonly<Record<string, string>> = {
  'state.type=kafka': 'state in a Kafka changelog is not part of 0.1.0; use lmdb',
}

import { z } from 'zod'
import { alarmStates, priorities } from '../domain/alarm.ts'
import { qualityNames } from '../domain/quality.ts'
import type { WriteResult } from '../ports/ingress.ts'
import { sensorStates } from '../runtime/api.ts'
import type {
  AlarmAnswer,
  ExplanationAnswer,
  HistoryAnswer,
  SensorAnswer,
  StatusAnswer,
  TransitionAnswer,
} from './answer.ts'
import { type ErrorBody, type HttpErrorCode, httpErrorCodes } from './http-error.ts'

const figure = z.number().nullable()
const instant = z.iso.datetime({ precision: 3 })
const time = instant.describe('Event time, ISO 8601 in UTC with milliseconds')
const quality = z.enum(qualityNames as [(typeof qualityNames)[number]])
const column = z.array(figure)

/** A sensor as lists show it; the live stream shows the same with its time in milliseconds. */
export const sensorSummary = z
  .object({
    id: z.string(),
    asset: z.string().nullable(),
    unit: z.string(),
    labels: z.record(z.string(), z.string()),
    state: z.enum(sensorStates),
    quality,
    time: time.nullable(),
    value: figure,
    expected: figure,
    lower: figure,
    upper: figure,
    score: z.number().min(0).max(1).describe('0.5 is the alarm boundary for every model'),
    alarm: z.union([z.literal(0), z.literal(1)]),
    progress: z
      .object({ seen: z.int(), needed: z.int() })
      .nullable()
      .describe('Readings seen and needed while warming up'),
  })
  .meta({ id: 'SensorSummary' }) satisfies z.ZodType<SensorAnswer>

/** A sensor's recent past, columnar. */
export const history = z
  .object({
    sensor: z.string(),
    time: z.array(time),
    value: column,
    expected: column,
    lower: column,
    upper: column,
    score: z.array(z.number()),
    alarm: z.array(z.number()),
    quality: z.array(quality),
  })
  .meta({ id: 'History' }) satisfies z.ZodType<HistoryAnswer>

const alarm = z
  .object({
    id: z.string().describe('One occurrence'),
    fingerprint: z.string().describe('The same for every occurrence of this label set'),
    plant: z.string(),
    sensor: z.string(),
    asset: z.string().nullable(),
    class: z.enum(['process', 'instrument']),
    state: z.enum(alarmStates),
    priority: z.enum(priorities),
    eventTime: time,
    detectedTime: instant.describe(
      'Arrival of the reading that caused it, or when silence was noticed; ISO 8601 in UTC with milliseconds',
    ),
    value: figure,
    expected: figure,
    lower: figure,
    upper: figure,
    score: z.number(),
    message: z.string(),
  })
  .meta({ id: 'Alarm' }) satisfies z.ZodType<AlarmAnswer>

/** One step of an alarm's life. */
export const alarmTransition = z
  .object({ transitionId: z.string(), from: z.enum(alarmStates), raisedTime: time, alarm })
  .meta({ id: 'AlarmTransition' }) satisfies z.ZodType<TransitionAnswer>

const counts = z.record(z.string(), z.int())

/** Figures of the running process. */
export const pipelineStatus = z
  .object({
    plant: z.string(),
    model: z.string(),
    startedAt: instant.describe('ISO 8601 in UTC with milliseconds'),
    readings: z.int(),
    rejected: counts,
    scores: z.int(),
    readingsPerSecond: z.number(),
    sensors: z.int(),
    sensorLimit: z.int(),
    sensorStates: z.record(z.enum(sensorStates), z.int()),
    alarmsActive: z.int(),
    checkpointAgeMs: z.number(),
    parts: z.array(
      z.object({ name: z.string(), kind: z.enum(['source', 'sink', 'state']), up: z.boolean(), detail: z.string() }),
    ),
  })
  .meta({ id: 'PipelineStatus' }) satisfies z.ZodType<StatusAnswer>

/** Why a reading is not what was expected. */
export const explanation = z
  .object({
    sensor: z.string(),
    time,
    value: z.number(),
    expected: z.number(),
    residual: z.number().describe('value − expected = rest + the sum of channels = rest + the sum of ticks'),
    rest: z.number().describe('The reading against what it is compared with, and what `ticks` do not account for'),
    against: z.enum(['last', 'usual']).describe('Compared with the reading before, or with the usual value'),
    sentence: z.string(),
    channels: z.array(z.object({ channel: z.string(), contribution: z.number() })),
    ticks: z.array(z.object({ time, value: z.number(), contribution: z.number() })),
  })
  .meta({ id: 'Explanation' }) satisfies z.ZodType<ExplanationAnswer>

/** What became of written lines. */
export const writeResult = z
  .object({
    accepted: z.int(),
    rejected: z.array(z.object({ line: z.int().exactOptional(), reason: z.string(), detail: z.string() })),
  })
  .meta({ id: 'WriteResult' }) satisfies z.ZodType<WriteResult>

/** The body of every error. */
export const errorBody = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(httpErrorCodes) as [HttpErrorCode]),
      message: z.string(),
      hint: z.string().describe('What to do about it'),
    }),
  })
  .meta({ id: 'Error' }) satisfies z.ZodType<ErrorBody>

/** Sparkline values by sensor id. */
export const sparklines = z.record(z.string(), column).meta({ id: 'Sparklines' })

/** A page of a list. */
export function pageOf(item: z.ZodType) {
  return z.object({ items: z.array(item), total: z.int().describe('Rows that match, on all pages') })
}

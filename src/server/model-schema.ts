import { z } from 'zod'
import type {
  ModelComparison,
  Registered,
  RegisteredModel,
  RegisteredVersion,
  RunningModels,
} from '../ports/plant-models.ts'

const instant = z.iso.datetime().describe('ISO 8601 in UTC with milliseconds')
const eventTime = z.string().describe('Event time, ISO 8601 in UTC with milliseconds')
const count = z.int()

const running = z
  .object({
    model: z.string(),
    shadow: z.string().nullable(),
    follows: z.string().nullable().describe('The registered model whose live version the plant runs'),
    problem: z.string().nullable().describe('Why the plant does not run what the registry says'),
    lastChange: z
      .object({
        time: instant,
        model: z.string(),
        kept: count.describe('Sensors that went on with their state'),
        continued: count.describe('Sensors that went on with the state of the shadow'),
        warmed: count.describe('Sensors that were warmed up from recent readings'),
        warming: count.describe('Sensors that warm up'),
      })
      .nullable(),
  })
  .meta({ id: 'RunningModels' })

const side = z.object({ meanError: z.number(), alarms: count, alarmReadings: count })

const comparison = z
  .object({
    plant: z.string(),
    live: count,
    shadow: count,
    from: eventTime.nullable(),
    to: eventTime.nullable(),
    readings: count.describe('Readings that both scored'),
    relativeError: z.number().nullable().describe('Mean error of the shadow through that of the live one'),
    alarms: z.object({ live: count, shadow: count }),
    sensors: z.array(z.object({ sensor: z.string(), readings: count, live: side, shadow: side, apart: count })),
  })
  .meta({ id: 'ModelComparison' })

const version = z.object({
  version: count,
  addedAt: instant,
  addedBy: z.string(),
  fingerprint: z.string(),
  sensors: count.describe('Sensors with a model of their own; 0: one model for any sensor'),
  parent: z.string().nullable(),
  data: z
    .object({
      fingerprint: z.string(),
      rows: count,
      from: eventTime,
      to: eventTime,
      channels: z.array(z.string()),
      files: z.array(z.string()),
    })
    .nullable(),
  metrics: z.record(z.string(), z.number()).nullable(),
})

const registered = z
  .object({
    name: z.string(),
    live: count.nullable(),
    shadow: count.nullable(),
    rollbackTo: count.nullable(),
    versions: z.array(version),
    audit: z.array(
      z.object({
        at: instant,
        by: z.string(),
        action: z.enum(['add', 'promote', 'rollback', 'shadow', 'end-shadow']),
        version: count.nullable(),
        from: count.nullable(),
        reason: z.string(),
      }),
    ),
    comparison: comparison.nullable(),
  })
  .meta({ id: 'RegisteredModel' })

/** What the plant runs and what is registered. */
export const modelsAnswer = z
  .object({
    running,
    registered: z.array(registered),
    damaged: z.array(z.string()).describe('What is wrong with each model whose record cannot be read, and what to do'),
  })
  .meta({ id: 'Models' })

/** What the plant runs and what is registered, as an answer writes it. */
export type ModelsAnswer = z.infer<typeof modelsAnswer>

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function runningAnswer({ lastChange, ...rest }: RunningModels): ModelsAnswer['running'] {
  if (lastChange === null) return { ...rest, lastChange }
  const { at, ...change } = lastChange
  return { ...rest, lastChange: { time: iso(at), ...change } }
}

function comparisonAnswer({ fromMs, toMs, ...rest }: ModelComparison): z.infer<typeof comparison> {
  const [from, to] = [fromMs, toMs].map((ms) => (ms === null ? null : iso(ms)))
  return { ...rest, from: from!, to: to!, sensors: [...rest.sensors] }
}

function versionAnswer({ data, ...rest }: RegisteredVersion): z.infer<typeof version> {
  if (data === null) return { ...rest, data }
  const { fingerprint, rows, fromMs, toMs, channels, files } = data
  const told = { fingerprint, rows, from: iso(fromMs), to: iso(toMs), channels: [...channels], files: [...files] }
  return { ...rest, data: told }
}

/** Writes a model with its versions. */
export function registeredAnswer(model: RegisteredModel): z.infer<typeof registered> {
  const { name, live, shadow, rollbackTo, versions, audit } = model
  return {
    name,
    live,
    shadow,
    rollbackTo,
    versions: versions.map(versionAnswer),
    audit: audit.map(({ at, by, action, version: number, from, reason }) => ({
      at,
      by,
      action,
      version: number,
      from,
      reason,
    })),
    comparison: model.comparison === null ? null : comparisonAnswer(model.comparison),
  }
}

/** Writes what runs and what is registered. */
export function writeModels(now: RunningModels, { models, damaged }: Registered): ModelsAnswer {
  return { running: runningAnswer(now), registered: models.map(registeredAnswer), damaged: [...damaged] }
}

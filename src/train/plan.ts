import { z } from 'zod'
import { ConfigurationError } from '../base/errors.ts'
import { calendarCycles } from '../model/calendar.ts'
import { scalerKinds } from '../model/model.ts'
import { lossNames } from './fit/target-loss.ts'
import { presets } from './presets.ts'

const count = z.int().min(1)
const share = z.number().min(0).max(0.9)

const dataFields = z.strictObject({
  /** Ms between the ticks of a grid; null: readings as they are (of an asset: its own period where it needs one). */
  periodMs: z.number().positive().nullable().default(null),
  maxAgeMs: z.number().positive().nullable().default(null),
  value: z.enum(['last', 'mean']).default('last'),
  scaler: z.enum(scalerKinds).default('standard'),
  inputClip: z.number().positive().default(8),
  calendar: z.array(z.enum(calendarCycles)).default([]),
  validation: share.default(0.15),
  test: share.default(0.15),
  window: count.max(65_536).default(64),
  /** Rows between two windows; 0: a quarter of a window where every tick is judged, else 1. */
  stride: z.int().min(0).default(0),
  horizons: count.max(1_000).default(10),
  target: z.enum(['change', 'level']).default('change'),
  /** Rows in alarm under the base model are left out of what is learned from. */
  skipAlarms: z.boolean().default(false),
})
const dataPlan = dataFields.refine(({ validation, test }) => validation + test <= 0.95, {
  path: ['validation'],
  message: 'expected validation and test to be at most 0.95 together: the rest of the rows trains',
})

/** Recipe T's penalty. */
export const ridgePenalty = 30

/** Recipe T's linear model, which the network then corrects; null: the network forecasts alone. */
const linearPlan = z
  .strictObject({
    /** Last values that it reads. */
    lags: count.max(1_000).default(20),
    /** How many rows ago it reads each context column, besides now. */
    contextLags: z.array(count.max(1_000)).default([1, 2, 4]),
    /** Weights of the running averages of each context column. */
    averages: z.array(z.number().positive().max(1)).default([0.1, 0.02]),
    /** Ridge: what is added to the diagonal of the normal equations of scaled inputs. */
    penalty: z.number().positive().default(ridgePenalty),
  })
  .nullable()
  .default(null)

const adamPlan = {
  betas: z.tuple([z.number(), z.number()]).default([0.9, 0.999]),
  eps: z.number().positive().default(1e-8),
  amsgrad: z.boolean().default(false),
}
const optimizerPlan = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sgd'),
    momentum: z.number().min(0).max(1).default(0.9),
    nesterov: z.boolean().default(false),
    decay: z.number().min(0).default(0),
  }),
  z.strictObject({ kind: z.literal('adam'), ...adamPlan, decay: z.number().min(0).default(0) }),
  z.strictObject({ kind: z.literal('adamw'), ...adamPlan, decay: z.number().min(0).default(0.01) }),
  z.strictObject({
    kind: z.literal('rmsprop'),
    alpha: z.number().min(0).max(1).default(0.99),
    eps: z.number().positive().default(1e-8),
    momentum: z.number().min(0).max(1).default(0),
    decay: z.number().min(0).default(0),
  }),
])

const warmUp = z.number().min(0).default(0)
const schedulePlan = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), warmUp }),
  z.strictObject({ kind: z.literal('step'), every: count, factor: z.number().positive().max(1).default(0.5), warmUp }),
  z.strictObject({ kind: z.literal('exponential'), factor: z.number().positive().max(1).default(0.95), warmUp }),
  z.strictObject({ kind: z.literal('cosine'), lowest: z.number().min(0).max(1).default(0), warmUp }),
  z.strictObject({ kind: z.literal('one-cycle'), warmUp }),
  z.strictObject({
    kind: z.literal('plateau'),
    patience: count.default(3),
    factor: z.number().positive().max(1).default(0.5),
    warmUp,
  }),
])

const fitPlan = z.strictObject({
  engine: z.enum(['residua', 'tfjs']).default('residua'),
  loss: z.enum(lossNames).default('huber'),
  optimizer: optimizerPlan,
  rate: z.number().positive().default(5e-3),
  schedule: schedulePlan,
  epochs: count.default(30),
  /** Updates in all, in whole epochs, in place of `epochs`; null: as many as the epochs make. */
  steps: count.nullable().default(null),
  /** The weights that are kept: of the epoch with the lowest loss, or of the last one. */
  keep: z.enum(['best', 'last']).default('best'),
  /** Deviation of the normal noise that is added to every input while training; scaled units. */
  inputNoise: z.number().min(0).default(0),
  batch: count.default(32),
  gradientClip: z.number().min(0).default(1),
  l1: z.number().min(0).default(0),
  l2: z.number().min(0).default(0),
  patience: z.int().min(0).default(8),
  minDelta: z.number().min(0).default(0),
  /** First ticks of a window without loss, where every tick is judged: the state is still cold. */
  coldTicks: z.int().min(0).default(10),
  frozen: z.array(z.string()).default([]),
  init: z.enum(['pytorch', 'keras']).default('pytorch'),
  seed: z.int().min(0).default(1),
})

/** Below every preset, so that one field of them can be set alone: `fit.optimizer.decay` keeps the kind. */
const usual = { fit: { optimizer: { kind: 'adamw', decay: 1e-3 }, schedule: { kind: 'one-cycle' } } }

/** Modules as `architecture.ts` has them; widths that follow from the data or from the module before may be left out. */
const modelPlan = z.strictObject({ modules: z.array(z.record(z.string(), z.unknown())).min(1) })

const planSchema = z
  .strictObject({ model: modelPlan, data: dataPlan.prefault({}), linear: linearPlan, fit: fitPlan })
  .refine(({ linear, data }) => linear === null || data.target === 'level', {
    path: ['data', 'target'],
    message: 'expected level where there is a linear model: it forecasts values, not changes',
  })
  .refine(({ linear, data }) => linear === null || data.validation > 0, {
    path: ['data', 'validation'],
    message:
      'expected more than 0 where there is a linear model: held-back rows say how far the network may correct it',
  })
  .refine(({ linear, fit }) => linear === null || (fit.loss !== 'gaussian' && fit.loss !== 'quantile'), {
    path: ['fit', 'loss'],
    message: 'expected mse, mae or huber where there is a linear model: the network gives one number a horizon',
  })

/** A training, declared: the network, what becomes of the data, and how it is fitted. */
export type TrainingPlan = z.infer<typeof planSchema>

type Json = Record<string, unknown>

/**
 * Reads a training plan: `{ preset?, model?, data?, linear?, fit? }`; what is not given comes from the preset (default `gru`),
 * then from the defaults.
 *
 * Errors: `ConfigurationError` with every mistake, each with its path.
 */
export function parsePlan(given: unknown): TrainingPlan {
  if (!isObject(given)) throw new ConfigurationError([{ path: 'plan', value: given, expected: 'expected an object' }])
  const { preset = 'gru', ...own } = given
  const known = typeof preset === 'string' && Object.hasOwn(presets, preset) ? presets[preset] : undefined
  if (known === undefined) {
    const names = Object.keys(presets).join(', ')
    throw new ConfigurationError([{ path: 'preset', value: preset, expected: `expected one of ${names}` }])
  }
  const parsed = planSchema.safeParse(merged(merged(usual, known.plan), own))
  if (parsed.success) return parsed.data
  throw new ConfigurationError(
    parsed.error.issues.flatMap((issue) => {
      const { path, message } = issue
      const at = (...keys: PropertyKey[]): string => [...path, ...keys].map(String).join('.')
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) => ({
          path: at(key),
          value: valueAt(own, [...path, key]),
          expected: 'there is no such field',
        }))
      }
      return [{ path: at(), value: valueAt(own, path), expected: message }]
    }),
  )
}

/** Changes a plan by paths, as `--set fit.rate=0.01` does; values are read as JSON where they are JSON. */
export function withSettings(plan: unknown, settings: ReadonlyMap<string, unknown>): unknown {
  let changed: unknown = plan
  for (const [path, value] of settings) changed = withValue(changed, path.split('.'), value)
  return changed
}

function withValue(node: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  if (Array.isArray(node)) return node.map((item, at) => (String(at) === key ? withValue(item, rest, value) : item))
  const object = isObject(node) ? node : {}
  return { ...object, [key]: withValue(object[key], rest, value) }
}

/** Objects are merged key by key; lists, and objects whose `kind` is another one, are taken whole. */
function merged(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above === undefined ? below : above
  if (above['kind'] !== undefined && above['kind'] !== below['kind']) return above
  const keys = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries([...keys].map((key) => [key, merged(below[key], above[key])]))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueAt(node: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Json | undefined)?.[String(key)], node)
}

import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ConfigurationError, messageOf } from '../../base/errors.ts'
import { parsePlan, type TrainingPlan, withSettings } from '../../train/plan.ts'
import { listOf } from '../calendar-options.ts'
import { planReplay, type ReplayArguments } from '../replay/plan.ts'
import type { ReadPlan } from './read-histories.ts'

/** Options of every command that learns from history: those of a replay, and what becomes of the data. */
export interface LearningArguments
  extends Omit<ReplayArguments, 'model' | 'kernel' | 'sensitivity' | 'adapt' | 'out' | 'alarms' | 'speed'> {
  readonly asset?: string
  readonly plan?: string
  readonly preset?: string
  readonly set?: readonly string[]
  readonly window?: string
  readonly horizons?: string
  readonly period?: string
  readonly scaler?: string
  readonly calendar?: string
  readonly loss?: string
  readonly epochs?: string
  readonly seed?: string
  readonly engine?: string
  readonly freeze?: string
}

/** What a learning command does, checked. */
export interface LearningPlan {
  readonly read: ReadPlan
  /** As declared, before defaults: what `tune` varies. */
  readonly declared: unknown
  readonly training: TrainingPlan
}

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Flags that are short for a path of the plan. */
const shortFor = {
  window: 'data.window',
  horizons: 'data.horizons',
  scaler: 'data.scaler',
  loss: 'fit.loss',
  epochs: 'fit.epochs',
  seed: 'fit.seed',
  engine: 'fit.engine',
} as const

/** Checks inputs and options. Errors: `ConfigurationError` with the mistakes of the options, or of the plan. */
export function planLearning(inputs: readonly string[], args: LearningArguments): LearningPlan {
  const read = inputPlan(inputs, args)
  const declared = withSettings(args.plan === undefined ? {} : readPlan(args.plan), settingsOf(args))
  const training = parsePlan(declared)
  const { data } = training
  return { read: { ...read, data, fitShare: 1 - data.test - data.validation }, declared, training }
}

/** How the input is read, with the usual treatment of data. Errors: `ConfigurationError` with every mistake. */
export function inputPlan(inputs: readonly string[], args: LearningArguments): ReadPlan {
  // What a command writes to, or takes as a model, is its own; a replay would read it as its output.
  const { as, learnRows, learnUntil, ignore, context, time, timezone, holidays, shifts, timeUnit, format } = args
  const { username, password } = args
  const files = { ignore, time, timezone, holidays, shifts, timeUnit, format }
  const own = { as, learnRows, learnUntil, context, username, password, ...files }
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
  return {
    replay: planReplay(inputs, { ...given, model: 'base', kernel: 'wasm', sensitivity: 'normal' }, 'learn'),
    as: as === 'asset' ? 'asset' : 'sensors',
    asset: args.asset ?? 'asset',
    context: listOf(args.context),
    data: parsePlan({}).data,
    fitShare: 1,
    cut: 'common',
    json: args.json === true,
  }
}

function readPlan(path: string): unknown {
  if (!existsSync(path)) {
    throw new ConfigurationError([{ path: '--plan', value: path, expected: 'there is no such file' }])
  }
  try {
    const plan: unknown = parse(readFileSync(path, 'utf8'))
    if (typeof plan === 'object' && plan !== null && !Array.isArray(plan)) return plan
    throw new Error('it holds no fields')
  } catch (error) {
    throw new ConfigurationError([
      {
        path: '--plan',
        value: path,
        expected: `no plan as YAML or JSON: ${messageOf(error)}`,
        hint: 'fields such as data: { window: 64 }',
      },
    ])
  }
}

function settingsOf(args: LearningArguments): Map<string, unknown> {
  const settings = new Map<string, unknown>()
  if (args.preset !== undefined) settings.set('preset', args.preset)
  for (const [flag, path] of Object.entries(shortFor)) {
    const value = args[flag as keyof typeof shortFor]
    if (value !== undefined) settings.set(path, jsonOrText(value))
  }
  if (args.period !== undefined) settings.set('data.periodMs', durationMs('--period', args.period))
  if (args.calendar !== undefined) settings.set('data.calendar', listOf(args.calendar))
  if (args.freeze !== undefined) settings.set('fit.frozen', listOf(args.freeze))
  for (const setting of args.set ?? []) {
    const [, path, value] = /^([\w.]+)=(.*)$/s.exec(setting) ?? []
    if (path === undefined || value === undefined) {
      throw new ConfigurationError([
        { path: '--set', value: setting, expected: 'expected path=value, as fit.rate=0.01' },
      ])
    }
    settings.set(path, jsonOrText(value))
  }
  return settings
}

/** A number, list or object as JSON has it; anything else is text. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Ms of a duration such as 5m. Errors: `ConfigurationError` naming the option. */
export function durationMs(option: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/.exec(text) ?? []
  const ms = Number(number) * (unitsMs[unit ?? ''] ?? Number.NaN)
  if (ms > 0) return ms
  throw new ConfigurationError([{ path: option, value: text, expected: 'expected a duration such as 10s, 5m, 1h' }])
}

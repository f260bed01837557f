import { existsSync, realpathSync } from 'node:fs'
import { rowTextOf } from '../../adapters/file/row-text.ts'
import type { FileSourceOptions } from '../../adapters/file/source.ts'
import { historyAdapters } from '../../adapters/registry.ts'
import { type CivilCalendar, utcCalendar } from '../../base/civil-calendar.ts'
import { ConfigurationError, type Problem } from '../../base/errors.ts'
import { fileStem } from '../../codec/file-stem.ts'
import {
  guessTimeUnit,
  isNumericText,
  numericTimeText,
  parseIsoTime,
  type TimeUnit,
  timeUnits,
} from '../../codec/time-text.ts'
import { localTimeOf } from '../../codec/time-zone.ts'
import { historyAddress } from '../../config/history-address.ts'
import type { AdapterEntry } from '../../config/parse.ts'
import { type Adaptation, adaptations, type Sensitivity } from '../../domain/sensor.ts'
import type { KernelName } from '../../model/create-kernel.ts'
import type { HistoryAdapter } from '../../ports/adapter.ts'
import { type CalendarArguments, calendarOf, listOf } from '../calendar-options.ts'

/** The options of `replay` as the command line gives them. */
export interface ReplayArguments extends CalendarArguments {
  readonly as?: string
  readonly model: string
  readonly registry?: string
  readonly kernel: KernelName
  readonly learnRows?: string
  readonly learnUntil?: string
  readonly sensitivity: string
  readonly adapt?: string
  readonly ignore?: string
  readonly context?: string
  readonly out?: string
  readonly alarms?: string
  readonly time?: string
  readonly timeUnit?: string
  readonly format?: string
  readonly speed?: string
  readonly username?: string
  readonly password?: string
  readonly json?: boolean
}

/** What a replay does, checked. */
export interface ReplayPlan {
  /** Whether readings are scored, or read to learn from them: then what explains others is read, too. */
  readonly purpose: 'score' | 'learn'
  /** Files and how they are read; of an address its words alone. */
  readonly source: FileSourceOptions
  /** What is read in place of files; null: files. */
  readonly history: AdapterEntry | null
  /** Columns that only explain the others. */
  readonly context: readonly string[]
  /** The asset that all columns are channels of; null: each column is scored alone. */
  readonly asset: string | null
  readonly model: string
  /** Where models are registered; undefined: the usual place. */
  readonly registry: string | undefined
  readonly kernel: KernelName
  readonly sensitivity: Sensitivity
  readonly adapt: Adaptation
  /** Local time, holidays and shifts of all sensors. */
  readonly calendar: CivilCalendar
  readonly learn: { readonly rows?: number; readonly untilMs?: number }
  readonly out: string | undefined
  readonly alarms: string | undefined
}

const sensitivities = ['low', 'normal', 'high'] as const
const formats = { csv: 'csv', ndjson: 'ndjson', lp: 'line-protocol', 'line-protocol': 'line-protocol' } as const

/** Collects every mistake, so that a person corrects them in one go. */
class Checks {
  readonly problems: Problem[] = []

  fail(path: string, value: unknown, expected: string, hint?: string): undefined {
    this.problems.push(hint === undefined ? { path, value, expected } : { path, value, expected, hint })
    return undefined
  }

  oneOf<Word extends string>(path: string, value: string | undefined, words: readonly Word[]): Word | undefined {
    if (value === undefined) return undefined
    const found = words.find((word) => word === value)
    return found ?? this.fail(path, value, `expected ${words.join(', ')}`)
  }
}

/** Options that say something of files alone, and those that say how texts are read, which InfluxDB does not need. */
const ofFiles = ['time', 'speed', 'ignore'] as const
const ofTexts = ['format', 'timezone', 'timeUnit'] as const

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function codecOf({ format, timezone, timeUnit }: ReplayArguments): Readonly<Record<string, unknown>> {
  const times = {
    ...(timezone === undefined ? {} : { timezone }),
    ...(timeUnit === undefined ? {} : { timeUnit }),
  }
  if (format === 'csv') return { type: 'csv', ...times }
  if (format === 'lp' || format === 'line-protocol') {
    return { type: 'line-protocol', ...(timeUnit === undefined ? {} : { precision: timeUnit }) }
  }
  return { type: 'json', ...times }
}

/** What is read in place of files. */
function historyOf(inputs: readonly string[], args: ReplayArguments, checks: Checks): AdapterEntry | null {
  const { username, password } = args
  const login = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) }
  const address = historyAddress(inputs, login)
  if (!('options' in address)) {
    checks.fail('INPUT', address.value, address.expected, address.hint)
    return null
  }
  const { type } = address.options
  if (type === 'file') {
    for (const name of ['username', 'password'] as const) {
      if (args[name] !== undefined) checks.fail(flagOf(name), undefined, 'files have no login')
    }
    return null
  }
  const refused = type === 'influxdb' ? [...ofFiles, ...ofTexts] : ofFiles
  for (const name of refused) {
    if (args[name] !== undefined) checks.fail(flagOf(name), args[name], `an address of ${type} has nothing for it`)
  }
  const options = type === 'kafka' ? { ...address.options, codec: codecOf(args) } : address.options
  const table: Readonly<Record<string, HistoryAdapter<unknown>>> = historyAdapters
  const parsed = table[type]!.options.safeParse(options)
  for (const { path, message } of parsed.error?.issues ?? []) {
    const key = path.join('.')
    checks.fail(
      /password|username/.test(key) ? flagOf(String(path.at(-1))) : inputs[0]!,
      undefined,
      `${key}: ${message}`,
    )
  }
  return { name: 'history', type, options: parsed.data }
}

function checkOutput(option: string, path: string | undefined, inputs: readonly string[], checks: Checks): void {
  if (path === undefined) return
  if (/\.parquet$/i.test(path)) {
    checks.fail(option, path, 'Parquet is not written by this version', 'name a .csv, .ndjson or .lp file')
  } else if (rowTextOf(path) === undefined)
    checks.fail(option, path, 'expected a name that ends in .csv, .ndjson or .lp')
  const real = existsSync(path) ? realpathSync(path) : undefined
  if (real !== undefined && inputs.some((input) => existsSync(input) && realpathSync(input) === real)) {
    checks.fail(option, path, 'this file is an input; it would be overwritten')
  }
}

function learnOf(args: ReplayArguments, checks: Checks): ReplayPlan['learn'] {
  const learn: { rows?: number; untilMs?: number } = {}
  const { learnRows, learnUntil } = args
  if (learnRows !== undefined) {
    if (/^[1-9]\d{0,8}$/.test(learnRows)) learn.rows = Number(learnRows)
    else checks.fail('--learn-rows', learnRows, 'expected a whole number of rows, at least 1')
  }
  if (learnUntil !== undefined) {
    const toUtc = args.timezone === undefined ? undefined : localTimeOf(args.timezone)
    const unit = isNumericText(learnUntil) ? (args.timeUnit ?? guessTimeUnit(Number(learnUntil))) : undefined
    const known = timeUnits.find((word) => word === unit)
    const untilMs = known === undefined ? parseIsoTime(learnUntil, toUtc) : numericTimeText(learnUntil, known)
    if (untilMs === undefined) checks.fail('--learn-until', learnUntil, 'expected a time such as 2013-12-15T00:00:00Z')
    else learn.untilMs = untilMs
  }
  return learn
}

function sourceOf(inputs: readonly string[], args: ReplayArguments, checks: Checks): FileSourceOptions {
  const { time, timezone, speed } = args
  if (args.format === 'parquet') {
    checks.fail('--format', 'parquet', 'Parquet is not read by this version', 'convert the file to CSV or NDJSON')
  }
  const format =
    args.format === 'parquet'
      ? undefined
      : checks.oneOf('--format', args.format, ['csv', 'ndjson', 'lp', 'line-protocol'])
  if (speed !== undefined && !(Number(speed) > 0 && Number.isFinite(Number(speed)))) {
    checks.fail('--speed', speed, 'expected a number above 0: 60 plays an hour in a minute')
  }
  return {
    paths: inputs,
    time,
    timezone,
    format: format === undefined ? undefined : formats[format],
    timeUnit: checks.oneOf<TimeUnit>('--time-unit', args.timeUnit, timeUnits),
    ignore: args.ignore === undefined ? undefined : listOf(args.ignore),
    speed: speed === undefined ? undefined : Number(speed),
  }
}

/** What does not go together in a replay. */
function checkScored(args: ReplayArguments, checks: Checks): void {
  if (args.as === 'asset' && args.context !== undefined) {
    const why = 'the channels of an asset explain each other'
    checks.fail(
      '--context',
      args.context,
      why,
      'leave it out: the columns are channels then, or take them out with --ignore',
    )
  }
}

/** What an input is called: a file's stem, an address' topic or database. */
function nameOf(input: string): string {
  return fileStem(/^[a-z]+:\/\/[^/]+\/([^?]*)/i.exec(input)?.[1] ?? input)
}

/**
 * Checks inputs and options; `purpose` tells whether the readings are scored, or read to learn from them.
 *
 * Errors: `ConfigurationError` with every mistake.
 */
export function planReplay(
  inputs: readonly string[],
  args: ReplayArguments,
  purpose: 'score' | 'learn' = 'score',
): ReplayPlan {
  const checks = new Checks()
  const history = historyOf(inputs, args, checks)
  if (purpose === 'score') checkScored(args, checks)
  const scoredAs = checks.oneOf('--as', args.as, ['sensors', 'asset'])
  const source = sourceOf(inputs, args, checks)
  const learn = learnOf(args, checks)
  const calendar = calendarOf(args, (problem) => checks.problems.push(problem)) ?? utcCalendar
  const sensitivity = checks.oneOf('--sensitivity', args.sensitivity, sensitivities) ?? 'normal'
  const adapt = checks.oneOf('--adapt', args.adapt, adaptations) ?? 'none'
  checkOutput('--out', args.out, inputs, checks)
  checkOutput('--alarms', args.alarms, inputs, checks)
  if (args.out !== undefined && args.out === args.alarms) {
    checks.fail('--alarms', args.alarms, 'expected another file than --out')
  }
  if (checks.problems.length > 0) throw new ConfigurationError(checks.problems)
  const { model, registry, kernel, out, alarms } = args
  const context = listOf(args.context)
  // The first file names the machine. A training makes its own ticks of what it reads.
  const asset = purpose === 'score' && scoredAs === 'asset' ? nameOf(inputs[0]!) : null
  return {
    purpose,
    source,
    history,
    context,
    asset,
    model,
    registry,
    kernel,
    sensitivity,
    adapt,
    calendar,
    learn,
    out,
    alarms,
  }
}

import { paintFor } from '../terminal.ts'
import type { ReplayPlan } from './plan.ts'
import type { Tally } from './tally.ts'

/** Lines of a list that a person still reads; the rest is counted. */
const listedMax = 20

/** What is known at the end of a replay beside the tally. */
export interface ReplayEnd {
  readonly sensors: number
  /** Sensors that only explain others. */
  readonly inputs: number
  /** How often a context column had no value that was young enough. */
  readonly masked: number
  readonly seconds: number
  readonly interrupted: boolean
}

/** 12345678 as `12,345,678`. */
export function grouped(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString()
}

function perSecond(tally: Tally, { seconds }: ReplayEnd): number {
  return Math.round(tally.rows / Math.max(seconds, 0.001))
}

/** The summary for machines: one JSON object. */
export function reportJson(tally: Tally, plan: ReplayPlan, end: ReplayEnd): string {
  return JSON.stringify({
    inputs: plan.source.paths,
    rows: tally.rows,
    ...(plan.asset === null ? {} : { asset: plan.asset }),
    sensors: end.sensors,
    ...(end.inputs === 0 ? {} : { inputs: end.inputs, contextMissing: end.masked }),
    scored: tally.scored,
    learning: tally.count('learning'),
    warmup: tally.count('warmup'),
    notScored: tally.notScored(),
    unreadable: {
      count: tally.unreadable,
      byReason: Object.fromEntries(tally.unreadableByReason),
      rows: tally.unreadableRows,
    },
    alarmCount: tally.alarmCount,
    alarms: tally.alarms.map(({ raisedMs, returnedMs, ...alarm }) => ({
      ...alarm,
      raised: iso(raisedMs),
      returned: iso(returnedMs),
    })),
    out: plan.out ?? null,
    alarmList: plan.alarms ?? null,
    seconds: end.seconds,
    readingsPerSecond: perSecond(tally, end),
    interrupted: end.interrupted,
  })
}

function countList(counts: Iterable<readonly [name: string, count: number]>): string {
  return [...counts].map(([name, count]) => `${grouped(count)} ${name}`).join(', ')
}

/** The first rows that could not be read, each with its file, line and reason, and how many more there are. */
export function unreadableRows({ unreadable, unreadableRows: rows }: Tally, most: number): string[] {
  const shown = rows.slice(0, most).map(({ file, line, reason, detail }) => {
    return `${file}${line === undefined ? '' : `:${line}`}  ${reason}: ${detail}`
  })
  const rest = unreadable - shown.length
  return rest > 0 ? [...shown, `and ${grouped(rest)} more`] : shown
}

function unreadableLines(tally: Tally): string[] {
  if (tally.unreadable === 0) return []
  const paint = paintFor(process.stdout)
  return [
    paint.yellow(`  unreadable  ${countList(tally.unreadableByReason)}`),
    ...unreadableRows(tally, listedMax).map((row) => `              ${row}`),
  ]
}

function alarmLines(tally: Tally): string[] {
  const paint = paintFor(process.stdout)
  if (tally.alarmCount === 0) return [`  alarms      ${paint.green('none')}`]
  const shown = tally.alarms.slice(0, listedMax)
  const rest = tally.alarmCount - shown.length
  return [
    paint.bold(`  alarms      ${grouped(tally.alarmCount)}`),
    ...shown.map(({ raisedMs, returnedMs, sensor, class: kind, message }) => {
      const until = returnedMs === null ? 'still standing' : `until ${iso(returnedMs)}`
      const words = kind === 'instrument' ? paint.yellow(message) : paint.red(message)
      return `              ${iso(raisedMs)}  ${paint.bold(sensor)}  ${words}  ${paint.dim(until)}`
    }),
    ...(rest > 0 ? [`              and ${grouped(rest)} more; --alarms FILE lists them all`] : []),
  ]
}

function contextText({ inputs, masked }: ReplayEnd): string {
  const columns = `${inputs} ${inputs === 1 ? 'column' : 'columns'}`
  return masked === 0 ? columns : `${columns}; missing or too old for ${grouped(masked)} readings`
}

function whatWasScored({ asset }: ReplayPlan, { sensors }: ReplayEnd): string {
  if (asset !== null) return `the asset ${asset}, ${grouped(sensors)} ${sensors === 1 ? 'channel' : 'channels'}`
  return `${grouped(sensors)} ${sensors === 1 ? 'sensor' : 'sensors'}`
}

/** The summary for a person. */
export function reportText(tally: Tally, plan: ReplayPlan, end: ReplayEnd): string {
  const paint = paintFor(process.stdout)
  const notScored = Object.entries(tally.notScored())
  const lines = [
    end.interrupted ? paint.yellow('interrupted; this is what was done:') : undefined,
    `  rows        ${grouped(tally.rows)} of ${whatWasScored(plan, end)}`,
    end.inputs > 0 ? `  context     ${contextText(end)}` : undefined,
    `  scored      ${grouped(tally.scored)}`,
    tally.count('learning') > 0 ? `  learning    ${grouped(tally.count('learning'))}` : undefined,
    tally.count('warmup') > 0 ? `  warm-up     ${grouped(tally.count('warmup'))}` : undefined,
    notScored.length > 0 ? `  not scored  ${countList(notScored)}` : undefined,
    ...unreadableLines(tally),
    ...alarmLines(tally),
    plan.out === undefined ? undefined : `  scores      ${plan.out}`,
    plan.alarms === undefined ? undefined : `  alarm list  ${plan.alarms}`,
    `  time        ${end.seconds.toFixed(1)} s, ${grouped(perSecond(tally, end))} ${plan.asset === null ? 'readings' : 'ticks'}/s`,
  ]
  return `${lines.filter((line) => line !== undefined).join('\n')}\n`
}

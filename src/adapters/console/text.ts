import pc from 'picocolors'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import { qualityName } from '../../domain/quality.ts'

/** Colours by meaning; all of them leave the text as it is where there is no terminal. */
export interface Palette {
  readonly alarm: (text: string) => string
  readonly fault: (text: string) => string
  readonly back: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
}

/** The palette of an output: colours on a terminal, none otherwise or where `NO_COLOR` is set. */
export function paletteOf(isTerminal: boolean, env: NodeJS.ProcessEnv): Palette {
  const noColor = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== ''
  const colors = pc.createColors(isTerminal && !noColor && env['TERM'] !== 'dumb')
  return { alarm: colors.red, fault: colors.yellow, back: colors.green, dim: colors.dim, bold: colors.bold }
}

/** A sensor names itself: control characters in it must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD')
}

function number(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '-' : String(Number(value.toPrecision(6)))
}

function head(transition: AlarmTransition, palette: Palette): string {
  const { state, class: alarmClass } = transition.alarm
  if (state === 'rtn_unack') return palette.back('RETURN')
  if (state !== 'unack') return palette.dim(state.toUpperCase())
  return alarmClass === 'process' ? palette.alarm('ALARM ') : palette.fault('FAULT ')
}

/** One line for an alarm transition: when, what, how urgent, who, by how much, and the message. */
export function alarmLine(transition: AlarmTransition, palette: Palette): string {
  const { eventTime, priority, sensor, score, value, expected, lower, upper, message } = transition.alarm
  const time = palette.dim(new Date(eventTime).toISOString())
  const band = expected === null ? '' : ` expected ${number(expected)} (${number(lower)} to ${number(upper)})`
  const figures = `score ${score.toFixed(2)} value ${number(value)}${band}`
  const words = [
    time,
    head(transition, palette),
    priority,
    palette.bold(printable(sensor)),
    figures,
    printable(message),
  ]
  return `${words.join('  ')}\n`
}

/** One line for a scored reading. */
export function scoreLine(scores: OutcomeFrame, row: number, sensor: string, palette: Palette): string {
  const time = palette.dim(new Date(scores.timeMs[row]!).toISOString())
  const score = scores.score[row]!
  const mark = scores.alarm[row] === 1 ? palette.alarm : score >= 0.5 ? palette.fault : palette.dim
  const band = `expected ${number(scores.expected[row]!)} (${number(scores.lower[row]!)} to ${number(scores.upper[row]!)})`
  const quality = qualityName(scores.quality[row]!)
  return `${time}  ${mark(`score ${score.toFixed(2)}`)}  ${palette.bold(printable(sensor))}  value ${number(scores.value[row]!)} ${band}  ${quality}\n`
}

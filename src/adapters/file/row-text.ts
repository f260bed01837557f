import { encodeAlarms, encodeScores } from '../../codec/line-protocol-writer.ts'
import type { Alarm, AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import { qualityName } from '../../domain/quality.ts'
import type { SensorCatalog } from '../../domain/sensor.ts'

/** How rows of a file are written; the texts end in a line feed, the header may be ''. */
export interface RowText {
  readonly scoreHeader: string
  readonly alarmHeader: string
  scores(scores: OutcomeFrame, catalog: SensorCatalog, plant: string): string
  alarms(transitions: readonly AlarmTransition[], catalog: SensorCatalog, plant: string): string
}

const scoreColumns = 'timestamp,sensor,value,expected,lower,upper,residual,score,alarm,quality'

const alarmColumns = [
  'id',
  'fingerprint',
  'plant',
  'sensor',
  'asset',
  'class',
  'state',
  'priority',
  'eventTime',
  'detectedTime',
  'value',
  'expected',
  'lower',
  'upper',
  'score',
  'message',
] as const satisfies readonly (keyof Alarm)[]

/** ISO text of a time; beyond the calendar's span the number itself. */
function isoTime(timeMs: number): string {
  return timeMs >= -8.64e15 && timeMs <= 8.64e15 ? new Date(timeMs).toISOString() : String(timeMs)
}

/** Quoted as RFC 4180 says, where the text needs it. */
function csvText(text: string): string {
  return /[",\r\n]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The shortest text that reads back as the same number; nothing for NaN. */
function csvNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : ''
}

function jsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

/** Times and names repeat from row to row: the last one is kept. */
class TimeText {
  #timeMs = Number.NaN
  #text = ''

  of(timeMs: number): string {
    if (timeMs !== this.#timeMs) {
      this.#timeMs = timeMs
      this.#text = isoTime(timeMs)
    }
    return this.#text
  }
}

function csvScores(scores: OutcomeFrame, catalog: SensorCatalog): string {
  const time = new TimeText()
  const names = new Map<number, string>()
  let text = ''
  for (let row = 0; row < scores.count; row++) {
    const slot = scores.slot[row]!
    let name = names.get(slot)
    if (name === undefined) {
      name = csvText(catalog.spec(slot).id)
      names.set(slot, name)
    }
    text +=
      `${time.of(scores.timeMs[row]!)},${name},${csvNumber(scores.value[row]!)},` +
      `${csvNumber(scores.expected[row]!)},${csvNumber(scores.lower[row]!)},${csvNumber(scores.upper[row]!)},` +
      `${csvNumber(scores.residual[row]!)},${csvNumber(scores.score[row]!)},${scores.alarm[row]!},` +
      `${qualityName(scores.quality[row]!)}\n`
  }
  return text
}

function jsonScores(scores: OutcomeFrame, catalog: SensorCatalog): string {
  const time = new TimeText()
  let text = ''
  for (let row = 0; row < scores.count; row++) {
    text +=
      `{"timestamp":"${time.of(scores.timeMs[row]!)}","sensor":${JSON.stringify(catalog.spec(scores.slot[row]!).id)},` +
      `"value":${jsonNumber(scores.value[row]!)},"expected":${jsonNumber(scores.expected[row]!)},` +
      `"lower":${jsonNumber(scores.lower[row]!)},"upper":${jsonNumber(scores.upper[row]!)},` +
      `"residual":${jsonNumber(scores.residual[row]!)},"score":${jsonNumber(scores.score[row]!)},` +
      `"alarm":${scores.alarm[row]!},"quality":"${qualityName(scores.quality[row]!)}"}\n`
  }
  return text
}

function alarmCell(alarm: Alarm, column: (typeof alarmColumns)[number]): string {
  const value = alarm[column]
  if (column === 'eventTime' || column === 'detectedTime') return isoTime(value as number)
  if (typeof value === 'number') return csvNumber(value)
  return csvText(value ?? '')
}

function csvAlarms(transitions: readonly AlarmTransition[]): string {
  return transitions
    .map(({ alarm }) => `${alarmColumns.map((column) => alarmCell(alarm, column)).join(',')}\n`)
    .join('')
}

function jsonAlarms(transitions: readonly AlarmTransition[]): string {
  let text = ''
  for (const { alarm } of transitions) {
    const times = { eventTime: isoTime(alarm.eventTime), detectedTime: isoTime(alarm.detectedTime) }
    text += `${JSON.stringify({ ...alarm, ...times })}\n`
  }
  return text
}

/** Rows of assets, with the channels that carry the score: `name=share`, the largest first. */
const assetColumns = 'timestamp,asset,score,alarm,quality,top_channels'

function csvAssetScores(scores: OutcomeFrame, catalog: SensorCatalog): string {
  const time = new TimeText()
  let text = ''
  for (let row = 0; row < scores.count; row++) {
    const top = (scores.top(row) ?? []).map(({ channel, share }) => `${channel}=${share.toFixed(3)}`).join(' ')
    text +=
      `${time.of(scores.timeMs[row]!)},${csvText(catalog.spec(scores.slot[row]!).id)},` +
      `${csvNumber(scores.score[row]!)},${scores.alarm[row]!},${qualityName(scores.quality[row]!)},${csvText(top)}\n`
  }
  return text
}

function jsonAssetScores(scores: OutcomeFrame, catalog: SensorCatalog): string {
  const time = new TimeText()
  let text = ''
  for (let row = 0; row < scores.count; row++) {
    text +=
      `{"timestamp":"${time.of(scores.timeMs[row]!)}","asset":${JSON.stringify(catalog.spec(scores.slot[row]!).id)},` +
      `"score":${jsonNumber(scores.score[row]!)},"alarm":${scores.alarm[row]!},` +
      `"quality":"${qualityName(scores.quality[row]!)}","top_channels":${JSON.stringify(scores.top(row) ?? [])}}\n`
  }
  return text
}

const csv: RowText = {
  scoreHeader: `${scoreColumns}\n`,
  alarmHeader: `${alarmColumns.join(',')}\n`,
  scores: csvScores,
  alarms: csvAlarms,
}

const ndjson: RowText = { scoreHeader: '', alarmHeader: '', scores: jsonScores, alarms: jsonAlarms }

const lineProtocol: RowText = {
  scoreHeader: '',
  alarmHeader: '',
  scores: (scores, catalog, plant) => encodeScores(scores, catalog, plant, 'ns'),
  alarms: (transitions, catalog, plant) => encodeAlarms(transitions, catalog, plant, 'ns'),
}

const assetRows: Readonly<Record<string, Partial<RowText>>> = {
  csv: { scoreHeader: `${assetColumns}\n`, scores: csvAssetScores },
  ndjson: { scores: jsonAssetScores },
}

/**
 * The way rows are written into a file of this name: `.csv`, `.ndjson` or `.lp`; undefined for any other. `of`: rows of sensors, or
 * of assets alone.
 */
export function rowTextOf(path: string, of: 'sensors' | 'assets' = 'sensors'): RowText | undefined {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const texts: Readonly<Record<string, RowText>> = { csv, ndjson, lp: lineProtocol }
  const text = Object.hasOwn(texts, extension) ? texts[extension] : undefined
  return text === undefined || of === 'sensors' ? text : { ...text, ...assetRows[extension] }
}

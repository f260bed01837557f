import { isUtf8 } from 'node:buffer'
import { parseQuality, Quality } from '../domain/quality.ts'
import type { Decoder, RawRecord, ReadingWriter, RejectReason } from '../domain/record.ts'
import { sensorIdProblem } from './sensor-id.ts'
import { numericTimeText, type TimeUnit } from './time-text.ts'
import type { TopicLabels } from './topic-path.ts'

/** Units in which line protocol may count time. */
export const linePrecisions = ['ns', 'us', 'ms', 's'] as const
/** One unit of line protocol time. */
export type LinePrecision = (typeof linePrecisions)[number]

/** How line protocol becomes readings. */
export interface LineProtocolOptions {
  readonly precision: TimeUnit
  /** The precision of one record, where each may have its own (an HTTP request's query). */
  readonly precisionOf?: ((record: RawRecord) => TimeUnit | undefined) | undefined
  readonly labels?: TopicLabels | undefined
}

/** What a series (measurement and tags) says: remembered by its text, because every line repeats it. */
interface Series {
  /** Sensor of the field `value`; other fields are `base.field`. */
  readonly base: string
  readonly labels: Readonly<Record<string, string>>
  readonly ids: Map<string, string>
}

/** Series remembered; more of them than this only cost time. */
const seriesMax = 100_000

const backslash = 92
const quote = 34

/** Index of the first unescaped `stop` byte from `at`, or the length. */
function find(text: string, at: number, stop: string): number {
  for (let index = at; index < text.length; index++) {
    if (text.charCodeAt(index) === backslash) index++
    else if (stop.includes(text[index]!)) return index
  }
  return text.length
}

function unescapeName(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,= \\])/g, '$1') : text
}

/** End of a field's value: the comma or blank behind it, quoted text passed over; -1 when a quote stays open. */
function valueEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== quote) {
    let end = at
    while (end < text.length && text[end] !== ',' && text[end] !== ' ') end++
    return end
  }
  for (let index = at + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === backslash) index++
    else if (code === quote) return index + 1
  }
  return -1
}

function parseSeries(head: string): Series | string {
  const stop = find(head, 0, ',')
  const measurement = unescapeName(head.slice(0, stop))
  if (measurement === '') return 'the measurement is missing'
  const tags: [name: string, value: string][] = []
  for (let at = stop + 1; at <= head.length; ) {
    const equals = find(head, at, '=,')
    const end = find(head, equals + 1, ',')
    if (head[equals] !== '=' || equals === at || end === equals + 1)
      return `the tag "${head.slice(at, end)}" is no name=value`
    tags.push([unescapeName(head.slice(at, equals)), unescapeName(head.slice(equals + 1, end))])
    at = end + 1
  }
  tags.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
  const labels: Record<string, string> = {}
  let sensor: string | undefined
  let base = measurement
  for (const [name, value] of tags) {
    base += `,${name}=${value}`
    if (name === 'sensor') sensor = value
    else labels[name] = value
  }
  return { base: sensor ?? base, labels: Object.freeze(labels), ids: new Map() }
}

function numberOf(text: string): number {
  const last = text.charCodeAt(text.length - 1)
  const digits = last === 105 || last === 117 ? text.slice(0, -1) : text
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(digits)) return Number.NaN
  const value = Number(digits)
  return Number.isFinite(value) ? value : Number.NaN
}

/**
 * InfluxDB line protocol → readings; one reading for each numeric field.
 *
 * Sensor: the tag `sensor` when there is one, else the series as it is written with its tags sorted
 * (`boiler,line=2`). The field `value` is that sensor; any other field is `sensor.field`. The other tags are labels.
 * A string field `quality` is the quality of the line's readings; other text and true/false are notes, not readings,
 * unless the field is `value`: then the reading has no value (NaN, bad). A line break inside a string is not possible.
 *
 * Errors: never throws on data; rejects with `malformed`, `missing_value` or `bad_time` and the line's number.
 * Source: InfluxDB line protocol reference (escapes, comments, integer suffixes).
 */
export class LineProtocolDecoder implements Decoder {
  readonly #options: LineProtocolOptions
  readonly #series = new Map<string, Series>()

  constructor(options: LineProtocolOptions) {
    this.#options = options
  }

  decode(record: RawRecord, out: ReadingWriter): void {
    const { bytes } = record
    const precision = this.#options.precisionOf?.(record) ?? this.#options.precision
    const extra = this.#options.labels?.(record.topic)
    let line = record.line ?? 1
    for (let start = 0; start < bytes.length; line++) {
      const feed = bytes.indexOf(10, start)
      const end = feed < 0 ? bytes.length : feed
      const part = bytes.subarray(start, end)
      start = end + 1
      if (!isUtf8(part)) {
        out.reject('malformed', 'not UTF-8', line, part)
        continue
      }
      const text = Buffer.from(part.buffer, part.byteOffset, part.length).toString().trim()
      if (text === '' || text.startsWith('#')) continue
      const problem = this.#line(text, precision, extra, out)
      if (problem !== undefined) out.reject(problem[0], problem[1], line, part)
    }
  }

  #line(
    text: string,
    precision: TimeUnit,
    extra: Readonly<Record<string, string>> | undefined,
    out: ReadingWriter,
  ): readonly [reason: RejectReason, detail: string] | undefined {
    const headEnd = find(text, 0, ' ')
    const series = this.#seriesOf(text.slice(0, headEnd))
    if (typeof series === 'string') return ['malformed', series]
    const fields: [name: string, value: string][] = []
    let at = headEnd + 1
    while (text[at] === ' ') at++
    while (at < text.length) {
      const equals = find(text, at, '= ,')
      if (text[equals] !== '=' || equals === at) return ['malformed', 'a field is no name=value']
      const end = valueEnd(text, equals + 1)
      if (end < 0) return ['malformed', 'a quoted text has no end']
      fields.push([unescapeName(text.slice(at, equals)), text.slice(equals + 1, end)])
      at = end + 1
      if (text[end] !== ',') break
    }
    const problem = sensorIdProblem(series.base)
    if (problem !== undefined) return ['sensor_id', problem]
    if (fields.length === 0 || text[at - 1] === ',') return ['malformed', 'the fields are missing']
    const rest = text.slice(at).trim()
    if (at <= text.length && text[at - 1] !== ' ') return ['malformed', 'a blank must follow the fields']
    const time = rest === '' ? undefined : numericTimeText(rest, precision)
    if (rest !== '' && (time === undefined || !/^-?\d+$/.test(rest))) {
      return ['bad_time', `the time "${rest.slice(0, 40)}" is no whole number of ${precision}`]
    }
    if (!this.#readings(series, fields, time, extra, out)) return ['missing_value', 'no field holds a number']
    return undefined
  }

  #readings(
    series: Series,
    fields: readonly (readonly [name: string, value: string])[],
    time: number | undefined,
    extra: Readonly<Record<string, string>> | undefined,
    out: ReadingWriter,
  ): boolean {
    const labels = extra === undefined ? series.labels : { ...extra, ...series.labels }
    const word = fields.find(([name, text]) => name === 'quality' && text.startsWith('"'))?.[1].slice(1, -1)
    const quality = parseQuality(word)
    let found = false
    for (const [name, text] of fields) {
      const value = numberOf(text)
      if (Number.isNaN(value) && name !== 'value') continue
      out.reading(idOf(series, name), time, value, Number.isNaN(value) ? Quality.bad : quality, labels)
      found = true
    }
    return found
  }

  #seriesOf(head: string): Series | string {
    const known = this.#series.get(head)
    if (known !== undefined) return known
    const series = parseSeries(head)
    if (typeof series === 'string') return series
    if (this.#series.size >= seriesMax) this.#series.clear()
    this.#series.set(head, series)
    return series
  }
}

function idOf(series: Series, field: string): string {
  if (field === 'value') return series.base
  const known = series.ids.get(field)
  if (known !== undefined) return known
  const id = `${series.base}.${field}`
  series.ids.set(field, id)
  return id
}

import { isUtf8 } from 'node:buffer'
import { parseQuality, Quality } from '../domain/quality.ts'
import type { Decoder, RawRecord, ReadingWriter } from '../domain/record.ts'
import { bareHeader, type CsvLayout, type CsvOptions, createCsvLayout } from './csv-layout.ts'
import { CsvRow } from './csv-row.ts'
import { fileStem } from './file-stem.ts'
import { parseNumber } from './number-text.ts'
import { sensorIdProblem } from './sensor-id.ts'
import { isNumericText, numericTimeText, parseIsoTime } from './time-text.ts'
import type { TopicLabels } from './topic-path.ts'

/** How delimited text becomes readings. */
export interface CsvDecoderOptions extends CsvOptions {
  readonly labels?: TopicLabels | undefined
  /** MQTT: the sensor of a wide column is `TOPIC/column`; elsewhere the column alone. */
  readonly topicKeys?: boolean | undefined
}

/** Headers whose layout is remembered; a source has one, or one a topic. */
const layoutsMax = 1_000

/** What the rows of one record share. */
interface Context {
  readonly bytes: Buffer
  readonly layout: CsvLayout
  readonly topic: string
  readonly id: string
  readonly prefix: string
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly out: ReadingWriter
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/**
 * CSV (also `;` and tab) → readings: long, wide, or one series. See `createCsvLayout` for the header.
 *
 * A record of a file comes with its header; a message brings its own first line, or rows alone
 * (`time,value` or `time,sensor,value[,quality]`). An empty cell, or one that is no finite number, is a reading
 * without value (NaN, bad): its row stays in the output. With `;` a comma is read as the decimal sign.
 *
 * Errors: never throws on data; a row is rejected with `malformed`, `bad_time` or `sensor_id` and its line number.
 * Source: RFC 4180.
 */
export class CsvDecoder implements Decoder {
  readonly #options: CsvDecoderOptions
  readonly #layouts = new Map<string, CsvLayout | string>()
  #row = new CsvRow(44)

  constructor(options: CsvDecoderOptions) {
    this.#options = options
  }

  decode(record: RawRecord, out: ReadingWriter): void {
    const bytes = asBuffer(record.bytes)
    if (!isUtf8(bytes) && record.line === undefined) {
      out.reject('malformed', 'not UTF-8')
      return
    }
    let at = 0
    let line = record.line ?? 1
    let header = record.header === undefined ? undefined : asBuffer(record.header)
    if (header === undefined) {
      const feed = bytes.indexOf(10)
      const first = bytes.subarray(0, feed < 0 ? bytes.length : feed)
      header = bareHeader(first, this.#options)
      if (header === undefined) {
        header = first
        at = first.length + 1
        line++
      }
    }
    const layout = this.#layoutOf(header)
    if (typeof layout === 'string') {
      out.reject('malformed', layout, line)
      return
    }
    const { topic } = record
    const id = record.line === undefined ? topic : fileStem(topic)
    const prefix = this.#options.topicKeys === true && topic !== '' ? `${topic}/` : ''
    this.#rows(at, line, { bytes, layout, topic, id, prefix, labels: this.#options.labels?.(topic), out })
  }

  #rows(from: number, firstLine: number, context: Context): void {
    const { bytes, layout, out } = context
    if (this.#row.delimiter !== layout.delimiter) this.#row = new CsvRow(layout.delimiter)
    const row = this.#row
    let line = firstLine
    for (let at = from; at < bytes.length; ) {
      const next = row.read(bytes, at, bytes.length)
      if (row.count !== layout.cellCount) {
        if (row.count > 1 || !row.empty(0)) {
          const detail = `expected ${layout.cellCount} cells, found ${row.count}`
          out.reject('malformed', detail, line, bytes.subarray(at, next))
        }
      } else this.#cells(line, at, next, context)
      line += 1 + row.innerLines
      at = next
    }
  }

  #cells(line: number, at: number, next: number, { bytes, layout, id, prefix, labels, out }: Context): void {
    const row = this.#row
    const time = this.#time(row.text(bytes, layout.time))
    if (time === undefined) {
      const detail = `the time "${row.text(bytes, layout.time).slice(0, 40)}" cannot be read`
      out.reject('bad_time', detail, line, bytes.subarray(at, next))
      return
    }
    const comma = layout.delimiter === 59 ? 44 : 46
    if (layout.kind === 'wide') {
      const { values, names } = layout
      for (let index = 0; index < values.length; index++) {
        const value = this.#number(bytes, values[index]!, comma)
        out.reading(prefix + names[index]!, time, value, Number.isNaN(value) ? Quality.bad : Quality.good, labels)
      }
      return
    }
    const sensor = layout.sensor < 0 ? id : row.text(bytes, layout.sensor)
    // Bytes that are no UTF-8 come as U+FFFD, and different names would become one.
    const problem = sensor.includes('\ufffd') ? 'the name of the sensor is not UTF-8' : sensorIdProblem(sensor)
    if (problem !== undefined) {
      out.reject('sensor_id', problem, line, bytes.subarray(at, next))
      return
    }
    const value = this.#number(bytes, layout.values[0]!, comma)
    let quality: number = Quality.good
    if (Number.isNaN(value)) quality = Quality.bad
    else if (layout.quality >= 0) {
      const word = row.text(bytes, layout.quality)
      quality = parseQuality(isNumericText(word) ? Number(word) : word)
    }
    out.reading(sensor, time, value, quality, labels)
  }

  #number(bytes: Buffer, column: number, comma: number): number {
    const start = this.#row.starts[column]!
    const end = this.#row.ends[column]!
    const value = parseNumber(bytes, start, end)
    return Number.isNaN(value) && comma === 44 ? parseNumber(bytes, start, end, comma) : value
  }

  #time(text: string): number | undefined {
    const { timeUnit, toUtc } = this.#options
    return parseIsoTime(text, toUtc) ?? numericTimeText(text, timeUnit ?? 'ms')
  }

  #layoutOf(header: Buffer): CsvLayout | string {
    const text = header.toString()
    const known = this.#layouts.get(text)
    if (known !== undefined) return known
    const layout = createCsvLayout(header, this.#options)
    if (this.#layouts.size >= layoutsMax) this.#layouts.clear()
    this.#layouts.set(text, layout)
    return layout
  }
}

import { isUtf8 } from 'node:buffer'
import type { Problem } from '../../base/errors.ts'
import { CsvDecoder } from '../../codec/csv.ts'
import { bareHeader, createCsvLayout } from '../../codec/csv-layout.ts'
import { CsvRow } from '../../codec/csv-row.ts'
import { JsonDecoder } from '../../codec/json.ts'
import { compileJsonPath, isJsonPath } from '../../codec/json-path.ts'
import { LineProtocolDecoder } from '../../codec/line-protocol.ts'
import { guessTimeUnit, isNumericText, numericTimeText, parseIsoTime, type TimeUnit } from '../../codec/time-text.ts'
import { localTimeOf } from '../../codec/time-zone.ts'
import type { Decoder } from '../../domain/record.ts'
import { extensionOf, type FileFormat, formatOf, type RowEnd, rowEndOf } from './format.ts'
import { describeInput, openInput } from './open-input.ts'

/** How a user describes history files; what is absent is found in the files. */
export interface HistoryOptions {
  readonly format?: FileFormat | undefined
  readonly time?: string | undefined
  readonly timezone?: string | undefined
  readonly timeUnit?: TimeUnit | undefined
  readonly ignore?: readonly string[] | undefined
}

/** A file that was looked at: how it is read. */
export interface FilePlan {
  readonly path: string
  readonly size: number
  readonly gzip: boolean
  readonly format: FileFormat
  /** CSV: the header that explains the rows. */
  readonly header: Buffer | undefined
  /** Where the rows begin. */
  readonly line: number
  readonly byte: number
  readonly rowEnd: RowEnd
  readonly decoder: Decoder
  /** Names of the CSV columns, to tell which `ignore` names exist. */
  readonly columns: readonly string[]
  /** How many sensors the file can bring; undefined where its rows name them. */
  readonly channels: number | undefined
}

/** Unpacked bytes that are looked at: enough for any header and some rows. */
const sampleBytes = 256 * 1024

type Refusal = Omit<Problem, 'path'>

async function readSample(path: string, gzip: boolean): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  const input = openInput(path, gzip, 0)
  for await (const chunk of input.chunks) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes >= sampleBytes) break
  }
  input.close()
  return Buffer.concat(parts)
}

function unitOf(text: string, given: TimeUnit | undefined): TimeUnit | undefined | Refusal {
  if (given !== undefined || !isNumericText(text)) return given
  return (
    guessTimeUnit(Number(text)) ?? {
      value: text,
      expected: `the time ${text} is too small to tell its unit`,
      hint: 'say it with --time-unit s, ms, min or h, counted from 1970 (timeUnit in a configuration)',
    }
  )
}

function isRefusal(value: TimeUnit | undefined | Refusal): value is Refusal {
  return typeof value === 'object'
}

/** The first time cell below a header that can be read, or the first of all as a bad example. */
function firstTime(rows: Buffer, delimiter: number, column: number): { text: string; readable: boolean } | undefined {
  const row = new CsvRow(delimiter)
  let example: string | undefined
  for (let at = 0; at < rows.length; ) {
    at = row.read(rows, at, rows.length)
    if (row.count <= column || row.empty(column)) continue
    const text = row.text(rows, column)
    if (parseIsoTime(text) !== undefined || numericTimeText(text, 'ns') !== undefined) return { text, readable: true }
    example ??= text
  }
  return example === undefined ? undefined : { text: example, readable: false }
}

type Reading = Pick<FilePlan, 'header' | 'line' | 'byte' | 'rowEnd' | 'decoder' | 'columns' | 'channels'>

function inspectCsv(sample: Buffer, bom: number, options: HistoryOptions): Reading | Refusal {
  let byte = bom
  let line = 1
  while (sample[byte] === 10 || sample[byte] === 13) if (sample[byte++] === 10) line++
  const feed = sample.indexOf(10, byte)
  const first = sample.subarray(byte, feed < 0 ? sample.length : feed)
  if (!isUtf8(first)) {
    return {
      expected: 'the header is not UTF-8',
      hint: 'convert it, for example with: iconv -f WINDOWS-1252 -t UTF-8 FILE',
    }
  }
  if (/\r(?!$)/.test(first.toString('latin1'))) {
    return { expected: 'its lines end in CR alone', hint: "write them with LF: tr '\\r' '\\n' < FILE > NEW" }
  }
  const bare = bareHeader(first, {})
  const header = bare ?? Buffer.from(first)
  if (bare === undefined) {
    byte += first.length + 1
    line++
  }
  const toUtc = options.timezone === undefined ? undefined : localTimeOf(options.timezone)
  const csv = { time: options.time, ignore: options.ignore, toUtc }
  const layout = createCsvLayout(header, csv)
  if (typeof layout === 'string')
    return { expected: layout, hint: 'see `residua replay --help` for the three forms of CSV' }
  const time = firstTime(sample.subarray(byte), layout.delimiter, layout.time)
  if (time?.readable === false) {
    return {
      value: time.text,
      expected: `the time "${time.text.slice(0, 40)}" cannot be read: ISO 8601, YYYY-MM-DD HH:MM:SS or a number`,
      hint: 'write times as 2024-01-31T13:00:00Z, or name another column with --time',
    }
  }
  const timeUnit = unitOf(time?.text ?? '', options.timeUnit)
  if (isRefusal(timeUnit)) return timeUnit
  const row = new CsvRow(layout.delimiter)
  row.read(header, 0, header.length)
  const columns = Array.from({ length: row.count }, (_, column) => row.text(header, column))
  const decoder = new CsvDecoder({ ...csv, timeUnit })
  const channels = layout.kind === 'long' ? undefined : layout.values.length
  return { header, line, byte, rowEnd: rowEndOf('csv', layout.delimiter), decoder, columns, channels }
}

function inspectNdjson(sample: Buffer, bom: number, path: string, options: HistoryOptions): Reading | Refusal {
  const time =
    options.time === undefined
      ? undefined
      : isJsonPath(options.time)
        ? options.time
        : `$[${JSON.stringify(options.time)}]`
  const timeOf = compileJsonPath(time ?? '$.ts')
  const lines = sample.toString('utf8', bom).split('\n')
  const first = lines.find((line) => line.trim() !== '') ?? ''
  let parsed = false
  let text = ''
  for (const line of lines) {
    if (line.trim() === '') continue
    try {
      const root: unknown = JSON.parse(line)
      parsed = true
      const value = timeOf(Array.isArray(root) ? root[0] : root)
      if (value === undefined || value === null) continue
      text = String(value)
      break
    } catch {
      // A malformed line is refused by its number when the file is read; here another one speaks for the file.
    }
  }
  // A document over many lines opens with a bracket alone; a line of it may still be JSON by chance.
  if ((!parsed && first !== '') || /^\s*[[{]\s*$/.test(first)) {
    const fix = extensionOf(path) === 'json' ? "make it so with: jq -c '.[]' FILE" : 'name the format with --format'
    return { expected: 'expected one JSON value a line (NDJSON)', hint: fix }
  }
  const timeUnit = unitOf(text, options.timeUnit)
  if (isRefusal(timeUnit)) return timeUnit
  const toUtc = options.timezone === undefined ? undefined : localTimeOf(options.timezone)
  const decoder = new JsonDecoder({ time, timeUnit: timeUnit ?? 'ms', toUtc })
  return {
    header: undefined,
    line: 1,
    byte: bom,
    rowEnd: rowEndOf('ndjson', 0),
    decoder,
    columns: [],
    channels: undefined,
  }
}

function inspectLines(sample: Buffer, bom: number, options: HistoryOptions): Reading | Refusal {
  if (options.time !== undefined) {
    return { value: options.time, expected: 'line protocol has no time column to name', hint: 'leave --time out' }
  }
  const timed = /^[^#\s].* (-?\d+)\s*$/m.exec(sample.toString('utf8', bom))
  const precision = unitOf(timed?.[1] ?? '', options.timeUnit)
  if (isRefusal(precision)) return precision
  const decoder = new LineProtocolDecoder({ precision: precision ?? 'ns' })
  return {
    header: undefined,
    line: 1,
    byte: bom,
    rowEnd: rowEndOf('line-protocol', 0),
    decoder,
    columns: [],
    channels: undefined,
  }
}

/**
 * Looks at a file's beginning: format, header, columns, unit of time.
 *
 * Errors: `OperatingError` read when it cannot be opened or unpacked; a file that can be read but not understood is
 * returned as a problem, with what to do about it.
 */
export async function inspectFile(path: string, options: HistoryOptions): Promise<FilePlan | Problem> {
  const { size, gzip } = await describeInput(path)
  if (extensionOf(path) === 'parquet' && options.format === undefined) {
    return { path, expected: 'Parquet is not read by this version', hint: 'convert the file to CSV or NDJSON' }
  }
  const format = options.format ?? formatOf(path)
  if (format === undefined) {
    return { path, expected: 'the extension names no known format', hint: 'say it with --format csv, ndjson or lp' }
  }
  const sample = await readSample(path, gzip)
  if (sample.length === 0) return { path, expected: 'the file is empty', hint: 'export it again, or leave it out' }
  if ((sample[0] === 0xff && sample[1] === 0xfe) || (sample[0] === 0xfe && sample[1] === 0xff)) {
    return { path, expected: 'the file is UTF-16', hint: 'make it UTF-8 with: iconv -f UTF-16 -t UTF-8 FILE' }
  }
  if (sample.subarray(0, 4_096).includes(0))
    return { path, expected: 'the file is binary, not text', hint: 'export it as CSV in UTF-8' }
  const bom = sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf ? 3 : 0
  const reading =
    format === 'csv'
      ? inspectCsv(sample, bom, options)
      : format === 'ndjson'
        ? inspectNdjson(sample, bom, path, options)
        : inspectLines(sample, bom, options)
  return 'decoder' in reading ? { path, size, gzip, format, ...reading } : { path, ...reading }
}

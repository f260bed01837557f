import { CsvRow } from './csv-row.ts'
import { sensorIdProblem } from './sensor-id.ts'
import { isNumericText, type LocalToUtc, numericTimeText, parseIsoTime, type TimeUnit } from './time-text.ts'

/** What configuration or a command line says of delimited text. */
export interface CsvOptions {
  /** Name of the time column; the first column when absent. */
  readonly time?: string | undefined
  /** Unit of numeric times; milliseconds when absent (files find theirs before decoding). */
  readonly timeUnit?: TimeUnit | undefined
  /** Places a time without a zone; UTC when absent. */
  readonly toUtc?: LocalToUtc | undefined
  /** Columns that are no channels. */
  readonly ignore?: readonly string[] | undefined
  /** Detected from the header when absent. */
  readonly delimiter?: ',' | ';' | '\t' | undefined
}

/** How the columns of one header are read. */
export interface CsvLayout {
  readonly kind: 'long' | 'wide' | 'single'
  readonly delimiter: number
  /** Byte of the decimal sign: with `;` between cells a comma may be one. */
  readonly cellCount: number
  readonly time: number
  /** Long: the column of sensor names; -1 otherwise. */
  readonly sensor: number
  readonly quality: number
  /** Columns that hold values, in order, and the names of their sensors ('' in long and single form). */
  readonly values: readonly number[]
  readonly names: readonly string[]
}

const delimiters = { ',': 44, ';': 59, '\t': 9 } as const

/** The delimiter that separates most cells of a header, by what stands outside quotes; a comma when none does. */
export function detectDelimiter(header: Buffer): number {
  let best = 44
  let most = 1
  for (const delimiter of [44, 59, 9]) {
    const row = new CsvRow(delimiter)
    row.read(header, 0, header.length)
    if (row.count > most) {
      most = row.count
      best = delimiter
    }
  }
  return best
}

/** The cells of a header line. */
export function headerCells(header: Buffer, delimiter: number): string[] {
  const row = new CsvRow(delimiter)
  row.read(header, 0, header.length)
  return Array.from({ length: row.count }, (_, column) => row.text(header, column))
}

/** The byte of the delimiter that the options name or the header shows. */
export function delimiterOf(header: Buffer, options: CsvOptions): number {
  return options.delimiter === undefined ? detectDelimiter(header) : delimiters[options.delimiter]
}

function isTime(text: string): boolean {
  return parseIsoTime(text) !== undefined || numericTimeText(text, 'ns') !== undefined
}

/**
 * The header that rows without one mean: `timestamp,value` or `timestamp,sensor,value[,quality]`.
 *
 * Undefined when the first row does not start with a time, or has some other form.
 */
export function bareHeader(first: Buffer, options: CsvOptions): Buffer | undefined {
  const delimiter = delimiterOf(first, options)
  const cells = headerCells(first, delimiter)
  if (!isTime(cells[0] ?? '')) return undefined
  const names = ['timestamp', 'value']
  if (cells.length > 2) {
    if (cells.length > 4 || isNumericText(cells[1] ?? '')) return undefined
    names.splice(1, 0, 'sensor')
    if (cells.length === 4) names.push('quality')
  }
  return cells.length < 2 ? undefined : Buffer.from(names.join(String.fromCharCode(delimiter)))
}

function listed(names: readonly string[]): string {
  return names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '')
}

/** Column of a name: exact first, then whatever its case. */
function columnOf(names: readonly string[], name: string): number {
  const exact = names.indexOf(name)
  return exact >= 0 ? exact : names.findIndex((other) => other.toLowerCase() === name.toLowerCase())
}

/**
 * Reads a header: `timestamp,sensor,value[,quality]` is long, `timestamp,value[,quality]` single, all else wide.
 *
 * A column without a name is no channel. Errors: a sentence that says what is wrong and what to do.
 */
export function createCsvLayout(header: Buffer, options: CsvOptions): CsvLayout | string {
  const delimiter = delimiterOf(header, options)
  const names = headerCells(header, delimiter)
  if (names.length < 2) {
    const shown = (names[0] ?? '').slice(0, 40)
    return `the header "${shown}" has one column; expected a time and at least one value, and nothing before the header`
  }
  if (options.time === undefined && isTime(names[0]!)) {
    return 'the first row is data; expected a header: timestamp,sensor,value or timestamp and one column a channel'
  }
  const time = options.time === undefined ? 0 : columnOf(names, options.time)
  if (time < 0) return `there is no column "${options.time}"; the columns are ${listed(names)}`
  const ignored = new Set<number>()
  for (const name of options.ignore ?? []) {
    const column = columnOf(names, name)
    if (column >= 0) ignored.add(column)
  }
  const channels = names.map((_, column) => column)
  const used = channels.filter((column) => column !== time && !ignored.has(column) && names[column] !== '')
  const named = (name: string) => used.find((column) => names[column]!.toLowerCase() === name) ?? -1
  const base = { delimiter, cellCount: names.length, time }
  const sensor = named('sensor')
  const value = named('value')
  const quality = named('quality')
  if (sensor >= 0 && value >= 0) return { ...base, kind: 'long', sensor, quality, values: [value], names: [''] }
  if (value >= 0 && used.every((column) => column === value || column === quality)) {
    return { ...base, kind: 'single', sensor: -1, quality, values: [value], names: [''] }
  }
  const twice = used.find((column) => used.some((other) => other < column && names[other] === names[column]))
  if (twice !== undefined)
    return `the column "${names[twice]}" appears twice; rename one or leave both out with --ignore`
  const long = used.map((column) => sensorIdProblem(names[column]!)).find((problem) => problem !== undefined)
  if (long !== undefined) return `a column's name cannot be a sensor: ${long}`
  if (used.length === 0) return `no column is left to score; the columns are ${listed(names)}`
  return {
    ...base,
    kind: 'wide',
    sensor: -1,
    quality: -1,
    values: used,
    names: used.map((column) => names[column]!),
  }
}

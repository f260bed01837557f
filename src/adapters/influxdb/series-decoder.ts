import { parseQuality } from '../../domain/quality.ts'
import type { Decoder, RawRecord, ReadingWriter } from '../../domain/record.ts'

/** One series of an answer, as InfluxDB writes it. */
export interface QuerySeries {
  readonly name: string
  readonly tags?: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly values?: readonly (readonly unknown[])[]
}

/** A document of an answer. */
export interface QueryDocument {
  readonly error?: string
  readonly results?: readonly { readonly error?: string; readonly series?: readonly QuerySeries[] }[]
}

/** What a series' columns are: worked out once for each of its parts. */
interface Layout {
  readonly time: number
  readonly sensor: number
  readonly quality: number
  /** Columns of numbers, and those of text, which are tags that were selected. */
  readonly numbers: readonly number[]
  readonly texts: readonly number[]
}

function layoutOf({ columns, values = [] }: QuerySeries): Layout {
  const isText = (column: number): boolean => typeof values.find((row) => row[column] !== null)?.[column] === 'string'
  const time = columns.indexOf('time')
  const sensor = columns.indexOf('sensor')
  const quality = columns.indexOf('quality')
  const others = columns.map((_, column) => column).filter((column) => ![time, sensor, quality].includes(column))
  return {
    time,
    sensor,
    quality,
    numbers: others.filter((column) => !isText(column)),
    texts: others.filter(isText),
  }
}

/** The name that line protocol gives a series: measurement and tags, sorted. */
function seriesName(name: string, tags: readonly (readonly [string, string])[]): string {
  const sorted = tags.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return [name, ...sorted.map(([tag, value]) => `${tag}=${value}`)].join(',')
}

/**
 * Answers of InfluxDB → readings; one reading for each number of a row, named as line protocol names it.
 *
 * Sensor: the tag or column `sensor` where there is one, else measurement and tags (`boiler,line=2`). The column `value` is that
 * sensor, as is a column of numbers that stands alone (`mean`); any other is `sensor.column`. `quality` is that of the row's readings.
 * A missing number is no reading.
 * Errors: never throws on data; rejects with `malformed`.
 */
export class SeriesDecoder implements Decoder {
  decode(record: RawRecord, out: ReadingWriter): void {
    let document: QueryDocument
    try {
      document = JSON.parse(Buffer.from(record.bytes).toString('utf8')) as QueryDocument
    } catch {
      out.reject('malformed', 'a part of the answer is no JSON', record.line)
      return
    }
    for (const { series = [] } of document.results ?? []) for (const one of series) this.#series(one, out)
  }

  #series(series: QuerySeries, out: ReadingWriter): void {
    const { name, tags = {}, columns, values = [] } = series
    const layout = layoutOf(series)
    const { sensor: tagged, ...labels } = tags
    for (const row of values) {
      const timeMs = row[layout.time]
      const texts = layout.texts.flatMap((column) =>
        typeof row[column] === 'string' ? [[columns[column]!, row[column]] as const] : [],
      )
      const named = layout.sensor < 0 ? tagged : row[layout.sensor]
      const base =
        typeof named === 'string' && named !== '' ? named : seriesName(name, [...Object.entries(labels), ...texts])
      const quality = parseQuality(row[layout.quality] as string | undefined)
      for (const column of layout.numbers) {
        const value = row[column]
        if (typeof value !== 'number' || typeof timeMs !== 'number') continue
        const isOwn = columns[column] === 'value' || layout.numbers.length === 1
        out.reading(isOwn ? base : `${base}.${columns[column]}`, timeMs, value, quality, labels)
      }
    }
  }
}

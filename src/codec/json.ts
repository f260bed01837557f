import { isUtf8 } from 'node:buffer'
import { parseQuality, Quality } from '../domain/quality.ts'
import type { Decoder, RawRecord, ReadingWriter } from '../domain/record.ts'
import { fileStem } from './file-stem.ts'
import { compileJsonPath, type JsonPath } from './json-path.ts'
import { sensorIdProblem } from './sensor-id.ts'
import { type LocalToUtc, numericTime, parseIsoTime, type TimeUnit } from './time-text.ts'
import type { TopicLabels } from './topic-path.ts'

/** How JSON becomes readings; a place that is not named is the default shape's. */
export interface JsonDecoderOptions {
  readonly value?: string | undefined
  readonly time?: string | undefined
  readonly sensor?: string | undefined
  readonly quality?: string | undefined
  /** Unit of a numeric time; never guessed here. */
  readonly timeUnit: TimeUnit
  /** Places a time without a zone; UTC when absent. */
  readonly toUtc?: LocalToUtc | undefined
  readonly labels?: TopicLabels | undefined
  /** MQTT: a key of `values` is `TOPIC/key`; elsewhere it is the key alone. */
  readonly topicKeys?: boolean | undefined
}

type JsonObject = Readonly<Record<string, unknown>>

/** What the elements of one record share. */
interface Origin {
  readonly id: string
  readonly topic: string
  readonly line: number | undefined
  readonly part: Uint8Array | undefined
  readonly labels: Readonly<Record<string, string>> | undefined
}

/** An event time that is present but no time. */
const badTime = Symbol('bad time')

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Names a value in a few characters; never walks into it, because it may be deep or large. */
function excerpt(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (isObject(value)) return `an object with ${Object.keys(value).slice(0, 5).join(', ').slice(0, 60) || 'no members'}`
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 61)) : String(value)
  return text.length > 63 ? `${text.slice(0, 61)}…` : text
}

function qualityOf(value: unknown): number {
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'number') {
    return parseQuality(value)
  }
  return Quality.uncertain
}

/**
 * JSON → readings: the default shapes and `$.path` mapping.
 *
 * `{"sensor","ts","value","quality"}`, an array of such, `{"ts","values":{key: value}}`, or a bare number whose sensor
 * is the topic. Records of a file hold one JSON value a line. A value that is null, text or too large for a double is
 * a reading without value (NaN, bad); one bad element of an array rejects that element only.
 *
 * Errors: never throws on data; rejects with `malformed`, `missing_value`, `bad_time`, `bad_value` or `sensor_id`.
 */
export class JsonDecoder implements Decoder {
  readonly #options: JsonDecoderOptions
  readonly #value: JsonPath | undefined
  readonly #time: JsonPath
  readonly #sensor: JsonPath | undefined
  readonly #quality: JsonPath

  constructor(options: JsonDecoderOptions) {
    this.#options = options
    this.#value = options.value === undefined ? undefined : compileJsonPath(options.value)
    this.#time = compileJsonPath(options.time ?? '$.ts')
    this.#sensor = options.sensor === undefined ? undefined : compileJsonPath(options.sensor)
    this.#quality = compileJsonPath(options.quality ?? '$.quality')
  }

  decode(record: RawRecord, out: ReadingWriter): void {
    const { bytes, topic, line } = record
    const labels = this.#options.labels?.(topic)
    if (line === undefined) {
      this.#text(bytes, { id: topic, topic, line, part: undefined, labels }, out)
      return
    }
    const id = fileStem(topic)
    let number = line
    for (let start = 0; start < bytes.length; number++) {
      const feed = bytes.indexOf(10, start)
      const end = feed < 0 ? bytes.length : feed
      const part = bytes.subarray(start, end)
      if (!isBlank(part)) this.#text(part, { id, topic, line: number, part, labels }, out)
      start = end + 1
    }
  }

  #text(bytes: Uint8Array, origin: Origin, out: ReadingWriter): void {
    if (!isUtf8(bytes)) {
      out.reject('malformed', 'not UTF-8', origin.line, origin.part)
      return
    }
    let root: unknown
    try {
      root = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      out.reject('malformed', detail.slice(0, 200), origin.line, origin.part)
      return
    }
    const mappedWhole = this.#value !== undefined && this.#value(root) !== undefined
    if (Array.isArray(root) && !mappedWhole) {
      for (const element of root) this.#element(element, origin, out)
    } else if (typeof root === 'number' && this.#value === undefined) {
      this.#write(origin.id, undefined, root, Quality.good, origin, out)
    } else this.#element(root, origin, out)
  }

  #element(element: unknown, origin: Origin, out: ReadingWriter): void {
    const mapped = this.#value?.(element)
    if (!isObject(element) && mapped === undefined) {
      out.reject('malformed', `expected an object, found ${excerpt(element)}`, origin.line, origin.part)
      return
    }
    const time = this.#timeOf(element)
    if (time === badTime) {
      const detail = `the time ${excerpt(this.#time(element))} cannot be read`
      out.reject('bad_time', detail, origin.line, origin.part)
      return
    }
    const named = this.#sensor?.(element) ?? (isObject(element) ? element['sensor'] : undefined)
    if (named !== undefined && typeof named !== 'string' && typeof named !== 'number') {
      out.reject('sensor_id', `the sensor ${excerpt(named)} is no text`, origin.line, origin.part)
      return
    }
    const sensor = named === undefined ? undefined : String(named)
    const quality = qualityOf(this.#quality(element))
    if (this.#value === undefined && isObject(element) && isObject(element['values'])) {
      this.#values(element['values'], sensor, time, quality, origin, out)
      return
    }
    const value = this.#value === undefined ? (element as JsonObject)['value'] : mapped
    if (value === undefined) {
      out.reject('missing_value', `no value in ${excerpt(element)}`, origin.line, origin.part)
      return
    }
    this.#write(sensor ?? origin.id, time, value, quality, origin, out)
  }

  #values(
    values: JsonObject,
    sensor: string | undefined,
    time: number | undefined,
    quality: number,
    origin: Origin,
    out: ReadingWriter,
  ): void {
    const keys = Object.keys(values)
    if (sensor !== undefined && keys.length > 1) {
      const detail = `"sensor" names all ${keys.length} keys of "values" alike; leave it out and the keys are the sensors`
      out.reject('sensor_id', detail, origin.line, origin.part)
      return
    }
    const prefix = this.#options.topicKeys === true && origin.topic !== '' ? `${origin.topic}/` : ''
    for (const key of keys) this.#write(sensor ?? prefix + key, time, values[key], quality, origin, out)
  }

  #timeOf(element: unknown): number | undefined | typeof badTime {
    const value = this.#time(element)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number') return numericTime(value, this.#options.timeUnit) ?? badTime
    return typeof value === 'string' ? (parseIsoTime(value, this.#options.toUtc) ?? badTime) : badTime
  }

  #write(
    sensor: string,
    time: number | undefined,
    value: unknown,
    quality: number,
    origin: Origin,
    out: ReadingWriter,
  ): void {
    const problem = sensorIdProblem(sensor)
    if (problem !== undefined) out.reject('sensor_id', problem, origin.line, origin.part)
    else if (typeof value === 'object' && value !== null) {
      out.reject('bad_value', `the value ${excerpt(value)} of ${sensor} is no number`, origin.line, origin.part)
    } else if (typeof value === 'number' && Number.isFinite(value)) {
      out.reading(sensor, time, value, quality, origin.labels)
    } else out.reading(sensor, time, Number.NaN, Quality.bad, origin.labels)
  }
}

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 32 && byte !== 9 && byte !== 13) return false
  return true
}

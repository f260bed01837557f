/** Why a record, or a part of it, did not become a reading: the closed list behind the metric label `reason`. */
export const rejectReasons = [
  'too_large',
  'malformed',
  'missing_value',
  'bad_time',
  'bad_value',
  'sensor_id',
  'sensor_limit',
  'unsupported',
] as const
/** One reason of the closed list. */
export type RejectReason = (typeof rejectReasons)[number]

/** One message as it came from outside, undecoded. */
export interface RawRecord {
  readonly bytes: Uint8Array
  /** MQTT or Kafka topic (without a shared-subscription prefix), file path, or '' over HTTP. */
  readonly topic: string
  readonly key: string | null
  /** Recorded wall time of arrival, ms. */
  readonly arrivalMs: number
  /** Files only: the header line that explains the rows, and the number of the first line in `bytes` (1-based). */
  readonly header?: Uint8Array
  readonly line?: number
}

/** Where a codec puts what it finds: columns of a frame behind interning; no object per reading. */
export interface ReadingWriter {
  /**
   * One reading. `timeMs` undefined: the arrival stamp is the event time; times are floored to whole ms by the writer.
   * A value that is no finite number comes as NaN with quality bad: the row still appears in the output.
   */
  reading(
    sensor: string,
    timeMs: number | undefined,
    value: number,
    quality: number,
    labels?: Readonly<Record<string, string>>,
  ): void
  /**
   * Something that is no reading; `line` for text formats. `part`: the offending line of a block of lines, which alone
   * goes to the dead letter; without it the record's bytes go there once.
   */
  reject(reason: RejectReason, detail: string, line?: number, part?: Uint8Array): void
}

/**
 * Bytes → readings, pure and synchronous. One decoder serves one source.
 *
 * Errors: never throws on data; what cannot be decoded is rejected with a reason.
 */
export interface Decoder {
  decode(record: RawRecord, out: ReadingWriter): void
}

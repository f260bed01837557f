import { assert } from '../../base/assert.ts'
import type { Decoder, RawRecord, ReadingWriter, RejectReason } from '../../domain/record.ts'

/** Drops ignored sensors and refuses readings without time: history has no arrival that could stand in for one. */
class HistoryWriter implements ReadingWriter {
  out: ReadingWriter | undefined
  line: number | undefined
  part: Uint8Array | undefined
  readonly #ignored: ReadonlySet<string>

  constructor(ignored: ReadonlySet<string>) {
    this.#ignored = ignored
  }

  reading(
    sensor: string,
    timeMs: number | undefined,
    value: number,
    quality: number,
    labels?: Readonly<Record<string, string>>,
  ): void {
    if (this.#ignored.has(sensor)) return
    if (timeMs === undefined)
      this.out?.reject('bad_time', `${sensor}: history needs a time stamp`, this.line, this.part)
    else this.out?.reading(sensor, timeMs, value, quality, labels)
  }

  reject(reason: RejectReason, detail: string, line?: number, part?: Uint8Array): void {
    this.out?.reject(reason, detail, line, part)
  }
}

/**
 * The decoder of a file source: each file has its own, made when the file was looked at, and found by its path.
 *
 * Lines of NDJSON and line protocol are decoded one by one, so that a reading without time is refused by its line.
 */
export class FileDecoder implements Decoder {
  readonly #decoders = new Map<string, Decoder>()
  readonly #lineWise = new Set<string>()
  readonly #writer: HistoryWriter

  constructor(ignored: readonly string[]) {
    this.#writer = new HistoryWriter(new Set(ignored))
  }

  add(path: string, decoder: Decoder, lineWise: boolean): void {
    this.#decoders.set(path, decoder)
    if (lineWise) this.#lineWise.add(path)
  }

  decode(record: RawRecord, out: ReadingWriter): void {
    const decoder = this.#decoders.get(record.topic)
    assert(decoder !== undefined, `no decoder for ${record.topic}`)
    const writer = this.#writer
    writer.out = out
    if (!this.#lineWise.has(record.topic)) {
      decoder.decode(record, writer)
      return
    }
    const { bytes } = record
    let line = record.line ?? 1
    for (let at = 0; at < bytes.length; line++) {
      const feed = bytes.indexOf(10, at)
      const end = feed < 0 ? bytes.length : feed
      const part = bytes.subarray(at, end)
      writer.line = line
      writer.part = part
      if (end > at) decoder.decode({ ...record, bytes: part, line }, writer)
      at = end + 1
    }
  }
}

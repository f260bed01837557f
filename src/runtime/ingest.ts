import { limits } from '../base/limits.ts'
import { Frame } from '../domain/frame.ts'
import { Quality } from '../domain/quality.ts'
import type { RawRecord, ReadingWriter, RejectReason } from '../domain/record.ts'
import { refused, type SensorCatalog } from '../domain/sensor.ts'
import type { DeadLetter } from '../ports/sink.ts'
import type { Delivery, RejectedRecord, Source } from '../ports/source.ts'

/** What one delivery gave. */
export interface DecodedDelivery {
  accepted: number
  rejected: RejectedRecord[]
  letters: DeadLetter[]
}

const refusedText = {
  [refused.full]: { reason: 'sensor_limit', detail: 'the limit of sensors is reached (limits.sensors)' },
  [refused.badId]: { reason: 'sensor_id', detail: 'a sensor id has 1 to 256 bytes' },
} as const

/**
 * Decodes deliveries into one frame. When the frame is full it is handed to `process`, synchronously, and filled anew,
 * so a message with more readings than a frame needs no special case.
 */
export class Ingest implements ReadingWriter {
  readonly frame = new Frame(limits.frameRows)
  /** Index of the source of each row, for counting. */
  readonly sourceIndex = new Uint16Array(limits.frameRows)
  readonly #catalog: SensorCatalog
  readonly #process: () => void
  #record: RawRecord | undefined
  #source: Source | undefined
  #index = 0
  #result: DecodedDelivery = { accepted: 0, rejected: [], letters: [] }
  #lettered = false

  constructor(catalog: SensorCatalog, process: () => void) {
    this.#catalog = catalog
    this.#process = process
  }

  decode(source: Source, index: number, delivery: Delivery): DecodedDelivery {
    this.#source = source
    this.#index = index
    this.#result = { accepted: 0, rejected: [], letters: [] }
    for (const record of delivery.records) {
      this.#record = record
      this.#lettered = false
      if (record.bytes.length > limits.messageBytesMax) {
        this.reject('too_large', `${record.bytes.length} bytes, at most ${limits.messageBytesMax}`, record.line)
      } else source.decoder.decode(record, this)
    }
    return this.#result
  }

  reading(
    sensor: string,
    timeMs: number | undefined,
    value: number,
    quality: number,
    labels?: Readonly<Record<string, string>>,
  ): void {
    const slot = this.#catalog.intern(sensor, labels)
    if (slot < 0) {
      const { reason, detail } = refusedText[slot as -1 | -2]
      this.reject(reason, `${sensor.slice(0, 80)}: ${detail}`)
      return
    }
    if (this.frame.count === this.frame.capacity) this.#process()
    const arrivalMs = this.#record!.arrivalMs
    const finite = Number.isFinite(value)
    this.sourceIndex[this.frame.count] = this.#index
    this.frame.push(
      slot,
      Math.floor(timeMs ?? arrivalMs),
      finite ? value : Number.NaN,
      finite ? quality : Quality.bad,
      arrivalMs,
    )
    this.#result.accepted += 1
  }

  reject(reason: RejectReason, detail: string, line?: number, part?: Uint8Array): void {
    const record = this.#record!
    this.#result.rejected.push(line === undefined ? { reason, detail } : { reason, detail, line })
    // Without a part it is the whole record that is kept, and that once.
    if (part === undefined && this.#lettered) return
    if (part === undefined) this.#lettered = true
    this.#result.letters.push({
      source: this.#source!.name,
      topic: record.topic,
      key: record.key,
      arrivalMs: record.arrivalMs,
      reason,
      detail,
      bytes: part ?? record.bytes,
    })
  }
}

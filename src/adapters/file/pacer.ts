import { setTimeout as sleep } from 'node:timers/promises'
import type { Decoder, RawRecord, ReadingWriter } from '../../domain/record.ts'
import type { Clock } from '../../ports/clock.ts'
import type { RowEnd } from './format.ts'

/** Finds the first event time of a row; everything else about it is left to the real decoding. */
class FirstTime implements ReadingWriter {
  timeMs = Number.NaN

  reading(_sensor: string, timeMs: number | undefined): void {
    if (Number.isNaN(this.timeMs) && timeMs !== undefined) this.timeMs = timeMs
  }

  reject(): void {}
}

/**
 * Lets rows pass when their event time is due: `speed` 60 is an hour of history in a minute.
 *
 * The first time of a file is due at once; rows without a time, or older than the ones before, do not wait.
 */
export class Pacer {
  readonly #speed: number
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #writer = new FirstTime()
  #originTimeMs = Number.NaN
  #originWallMs = 0

  constructor(speed: number, clock: Clock, signal: AbortSignal) {
    this.#speed = speed
    this.#clock = clock
    this.#signal = signal
  }

  /** Cuts a block into runs of rows, each yielded when its first row is due; `record` shares all but the bytes. */
  async *pass(record: RawRecord, decoder: Decoder, rowEnd: RowEnd): AsyncGenerator<{ start: number; end: number }> {
    const bytes = Buffer.from(record.bytes.buffer, record.bytes.byteOffset, record.bytes.length)
    let start = 0
    for (let at = 0; at < bytes.length; ) {
      const end = rowEnd(bytes, at, true)
      const dueMs = this.#dueMs({ ...record, bytes: bytes.subarray(at, end) }, decoder)
      if (dueMs > this.#clock.now()) {
        if (at > start) yield { start, end: at }
        start = at
        await this.#until(dueMs)
        if (this.#signal.aborted) return
      }
      at = end
    }
    if (start < bytes.length) yield { start, end: bytes.length }
  }

  #dueMs(row: RawRecord, decoder: Decoder): number {
    this.#writer.timeMs = Number.NaN
    decoder.decode(row, this.#writer)
    const { timeMs } = this.#writer
    if (Number.isNaN(timeMs)) return 0
    if (Number.isNaN(this.#originTimeMs)) {
      this.#originTimeMs = timeMs
      this.#originWallMs = this.#clock.now()
    }
    return this.#originWallMs + (timeMs - this.#originTimeMs) / this.#speed
  }

  async #until(dueMs: number): Promise<void> {
    // Timers take at most 2^31 ms; a longer pause is several of them.
    for (let rest = dueMs - this.#clock.now(); rest > 0 && !this.#signal.aborted; rest = dueMs - this.#clock.now()) {
      await sleep(Math.min(rest, 2 ** 31 - 1), undefined, { signal: this.#signal }).catch(() => undefined)
    }
  }
}

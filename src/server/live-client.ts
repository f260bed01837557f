import type { ServerResponse } from 'node:http'
import { limits } from '../base/limits.ts'

/** What a live client asked for. */
export interface LiveWish {
  /** Score events a second, at most. */
  readonly hz: number
  /** Sensors whose scores it wants; null for all. Alarms and status always come. */
  readonly sensors: ReadonlySet<string> | null
}

/**
 * One reader of the live stream, with a bounded debt.
 *
 * The rule for a slow reader: scores are coalesced, so that only the newest row of a sensor waits and older ones are
 * dropped; the newest status replaces the one before; alarms wait in order and are never dropped. When more alarms wait
 * than the limit, the connection is cut: the reader comes back and reads the alarm list. Nothing is written while the
 * socket has not taken what came before, so memory is bounded by one row a sensor.
 */
export class LiveClient {
  readonly #response: ServerResponse
  readonly #wish: LiveWish
  readonly #rows = new Map<string, string>()
  readonly #alarms: string[] = []
  #status: string | undefined
  #timer: NodeJS.Timeout | undefined
  #sentAtMs = Number.NEGATIVE_INFINITY
  #nextId = 1

  constructor(response: ServerResponse, wish: LiveWish) {
    this.#response = response
    this.#wish = wish
    response.on('drain', () => this.#flush())
    response.write('retry: 2000\n\n')
  }

  /** Newest rows by sensor id, as JSON text. */
  scores(rows: ReadonlyMap<string, string>): void {
    const { sensors } = this.#wish
    if (sensors === null) for (const [id, row] of rows) this.#rows.set(id, row)
    else
      for (const id of sensors) {
        const row = rows.get(id)
        if (row !== undefined) this.#rows.set(id, row)
      }
    this.#schedule()
  }

  alarm(data: string): void {
    if (this.#alarms.length >= limits.liveAlarmsPending) {
      this.#response.destroy()
      return
    }
    this.#alarms.push(data)
    this.#flush()
  }

  status(data: string): void {
    this.#status = data
    this.#flush()
  }

  /** Ends the stream; the reader will try again. */
  end(): void {
    clearTimeout(this.#timer)
    this.#response.end()
  }

  /** Forgets what waits, after the connection is gone. */
  gone(): void {
    clearTimeout(this.#timer)
    this.#rows.clear()
    this.#alarms.length = 0
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#rows.size === 0) return
    const waitMs = Math.max(0, this.#sentAtMs + 1_000 / this.#wish.hz - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#sendScores()
    }, waitMs)
  }

  #flush(): void {
    while (this.#alarms.length > 0 && this.#writable) this.#event('alarm', this.#alarms.shift()!)
    if (this.#status !== undefined && this.#writable) {
      this.#event('status', this.#status)
      this.#status = undefined
    }
    this.#schedule()
  }

  #sendScores(): void {
    // A full socket calls back with "drain"; until then newer rows take the place of those that wait.
    if (!this.#writable) return
    const rows: string[] = []
    for (const [id, row] of this.#rows) {
      if (rows.length === limits.liveRowsPerEvent) break
      rows.push(row)
      this.#rows.delete(id)
    }
    if (rows.length === 0) return
    this.#sentAtMs = performance.now()
    this.#event('scores', `{"type":"scores","sensors":[${rows.join(',')}]}`)
    this.#schedule()
  }

  get #writable(): boolean {
    return !this.#response.writableNeedDrain && this.#response.writable
  }

  #event(name: string, data: string): void {
    this.#response.write(`id: ${this.#nextId++}\nevent: ${name}\ndata: ${data}\n\n`)
  }
}

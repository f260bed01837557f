import type { ServerResponse } from 'node:http'
import { limits } from '../base/limits.ts'
import type { LiveEvent, PipelineApi } from '../runtime/api.ts'
import { HttpError } from './http-error.ts'
import { LiveClient, type LiveWish } from './live-client.ts'

/** Fastest rate of score events that a client may ask for. */
export const liveHzMax = 10

/** Milliseconds between two status events; they are the stream's heartbeat too. */
const statusMs = 2_000

/**
 * Spreads what the pipeline says over all readers of the live stream: one subscription and one serialisation, however
 * many read. It is subscribed only while somebody reads.
 */
export class LiveHub {
  readonly #api: PipelineApi
  readonly #clients = new Set<LiveClient>()
  #unsubscribe: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(api: PipelineApi) {
    this.#api = api
  }

  /** Errors: `HttpError` too_many_clients at the limit, busy while stopping; asked before the head is written. */
  admit(): void {
    if (this.#closed) throw new HttpError('busy', 'the server is stopping', 'try again in a moment')
    if (this.#clients.size >= limits.liveClients) {
      throw new HttpError(
        'too_many_clients',
        `${limits.liveClients} clients already read the live stream`,
        'close a page, or ask /api/v1/sensors from time to time instead',
      )
    }
  }

  /** Adds a reader whose response head is written; it leaves when its connection closes. */
  add(response: ServerResponse, wish: LiveWish): void {
    const client = new LiveClient(response, wish)
    this.#clients.add(client)
    response.on('error', () => response.destroy())
    response.on('close', () => {
      client.gone()
      this.#clients.delete(client)
      if (this.#clients.size === 0) this.#pause()
    })
    client.status(this.#status())
    if (this.#clients.size === 1) this.#resume()
  }

  get size(): number {
    return this.#clients.size
  }

  close(): void {
    this.#closed = true
    this.#pause()
    for (const client of this.#clients) client.end()
  }

  #resume(): void {
    this.#unsubscribe = this.#api.subscribe((event) => this.#spread(event), { hz: liveHzMax })
    this.#timer = setInterval(() => {
      const status = this.#status()
      for (const client of this.#clients) client.status(status)
    }, statusMs)
  }

  #pause(): void {
    clearInterval(this.#timer)
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  #status(): string {
    return JSON.stringify({ type: 'status', status: this.#api.status() })
  }

  #spread(event: LiveEvent): void {
    if (event.type === 'alarm') {
      const data = JSON.stringify(event)
      for (const client of this.#clients) client.alarm(data)
      return
    }
    const rows = new Map<string, string>()
    for (const sensor of event.sensors) rows.set(sensor.id, JSON.stringify(sensor))
    for (const client of this.#clients) client.scores(rows)
  }
}

import { messageOf, OperatingError } from '../../base/errors.ts'
import type { HistoryAdapter, HistoryNeeds } from '../../ports/adapter.ts'
import type { Source, SourceContext } from '../../ports/source.ts'
import { type InfluxdbHistoryOptions, influxdbHistoryOptions } from './options.ts'
import { queryLines } from './query-lines.ts'
import { type QueryDocument, SeriesDecoder } from './series-decoder.ts'

/**
 * What an InfluxQL query answers, from its first row to its last, in the order in which the server sends it.
 *
 * Works when: each sensor's rows are in order of time, as InfluxDB sends them. Fails when: channels that belong together come one
 * after the other, as with GROUP BY; where they must not, that is refused with what to do.
 */
class InfluxdbHistory implements Source {
  readonly name: string
  readonly decoder = new SeriesDecoder()
  readonly finished: Promise<void>
  readonly #options: InfluxdbHistoryOptions
  readonly #needs: HistoryNeeds
  readonly #abort = new AbortController()
  #finish: () => void = () => undefined
  #newestMs = Number.NEGATIVE_INFINITY

  constructor(name: string, options: InfluxdbHistoryOptions, needs: HistoryNeeds) {
    this.name = name
    this.#options = options
    this.#needs = needs
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  async start(context: SourceContext): Promise<void> {
    context.connected(true)
    void this.#readAll(context).then(this.#finish, (error: unknown) => {
      if (this.#abort.signal.aborted) return
      context.connected(false, messageOf(error))
      context.failed(error)
    })
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    this.#finish()
  }

  async close(): Promise<void> {
    this.#abort.abort()
  }

  async check(): Promise<string> {
    const probe = { ...this.#options, query: `${this.#options.query.replace(/;\s*$/, '')} LIMIT 1` }
    for await (const line of queryLines(
      /\blimit\b/i.test(this.#options.query) ? this.#options : probe,
      this.#abort.signal,
    )) {
      this.#examine(line)
      break
    }
    return `InfluxDB at ${new URL(this.#options.url).origin} answers the query`
  }

  async #readAll(context: SourceContext): Promise<void> {
    const { database } = this.#options
    let parts = 0
    for await (const bytes of queryLines(this.#options, this.#abort.signal)) {
      this.#examine(bytes)
      parts += 1
      await context.deliver({
        records: [{ bytes, topic: database, key: null, arrivalMs: context.clock.now(), line: parts }],
        positions: {},
        acknowledge: () => undefined,
        decoded: (accepted, rejected) => this.#needs.listener?.decoded(database, accepted, rejected),
      })
      if (this.#abort.signal.aborted) return
      // How much is to come is not known.
      this.#needs.listener?.progress(parts, Number.POSITIVE_INFINITY)
    }
  }

  /** The server tells of some mistakes within an answer that is otherwise right. */
  #examine(bytes: Buffer): void {
    let document: QueryDocument
    try {
      document = JSON.parse(bytes.toString('utf8')) as QueryDocument
    } catch (cause) {
      throw new OperatingError('read', `what ${this.#options.url} answers is no InfluxQL answer`, { cause })
    }
    const results = document.results ?? []
    const error = document.error ?? results.find((result) => result.error !== undefined)?.error
    if (error !== undefined) throw new OperatingError('read', `InfluxDB refused the query: ${error}`)
    if (this.#needs.isInOrder !== true) return
    for (const { series = [] } of results)
      for (const { columns, values = [] } of series) this.#watchOrder(columns, values)
  }

  #watchOrder(columns: readonly string[], values: readonly (readonly unknown[])[]): void {
    const time = columns.indexOf('time')
    for (const row of values) {
      const timeMs = Number(row[time])
      if (timeMs >= this.#newestMs) {
        this.#newestMs = timeMs
        continue
      }
      const fix = 'select the channels in one query without GROUP BY of tags, as SELECT value, sensor FROM measurement'
      throw new OperatingError(
        'read',
        `channels that belong together come one after the other, not in order of time: ${fix}`,
      )
    }
  }
}

/** History in InfluxDB: the registry's row. */
export const influxdbHistory: HistoryAdapter<InfluxdbHistoryOptions> = {
  type: 'influxdb',
  options: influxdbHistoryOptions,
  create: (name, options, needs = {}) => new InfluxdbHistory(name, options, needs),
}

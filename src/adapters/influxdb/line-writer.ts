import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { encodeAlarms, encodeScores, type LineDialect } from '../../codec/line-protocol-writer.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import type { SensorCatalog } from '../../domain/sensor.ts'
import { HttpClient, sinkSecret, statusError } from '../../ports/http-client.ts'
import type { InfluxdbTokenOptions } from './options.ts'
import { refusalOf } from './refusal.ts'
import type { InfluxdbWriter } from './writer.ts'

const compress = promisify(gzip)

/**
 * Posts gzipped line protocol: `/api/v2/write` of InfluxDB 2 (and 1.8), `/api/v3/write_lp` of InfluxDB 3.
 *
 * Version 3 acknowledges after its log is durable (`no_sync=false`) and takes the good lines of a batch with bad ones.
 */
export class LineWriter implements InfluxdbWriter {
  readonly #http: HttpClient
  readonly #path: string
  readonly #scheme: string
  readonly #dialect: LineDialect
  readonly #token: string | undefined

  constructor(options: InfluxdbTokenOptions) {
    this.#http = new HttpClient(options.url, options.timeout, options.tls)
    this.#token = options.token
    this.#dialect = options.version === 3 ? 'influxdb3' : 'influxdb'
    if (options.version === 2) {
      this.#path = `/api/v2/write?${new URLSearchParams({ org: options.org, bucket: options.bucket, precision: 'ms' })}`
      this.#scheme = 'Token'
    } else {
      const query = { db: options.database, precision: 'millisecond', accept_partial: 'true', no_sync: 'false' }
      this.#path = `/api/v3/write_lp?${new URLSearchParams(query)}`
      this.#scheme = 'Bearer'
    }
  }

  async scores(scores: OutcomeFrame, catalog: SensorCatalog, plant: string): Promise<void> {
    await this.#post(encodeScores(scores, catalog, plant, 'ms', this.#dialect))
  }

  async alarms(transitions: readonly AlarmTransition[], catalog: SensorCatalog, plant: string): Promise<void> {
    await this.#post(encodeAlarms(transitions, catalog, plant, 'ms', this.#dialect))
  }

  async check(): Promise<string> {
    const answer = await this.#http.get('/ping', this.#authorization())
    const error = statusError(answer.status, refusalOf(answer.body), `InfluxDB at ${this.#http.origin}`)
    if (error !== undefined) throw error
    return `${this.#http.origin} answers; whether the token may write is seen at the first write`
  }

  close(): void {
    this.#http.close()
  }

  async #post(lines: string): Promise<void> {
    if (lines === '') return
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'content-encoding': 'gzip',
      ...this.#authorization(),
    }
    const answer = await this.#http.post(this.#path, headers, await compress(Buffer.from(lines)))
    const error = statusError(answer.status, refusalOf(answer.body), `InfluxDB at ${this.#http.origin}`)
    if (error !== undefined) throw error
  }

  #authorization(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `${this.#scheme} ${sinkSecret(this.#token)}` }
  }
}

import { InfluxDB, type IPoint } from 'influx'
import { OperatingError } from '../../base/errors.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import type { SensorCatalog } from '../../domain/sensor.ts'
import { networkError, sinkSecret, statusError } from '../../ports/http-client.ts'
import { readTls } from '../../ports/tls-files.ts'
import type { Influxdb1Options } from './options.ts'
import { alarmPoints, scorePoints } from './points.ts'
import { refusalOf } from './refusal.ts'
import type { InfluxdbWriter } from './writer.ts'

/** The pool neither waits nor sets a host aside: the runtime retries, and knows better when. */
const noBackoff = { getDelay: () => 0, next: () => noBackoff, reset: () => noBackoff }

/** Points of one request: the library builds the body in one go, 25 ms for so many, and nothing else runs meanwhile. */
const pointsPerWrite = 1_000

/** Writes to InfluxDB 1.x through the `influx` library; makes the database when it is missing and the user may. */
export class InfluxdbClient implements InfluxdbWriter {
  readonly #options: Influxdb1Options
  readonly #where: string
  #library: InfluxDB | undefined
  #password = ''

  constructor(options: Influxdb1Options) {
    this.#options = options
    this.#where = `InfluxDB at ${new URL(options.url).origin}`
  }

  async scores(scores: OutcomeFrame, catalog: SensorCatalog, plant: string): Promise<void> {
    await this.#write(scorePoints(scores, catalog, plant))
  }

  async alarms(transitions: readonly AlarmTransition[], catalog: SensorCatalog, plant: string): Promise<void> {
    await this.#write(alarmPoints(transitions, catalog, plant))
  }

  async check(): Promise<string> {
    const { database } = this.#options
    try {
      const names = await this.#client().getDatabaseNames()
      if (names.includes(database)) return `${this.#where} has the database "${database}"`
      return `${this.#where} answers; the database "${database}" is made at the first write`
    } catch (error) {
      throw failureOf(error, this.#where).error
    }
  }

  close(): void {}

  async #write(points: readonly IPoint[]): Promise<void> {
    for (let start = 0; start < points.length; start += pointsPerWrite) {
      const part = points.slice(start, start + pointsPerWrite)
      const error = await this.#post(part)
      if (error === undefined) continue
      if (error.status !== 404 || !/database not found/i.test(error.message)) throw error.error
      await this.#createDatabase()
      const again = await this.#post(part)
      if (again !== undefined) throw again.error
    }
  }

  async #post(points: IPoint[]): Promise<Failure | undefined> {
    const { database, retentionPolicy } = this.#options
    const options = {
      database,
      precision: 'ms' as const,
      ...(retentionPolicy === undefined ? {} : { retentionPolicy }),
    }
    try {
      await this.#client().writePoints(points, options)
      return undefined
    } catch (error) {
      return failureOf(error, this.#where)
    }
  }

  async #createDatabase(): Promise<void> {
    const { database } = this.#options
    try {
      await this.#client().createDatabase(database)
    } catch (cause) {
      const { error } = failureOf(cause, this.#where)
      if (error.retryable) throw error
      const text = `${this.#where} has no database "${database}" and the user may not make it: ${error.message}`
      throw new OperatingError('rejected', text, { cause })
    }
  }

  /** The password is read at each use, so a rotated one needs no restart. */
  #client(): InfluxDB {
    const { url, database, username, password, timeout, tls } = this.#options
    const secret = password === undefined ? '' : sinkSecret(password)
    if (this.#library !== undefined && secret === this.#password) return this.#library
    const { protocol, hostname, port, pathname } = new URL(url)
    this.#password = secret
    this.#library = new InfluxDB({
      host: hostname,
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
      protocol: protocol === 'https:' ? 'https' : 'http',
      path: pathname === '/' ? '' : pathname.replace(/\/$/, ''),
      database,
      ...(username === undefined ? {} : { username, password: secret }),
      options: readTls(tls, 'auth'),
      pool: { maxRetries: 0, requestTimeout: timeout, backoff: noBackoff },
    })
    return this.#library
  }
}

interface Failure {
  readonly error: OperatingError
  readonly status: number | undefined
  readonly message: string
}

/** The library tells an HTTP status only through the response it keeps (4xx) or the reason phrase (5xx). */
function failureOf(error: unknown, where: string): Failure {
  if (error instanceof OperatingError) return { error, status: undefined, message: error.message }
  const { message } = error as Error
  const status = (error as { res?: { statusCode?: number } }).res?.statusCode
  if (status !== undefined) {
    const reason = refusalOf(message.replace(/^.*? error occurred: /s, ''))
    const known = statusError(status, reason, where) ?? new OperatingError('server', `${where}: ${reason}`)
    return { error: known, status, message: reason }
  }
  if (message === 'Request timed out') {
    return { error: new OperatingError('timeout', `${where} did not answer in time`), status, message }
  }
  if ((error as NodeJS.ErrnoException).code !== undefined) return { error: networkError(error, where), status, message }
  return { error: new OperatingError('server', `${where} failed: ${message}`, { cause: error }), status, message }
}

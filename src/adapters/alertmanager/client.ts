import { OperatingError } from '../../base/errors.ts'
import { HttpClient, sinkSecret, statusError } from '../../ports/http-client.ts'
import type { AlertmanagerOptions } from './options.ts'

/** An alert as `POST /api/v2/alerts` takes it; times are RFC 3339. Without `endsAt` Alertmanager's own timeout ends it. */
export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt?: string
  readonly generatorURL?: string
}

/** Speaks Alertmanager's API v2. Errors: `OperatingError` of every kind that HTTP has. */
export class AlertmanagerClient {
  readonly #http: HttpClient
  readonly #options: AlertmanagerOptions

  constructor(options: AlertmanagerOptions) {
    this.#options = options
    this.#http = new HttpClient(options.url, options.timeout, options.tls)
  }

  async post(alerts: readonly PostableAlert[]): Promise<void> {
    const headers = { 'content-type': 'application/json', ...this.#authorization() }
    const answer = await this.#http.post('/api/v2/alerts', headers, Buffer.from(JSON.stringify(alerts)))
    const error = statusError(answer.status, answer.body, `Alertmanager at ${this.#http.origin}`)
    if (error?.code !== 'rejected' || answer.status !== 404) {
      if (error !== undefined) throw error
      return
    }
    throw new OperatingError(
      'rejected',
      `${error.message} (API v2 needs Alertmanager 0.16 or newer; is a prefix missing?)`,
    )
  }

  close(): void {
    this.#http.close()
  }

  #authorization(): Record<string, string> {
    const { username, password, token } = this.#options
    if (token !== undefined) return { authorization: `Bearer ${sinkSecret(token)}` }
    if (username === undefined || password === undefined) return {}
    return { authorization: `Basic ${Buffer.from(`${username}:${sinkSecret(password)}`).toString('base64')}` }
  }
}

import { assert } from '../../base/assert.ts'
import { type AlarmTransition, priorities } from '../../domain/alarm.ts'
import { type Alert, isNews, toAlert } from '../../domain/alert.ts'
import { HttpClient, sinkSecret, statusError } from '../../ports/http-client.ts'
import { toAlarmSettings } from '../../ports/http-options.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'
import { webhookBody } from './body.ts'
import type { WebhookOptions } from './options.ts'
import { deliveryId, signature } from './signature.ts'

/** Alerts of one request; receivers often refuse bodies above 1 MB, an alert has about 1 kB. */
const alertsPerPost = 100

/** Posts alarm transitions as Alertmanager's webhook JSON, signed when there is a secret. */
export class WebhookSink implements Sink {
  readonly name: string
  readonly settings: SinkSettings
  readonly #options: WebhookOptions
  readonly #http: HttpClient
  #context: SinkContext | undefined

  constructor(name: string, options: WebhookOptions) {
    this.name = name
    this.settings = toAlarmSettings(options)
    this.#options = options
    this.#http = new HttpClient(options.url, options.timeout, options.tls)
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
  }

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    const least = priorities.indexOf(this.#options.minPriority)
    const wanted = transitions.filter(
      (transition) => isNews(transition) && priorities.indexOf(transition.alarm.priority) >= least,
    )
    for (let start = 0; start < wanted.length; start += alertsPerPost) {
      await this.#post(wanted.slice(start, start + alertsPerPost))
    }
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  async #post(transitions: readonly AlarmTransition[]): Promise<void> {
    assert(this.#context !== undefined, 'the sink is not open')
    const { plant } = this.#context
    const { receiver, externalUrl = '', headers, secretHeaders, secret } = this.#options
    const alerts = transitions.map((transition) => this.#alert(transition))
    const body = Buffer.from(webhookBody(alerts, { receiver, plant, externalUrl }))
    const secrets = Object.entries(secretHeaders).map(([name, reference]) => [name, sinkSecret(reference)])
    const answer = await this.#http.post(
      '',
      {
        ...headers,
        ...Object.fromEntries(secrets),
        'content-type': 'application/json',
        'x-residua-delivery': deliveryId(transitions.map((transition) => transition.transitionId)),
        ...(secret === undefined ? {} : { 'x-residua-signature': signature(sinkSecret(secret), body) }),
      },
      body,
    )
    const error = statusError(answer.status, answer.body, `the webhook at ${this.#http.origin}`)
    if (error !== undefined) throw error
  }

  #alert(transition: AlarmTransition): Alert {
    assert(this.#context !== undefined, 'the sink is not open')
    const { catalog } = this.#context
    const slot = catalog.find(transition.alarm.sensor)
    return toAlert(transition, slot === undefined ? {} : catalog.spec(slot).labels)
  }
}

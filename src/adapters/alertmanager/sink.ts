import { assert } from '../../base/assert.ts'
import { messageOf } from '../../base/errors.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import { isFiring, sensorLink, toAlert } from '../../domain/alert.ts'
import { toAlarmSettings } from '../../ports/http-options.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'
import { AlertmanagerClient, type PostableAlert } from './client.ts'
import type { AlertmanagerOptions } from './options.ts'

/** Alerts of one request: far below the body sizes that proxies refuse. */
const alertsPerPost = 250

/**
 * Posts alarms to Alertmanager and repeats the active ones before it forgets them.
 *
 * An alert's identity is its label set, so a repeat updates it and never makes a second one. Posts never overlap: a
 * repeat that was prepared while an alarm was active cannot arrive after that alarm's return.
 */
export class AlertmanagerSink implements Sink {
  readonly name: string
  readonly settings: SinkSettings
  readonly #options: AlertmanagerOptions
  readonly #client: AlertmanagerClient
  /** Newest transition of each firing label set that this process sent: what is repeated when the state is not asked. */
  readonly #active = new Map<string, AlarmTransition>()
  #context: SinkContext | undefined
  #timer: NodeJS.Timeout | undefined
  #last: Promise<void> = Promise.resolve()
  #repeatFails = false

  constructor(name: string, options: AlertmanagerOptions) {
    this.name = name
    this.settings = toAlarmSettings(options)
    this.#options = options
    this.#client = new AlertmanagerClient(options)
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
    this.#timer = setInterval(() => void this.#inOrder(() => this.#repeat()), this.#options.resendInterval)
    this.#timer.unref()
  }

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    await this.#inOrder(() => this.#write(transitions))
  }

  /** An empty list of alerts changes nothing, and is refused without the right credentials. */
  async check(): Promise<string> {
    await this.#client.post([])
    return `${new URL(this.#options.url).origin} takes alerts`
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#last
    this.#client.close()
  }

  /** Runs one task after the other; the caller sees its own failure, the next task does not. */
  #inOrder(task: () => Promise<void>): Promise<void> {
    const run = this.#last.then(task)
    this.#last = run.catch(() => {})
    return run
  }

  async #write(transitions: readonly AlarmTransition[]): Promise<void> {
    const newest = new Map<string, AlarmTransition>()
    for (const transition of transitions) {
      const { fingerprint } = this.#alert(transition)
      newest.delete(fingerprint)
      newest.set(fingerprint, transition)
    }
    await this.#post([...newest.values()])
    for (const [fingerprint, transition] of newest) {
      if (isFiring(transition.alarm.state)) this.#active.set(fingerprint, transition)
      else this.#active.delete(fingerprint)
    }
  }

  async #repeat(): Promise<void> {
    const active = this.#context?.activeAlarms?.() ?? [...this.#active.values()]
    try {
      await this.#post(active.filter((transition) => isFiring(transition.alarm.state)))
      this.#repeatFails = false
    } catch (error) {
      // The next repeat tries again; one line for an outage is enough.
      if (!this.#repeatFails) this.#context?.log.warn({ sink: this.name }, `cannot repeat alarms: ${messageOf(error)}`)
      this.#repeatFails = true
    }
  }

  async #post(transitions: readonly AlarmTransition[]): Promise<void> {
    for (let start = 0; start < transitions.length; start += alertsPerPost) {
      const part = transitions.slice(start, start + alertsPerPost)
      await this.#client.post(part.map((transition) => this.#postable(transition)))
    }
  }

  #alert(transition: AlarmTransition) {
    assert(this.#context !== undefined, 'the sink is not open')
    const { catalog } = this.#context
    const slot = catalog.find(transition.alarm.sensor)
    return toAlert(transition, slot === undefined ? {} : catalog.spec(slot).labels)
  }

  #postable(transition: AlarmTransition): PostableAlert {
    const { labels, annotations, startsMs, endsMs } = this.#alert(transition)
    const { externalUrl } = this.#options
    // A return that lies in the future (a sensor's clock runs fast) would leave the alert firing until then.
    const ends = endsMs === null ? null : Math.max(startsMs, Math.min(endsMs, this.#context?.clock.now() ?? endsMs))
    return {
      labels,
      annotations,
      startsAt: new Date(startsMs).toISOString(),
      ...(ends === null ? {} : { endsAt: new Date(ends).toISOString() }),
      ...(externalUrl === undefined ? {} : { generatorURL: sensorLink(externalUrl, transition.alarm.sensor) }),
    }
  }
}

import { ConfigurationError, type Problem } from '../../base/errors.ts'
import { scoreMessage } from '../../codec/score-message.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import type { SinkAdapter } from '../../ports/adapter.ts'
import { toSinkSettings } from '../../ports/options.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'
import { checkBroker } from './check-broker.ts'
import { type MqttSinkOptions, mqttSinkOptions } from './options.ts'
import { type Outgoing, Publisher } from './publisher.ts'
import { outputTopic } from './topic.ts'

/**
 * Alarms (retained) and, when asked for, scores to an MQTT broker, one topic a sensor.
 *
 * A sensor id stands in the topic as it is, with `#`, `+` and NUL replaced by `_`. Two ids that become the same topic are
 * refused at start; one that appears later is not published and is reported once.
 */
class MqttSink implements Sink {
  readonly name: string
  readonly settings: SinkSettings
  readonly #options: MqttSinkOptions
  #context!: SinkContext
  #publisher: Publisher | undefined
  /** Ids whose topic differs from the id, by topic. */
  readonly #altered = new Map<string, string>()
  readonly #reported = new Set<string>()
  #up = false

  constructor(name: string, options: MqttSinkOptions) {
    this.name = name
    this.#options = options
    this.settings = toSinkSettings(options, options.scores, options.alarms)
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
    this.#refuseCollisions()
    const { qos, timeout, clientId, ...options } = this.#options
    const client = {
      ...options,
      clientId: clientId ?? `residua-${context.plant}-${this.name}-${process.pid}`,
      sessionExpiry: null,
    }
    const { log } = context
    this.#publisher = new Publisher(client, qos, timeout, {
      up: () => {
        this.#up = true
      },
      down: (reason) => {
        if (this.#up) log.warn({ sink: this.name, reason }, 'the broker is gone, trying to reach it again')
        this.#up = false
      },
      refused: (error) => log.error({ sink: this.name, code: error.code }, error.message),
    })
  }

  check(): Promise<string> {
    return checkBroker(this.#options)
  }

  async writeScores(scores: OutcomeFrame): Promise<void> {
    const { catalog, plant } = this.#context
    const messages: Outgoing[] = []
    for (let row = 0; row < scores.count; row++) {
      const sensor = catalog.spec(scores.slot[row]!).id
      const topic = this.#topic('score', sensor)
      if (topic === undefined) continue
      messages.push({ topic, payload: scoreMessage(scores, row, catalog, plant), retain: false })
    }
    await this.#publisher!.publish(messages)
  }

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    const messages: Outgoing[] = []
    for (const { alarm } of transitions) {
      const topic = this.#topic('alarm', alarm.sensor)
      if (topic === undefined) continue
      messages.push({ topic, payload: JSON.stringify(alarm), retain: true })
    }
    await this.#publisher!.publish(messages)
  }

  async close(): Promise<void> {
    await this.#publisher?.close()
  }

  /** Undefined when another sensor has this topic already. */
  #topic(kind: 'score' | 'alarm', sensor: string): string | undefined {
    const level = outputTopic(sensor)
    const other = this.#otherOf(level, sensor)
    if (other === undefined) {
      return `${this.#options.prefix}/${outputTopic(this.#context.plant)}/${kind}/${level}`
    }
    if (!this.#reported.has(sensor)) {
      this.#reported.add(sensor)
      this.#context.log.error(
        { sink: this.name, sensor, other },
        'two sensors have the same output topic, this one is not published: rename it',
      )
    }
    return undefined
  }

  /** The sensor that already has this topic level, if it is another one. */
  #otherOf(level: string, sensor: string): string | undefined {
    const altered = this.#altered.get(level)
    if (level === sensor) return altered
    if (this.#context.catalog.find(level) !== undefined) return level
    if (altered !== undefined) return altered === sensor ? undefined : altered
    this.#altered.set(level, sensor)
    return undefined
  }

  #refuseCollisions(): void {
    const problems: Problem[] = []
    for (const [sensor] of this.#context.catalog.ids()) {
      const other = this.#otherOf(outputTopic(sensor), sensor)
      if (other === undefined) continue
      const expected = `output topics that differ, but the sensors ${other} and ${sensor} both get ${outputTopic(sensor)}`
      problems.push({ path: `sinks.${this.name}`, expected, hint: 'rename one of the sensors' })
    }
    if (problems.length > 0) throw new ConfigurationError(problems)
  }
}

/** The registry's row of the MQTT sink. */
export const mqttSink: SinkAdapter<MqttSinkOptions> = {
  type: 'mqtt',
  options: mqttSinkOptions,
  create: (name, options) => new MqttSink(name, options),
}

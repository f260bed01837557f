import type { Message } from 'kafkajs'
import { scoreMessage } from '../../codec/score-message.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import type { SinkAdapter } from '../../ports/adapter.ts'
import { toSinkSettings } from '../../ports/options.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'
import { checkCluster } from './check-cluster.ts'
import { type KafkaSinkOptions, kafkaSinkOptions } from './options.ts'
import { Producer } from './producer.ts'

/** Bytes of one message of `form: batch` at most: brokers and consumers have limits near 1 MB. */
const batchMessageBytes = 500_000

/** Scores and alarms as JSON messages in Kafka topics, in order for each sensor. */
class KafkaSink implements Sink {
  readonly name: string
  readonly settings: SinkSettings
  readonly #options: KafkaSinkOptions
  #context!: SinkContext
  /** Scores and alarms have a producer each: neither waits for, or fails with, the other. */
  #scores: Producer | undefined
  #alarms: Producer | undefined

  constructor(name: string, options: KafkaSinkOptions) {
    this.name = name
    this.#options = options
    const { scores, alarms, select } = options
    this.settings = toSinkSettings(options, scores === undefined ? 'none' : select, alarms !== undefined)
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
    this.#scores = new Producer(this.#options, context.log)
    this.#alarms = new Producer(this.#options, context.log)
  }

  async writeScores(scores: OutcomeFrame): Promise<void> {
    const topic = this.#options.scores
    if (topic === undefined) return
    const messages = this.#options.form === 'batch' ? await this.#batches(topic, scores) : this.#readings(scores)
    await this.#scores!.send(topic, messages)
  }

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    const topic = this.#options.alarms
    if (topic === undefined) return
    const messages = transitions.map(({ alarm }) => ({
      key: alarm.asset ?? alarm.sensor,
      value: JSON.stringify(alarm),
    }))
    await this.#alarms!.send(topic, messages)
  }

  async close(): Promise<void> {
    await Promise.all([this.#scores?.close(), this.#alarms?.close()])
  }

  check(): Promise<string> {
    const { scores, alarms } = this.#options
    return checkCluster(
      this.#options,
      [scores, alarms].filter((topic) => topic !== undefined),
    )
  }

  #readings(scores: OutcomeFrame): Message[] {
    const { catalog, plant } = this.#context
    const messages: Message[] = []
    for (let row = 0; row < scores.count; row++) {
      const { id, asset } = catalog.spec(scores.slot[row]!)
      messages.push({ key: asset ?? id, value: scoreMessage(scores, row, catalog, plant) })
    }
    return messages
  }

  /** Arrays, each of readings whose keys belong in one partition: the order for each key stays. */
  async #batches(topic: string, scores: OutcomeFrame): Promise<Message[]> {
    const { catalog, plant } = this.#context
    const partitionOf = await this.#scores!.partitioner(topic)
    const open = new Map<number, string>()
    const messages: Message[] = []
    const finish = (partition: number, text: string) => messages.push({ partition, value: `${text}]` })
    for (let row = 0; row < scores.count; row++) {
      const { id, asset } = catalog.spec(scores.slot[row]!)
      const partition = partitionOf(asset ?? id)
      const before = open.get(partition)
      const text = scoreMessage(scores, row, catalog, plant)
      if (before !== undefined && before.length + text.length > batchMessageBytes) {
        finish(partition, before)
        open.set(partition, `[${text}`)
      } else open.set(partition, before === undefined ? `[${text}` : `${before},${text}`)
    }
    for (const [partition, text] of open) finish(partition, text)
    return messages
  }
}

/** The registry's row of the Kafka sink. */
export const kafkaSink: SinkAdapter<KafkaSinkOptions> = {
  type: 'kafka',
  options: kafkaSinkOptions,
  create: (name, options) => new KafkaSink(name, options),
}

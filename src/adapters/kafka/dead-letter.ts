import type { DeadLetterAdapter } from '../../ports/adapter.ts'
import type { DeadLetter, DeadLetterSink, SinkContext } from '../../ports/sink.ts'
import { checkCluster } from './check-cluster.ts'
import { type KafkaDeadLetterOptions, kafkaDeadLetterOptions } from './options.ts'
import { Producer } from './producer.ts'

/** Undecodable records in a Kafka topic: the original bytes as the value, the circumstances as headers. */
class KafkaDeadLetterSink implements DeadLetterSink {
  readonly name: string
  readonly #options: KafkaDeadLetterOptions
  #producer: Producer | undefined

  constructor(name: string, options: KafkaDeadLetterOptions) {
    this.name = name
    this.#options = options
  }

  async open(context: SinkContext): Promise<void> {
    this.#producer = new Producer(this.#options, context.log)
  }

  async write(letters: readonly DeadLetter[]): Promise<void> {
    await this.#producer!.send(
      this.#options.topic,
      letters.map(({ key, bytes, reason, detail, source, topic, arrivalMs }) => ({
        key,
        value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        headers: { reason, detail, source, topic, arrival: String(arrivalMs) },
      })),
    )
  }

  async close(): Promise<void> {
    await this.#producer?.close()
  }

  check(): Promise<string> {
    return checkCluster(this.#options, [this.#options.topic])
  }
}

/** The registry's row of the Kafka dead-letter sink. */
export const kafkaDeadLetter: DeadLetterAdapter<KafkaDeadLetterOptions> = {
  type: 'kafka',
  options: kafkaDeadLetterOptions,
  create: (name, options) => new KafkaDeadLetterSink(name, options),
}

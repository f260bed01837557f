import { randomUUID } from 'node:crypto'
import type { Admin, Consumer, Kafka } from 'kafkajs'
import { messageOf, OperatingError } from '../../base/errors.ts'
import { createDecoder } from '../../codec/decoder.ts'
import type { Decoder } from '../../domain/record.ts'
import type { HistoryAdapter, HistoryNeeds } from '../../ports/adapter.ts'
import type { Source, SourceContext } from '../../ports/source.ts'
import { checkCluster } from './check-cluster.ts'
import { createKafka } from './client.ts'
import { failureOf } from './failure.ts'
import { MergedPartitions, type PartitionRange } from './merged-partitions.ts'
import { type KafkaHistoryOptions, kafkaHistoryOptions } from './options.ts'
import { recordOf } from './records.ts'

/** Messages of one delivery. */
const deliveryRecords = 2_000
/** A partition that has so many waiting is asked for no more until a quarter is left. */
const waitingMost = 8_000

/**
 * Everything that topics hold at the start, from the oldest message to the newest, in one sequence by the messages' own times.
 *
 * It joins a consumer group of its own, which goes when it is done, commits nothing, and disturbs no other group.
 * Memory: about `waitingMost` messages and one fetch for each partition.
 */
class KafkaHistory implements Source {
  readonly name: string
  readonly decoder: Decoder
  readonly finished: Promise<void>
  readonly #options: KafkaHistoryOptions
  readonly #needs: HistoryNeeds
  #finish: () => void = () => undefined
  #stopped = false
  /** Wakes the loop: messages came, a stop, or a crash. */
  #wake: () => void = () => undefined
  #crash: unknown
  #reading: Promise<void> | undefined

  constructor(name: string, options: KafkaHistoryOptions, needs: HistoryNeeds) {
    this.name = name
    this.#options = options
    this.#needs = needs
    this.decoder = createDecoder(options.codec, { path: options.path })
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  async start(context: SourceContext): Promise<void> {
    context.connected(true)
    this.#reading = this.#readAll(context).then(this.#finish, (error: unknown) => {
      if (this.#stopped) return
      const told = error instanceof OperatingError ? error : this.#failed(error)
      context.connected(false, messageOf(told))
      context.failed(told)
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake()
    this.#finish()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#reading
  }

  check(): Promise<string> {
    return checkCluster(this.#options, this.#options.topics)
  }

  #failed(cause: unknown): OperatingError {
    const { brokers, topics } = this.#options
    const { code, text } = failureOf(cause)
    if (code === 'missing') {
      const detail = `one of the topics ${topics.join(', ')} does not exist: correct its name`
      return new OperatingError('read', `${brokers.join(', ')}: ${detail}`, { cause })
    }
    return new OperatingError(code === 'auth' ? 'auth' : 'connect', `${brokers.join(', ')}: ${text}`, { cause })
  }

  async #readAll(context: SourceContext): Promise<void> {
    const retry = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 4 }
    const kafka = createKafka(this.#options, context.log, retry, 30_000)
    const admin = kafka.admin()
    await admin.connect()
    const groupId = `residua-history-${randomUUID()}`
    let consumer: Consumer | undefined
    try {
      const ranges = await this.#ranges(admin)
      if (ranges.length === 0) return
      const merged = new MergedPartitions(ranges)
      consumer = await this.#consume(kafka, groupId, merged)
      await this.#deliverAll(consumer, merged, context)
    } finally {
      await consumer?.disconnect().catch(() => undefined)
      await admin.deleteGroups([groupId]).catch(() => undefined)
      await admin.disconnect().catch(() => undefined)
    }
  }

  /** What each partition holds now; partitions without anything are left out. */
  async #ranges(admin: Admin): Promise<PartitionRange[]> {
    const ranges: PartitionRange[] = []
    for (const topic of this.#options.topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(low) < BigInt(high)) ranges.push({ topic, partition, low: BigInt(low), high: BigInt(high) })
      }
    }
    return ranges
  }

  async #consume(kafka: Kafka, groupId: string, merged: MergedPartitions): Promise<Consumer> {
    const consumer = kafka.consumer({
      groupId,
      sessionTimeout: 30_000,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 4, restartOnFailure: () => Promise.resolve(false) },
    })
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#crash = payload.error
      this.#wake()
    })
    // Also told of batches without a message, such as the end of a transaction.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      merged.passed(topic, partition, BigInt(lastOffset))
      this.#wake()
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const { topic, partition, messages } = batch
        merged.put(topic, partition, messages)
        merged.passed(topic, partition, BigInt(batch.lastOffset()))
        if (merged.hasEnded(topic, partition) || merged.waiting(topic, partition) > waitingMost) {
          consumer.pause([{ topic, partitions: [partition] }])
        }
        this.#wake()
      },
    })
    return consumer
  }

  async #deliverAll(consumer: Consumer, merged: MergedPartitions, context: SourceContext): Promise<void> {
    const { listener } = this.#needs
    const place = this.#options.topics.join(', ')
    while (!merged.isDone && !this.#stopped) {
      if (this.#crash !== undefined) throw this.#crash
      // Asked for before looking, so that nothing that comes meanwhile is slept through.
      const news = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      const messages = merged.take(deliveryRecords)
      if (messages.length === 0) {
        if (!merged.isDone && !this.#stopped && this.#crash === undefined) await news
        continue
      }
      const now = context.clock.now()
      const records = messages.flatMap(({ topic, message }) => recordOf(topic, message, now) ?? [])
      await context.deliver({
        records,
        positions: {},
        acknowledge: () => undefined,
        decoded: (accepted, rejected) => listener?.decoded(place, accepted, rejected),
      })
      listener?.progress(merged.taken, merged.total)
      this.#resume(consumer, merged)
    }
  }

  #resume(consumer: Consumer, merged: MergedPartitions): void {
    for (const { topic, partitions } of consumer.paused()) {
      const again = partitions.filter(
        (partition) => !merged.hasEnded(topic, partition) && merged.waiting(topic, partition) < waitingMost / 4,
      )
      if (again.length > 0) consumer.resume([{ topic, partitions: again }])
    }
  }
}

/** History in Kafka topics: the registry's row. */
export const kafkaHistory: HistoryAdapter<KafkaHistoryOptions> = {
  type: 'kafka',
  options: kafkaHistoryOptions,
  create: (name, options, needs = {}) => new KafkaHistory(name, options, needs),
}

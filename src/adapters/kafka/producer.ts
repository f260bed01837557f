import kafkajs, { type Producer as KafkaProducer, type Message, type PartitionMetadata } from 'kafkajs'
import { OperatingError } from '../../base/errors.ts'
import type { Log } from '../../ports/log.ts'
import { type ConnectionOptions, createKafka } from './client.ts'
import { failureOf, writeError } from './failure.ts'

const { CompressionTypes, Partitioners } = kafkajs

/** How to write: compression by its name, and how long one request may take. */
export interface ProducerOptions extends ConnectionOptions {
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly timeout: number
}

const compressionTypes = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const

/** Bytes of one request at most, before compression: brokers refuse a batch above 1 MB (`message.max.bytes`). */
const requestBytesMax = 800_000
/** A topic may get more partitions: they are asked for again after this. */
const metadataMaxAgeMs = 300_000

/**
 * Writes messages, idempotent and confirmed by all replicas in sync, in order for each key.
 *
 * Any failure ends the library's producer: after a lost answer its sequence numbers no longer match its messages, and the
 * broker would take a new batch for a repeat of the old one and drop it. The next write gets a new producer, so a batch
 * that fails and is tried again may stand in the topic twice, never not at all.
 */
export class Producer {
  readonly #options: ProducerOptions
  readonly #log: Log
  #producer: Promise<KafkaProducer> | undefined
  readonly #metadata = new Map<string, { readonly partitions: PartitionMetadata[]; readonly readMs: number }>()

  constructor(options: ProducerOptions, log: Log) {
    this.#options = options
    this.#log = log
  }

  /** Errors: `OperatingError` unreachable, timeout or server (retryable), rejected when the broker will never take it. */
  async send(topic: string, messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return
    let producer: KafkaProducer | undefined
    try {
      this.#producer ??= this.#connect()
      producer = await this.#producer
      for (const part of inRequests(messages)) {
        const compression = compressionTypes[this.#options.compression]
        await producer.send({ topic, messages: part, acks: -1, timeout: this.#options.timeout, compression })
      }
    } catch (error) {
      this.#producer = undefined
      this.#metadata.clear()
      producer?.disconnect().catch(() => undefined)
      throw writeError(error, topic)
    }
  }

  /** The partition that a key decides, by the hash that Java's clients use too. */
  async partitioner(topic: string): Promise<(key: string) => number> {
    const partitionMetadata = await this.#partitionsOf(topic)
    const choose = Partitioners.DefaultPartitioner()
    const known = new Map<string, number>()
    return (key) => {
      const before = known.get(key)
      if (before !== undefined) return before
      const partition = choose({ topic, partitionMetadata, message: { key, value: null } })
      known.set(key, partition)
      return partition
    }
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    await producer?.disconnect().catch(() => undefined)
  }

  #kafka() {
    const retry = { initialRetryTime: 50, maxRetryTime: 1_000, retries: 3 }
    return createKafka(this.#options, this.#log, retry, this.#options.timeout)
  }

  async #connect(): Promise<KafkaProducer> {
    const producer = this.#kafka().producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    try {
      await producer.connect()
    } catch (error) {
      producer.disconnect().catch(() => undefined)
      throw error
    }
    return producer
  }

  async #partitionsOf(topic: string): Promise<PartitionMetadata[]> {
    const known = this.#metadata.get(topic)
    if (known !== undefined && performance.now() - known.readMs < metadataMaxAgeMs) return known.partitions
    const admin = this.#kafka().admin()
    try {
      await admin.connect()
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      const partitions = topics[0]?.partitions ?? []
      if (partitions.length === 0) throw new OperatingError('unreachable', `the topic ${topic} has no partition`)
      this.#metadata.set(topic, { partitions, readMs: performance.now() })
      return partitions
    } catch (error) {
      throw failureOf(error).code === 'missing' || !(error instanceof OperatingError) ? writeError(error, topic) : error
    } finally {
      admin.disconnect().catch(() => undefined)
    }
  }
}

/** Parts of a batch that a broker takes at once; one message that is larger goes alone and may be refused. */
function* inRequests(messages: readonly Message[]): Generator<Message[]> {
  let part: Message[] = []
  let bytes = 0
  for (const message of messages) {
    const size = sizeOf(message)
    if (bytes + size > requestBytesMax && part.length > 0) {
      yield part
      part = []
      bytes = 0
    }
    part.push(message)
    bytes += size
  }
  yield part
}

/** Bytes of a message, at most three to a character of text. */
function sizeOf({ key, value }: Message): number {
  const body = typeof value === 'string' ? Buffer.byteLength(value) : (value?.length ?? 0)
  return body + (key?.length ?? 0) * 3 + 80
}

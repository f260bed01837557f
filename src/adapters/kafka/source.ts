import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs'
import { OperatingError } from '../../base/errors.ts'
import { createDecoder } from '../../codec/decoder.ts'
import type { Decoder, RawRecord } from '../../domain/record.ts'
import type { SourceAdapter } from '../../ports/adapter.ts'
import type { Source, SourceContext } from '../../ports/source.ts'
import { beginnings } from './beginnings.ts'
import { checkCluster } from './check-cluster.ts'
import { createKafka } from './client.ts'
import { failureOf } from './failure.ts'
import { type KafkaSourceOptions, kafkaSourceOptions } from './options.ts'
import { type Partition, Partitions } from './partitions.ts'
import { recordOf } from './records.ts'

/** Messages of one delivery at most: a fetched batch may hold tens of thousands. */
const deliveryRecords = 2_000
/** A commit is a round trip: acknowledgements within this time share one. */
const commitDelayMs = 100
/** A fetch that finds nothing returns after this: it bounds the time that `close` takes. */
const fetchWaitMs = 500
const retryInitialMs = 250
const retryMaxMs = 30_000

/**
 * Readings from Kafka topics as a member of a consumer group; offsets are committed when sinks and state have them.
 *
 * Every fetched batch becomes one delivery, or several of 2,000 messages. While the runtime is full the member keeps its
 * place in the group by heartbeats. kafkajs rebalances eagerly, so a new member stops all for a moment; partitions that
 * stay ours go on behind what was delivered, without a record twice.
 */
class KafkaSource implements Source {
  readonly name: string
  readonly decoder: Decoder
  readonly #options: KafkaSourceOptions
  #context!: SourceContext
  #partitions = new Partitions({})
  #consumer: Consumer | undefined
  #running = false
  #stopped = false
  /** Counts assignments: a batch of an earlier one is not delivered further. */
  #generation = 0
  #retryMs = retryInitialMs
  #retryTimer: NodeJS.Timeout | undefined
  #commitTimer: NodeJS.Timeout | undefined
  #committing: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined
  /** Ends the waiting of batches that stand at the runtime's door. */
  readonly #interrupts = new Set<() => void>()
  #settled: () => void = () => undefined

  constructor(name: string, options: KafkaSourceOptions) {
    this.name = name
    this.#options = options
    this.decoder = createDecoder(options.codec, { path: options.path })
  }

  async start(context: SourceContext): Promise<void> {
    this.#context = context
    this.#partitions = new Partitions(context.positions)
    await new Promise<void>((resolve) => {
      this.#settled = resolve
      void this.#connect()
    })
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    clearTimeout(this.#retryTimer)
    this.#interrupt()
    this.#settled()
    if (!this.#running) return
    try {
      // The member stays in the group, so that what was delivered can still be committed until `close`.
      this.#consumer?.pause(this.#options.topics.map((topic) => ({ topic })))
    } catch (error) {
      // The consumer is falling at this moment: it reads nothing any more.
      this.#context.log.debug({ source: this.name, error: failureOf(error).text }, 'nothing to pause')
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave()
    return this.#closing
  }

  async #leave(): Promise<void> {
    await this.stop()
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, 3_000)
    })
    const gone = this.#commit().then(() => this.#consumer?.disconnect().catch(() => undefined))
    await Promise.race([gone, patience])
    clearTimeout(timer)
  }

  check(): Promise<string> {
    return checkCluster(this.#options, this.#options.topics)
  }

  async #connect(): Promise<void> {
    const { topics, group, fromBeginning, sessionTimeout, heartbeatInterval } = this.#options
    let consumer: Consumer | undefined
    try {
      const retry = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 4 }
      const kafka = createKafka(this.#options, this.#context.log, retry, 30_000)
      if (!fromBeginning) this.#partitions.begin(await beginnings(kafka, group, topics))
      consumer = kafka.consumer({
        groupId: group,
        sessionTimeout,
        heartbeatInterval,
        maxWaitTimeInMs: fetchWaitMs,
        allowAutoTopicCreation: false,
        // A lost consumer is replaced here, by one that reads certificates and password anew.
        retry: { ...retry, restartOnFailure: () => Promise.resolve(false) },
      })
      this.#listen(consumer)
      await consumer.connect()
      await consumer.subscribe({ topics: [...topics], fromBeginning })
      if (this.#stopped) throw new Error('stopped')
      this.#consumer = consumer
      this.#running = true
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: (batch) => this.#take(batch) })
    } catch (error) {
      await consumer?.disconnect().catch(() => undefined)
      this.#lost(error)
    }
  }

  #listen(consumer: Consumer): void {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#assigned(consumer, payload.memberAssignment))
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#lost(payload.error))
  }

  #assigned(consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#generation++
    this.#interrupt()
    const { lost, seeks } = this.#partitions.assign(assignment)
    if (lost.length > 0) this.#context.revoked(lost)
    for (const place of seeks) consumer.seek({ ...place })
    if (this.#stopped) return
    this.#retryMs = retryInitialMs
    this.#context.log.info({ source: this.name, assignment }, 'joined the consumer group')
    this.#context.connected(true)
    this.#context.lag(this.#partitions.lag())
    this.#commitSoon()
    this.#settled()
  }

  #lost(error: unknown): void {
    this.#running = false
    this.#interrupt()
    if (this.#stopped) return
    const { brokers, topics } = this.#options
    const { code, text } = failureOf(error)
    const missing = `one of the topics ${topics.join(', ')} does not exist: create it`
    const reason = `${brokers.join(', ')}: ${code === 'missing' ? missing : text}`
    this.#context.connected(false, reason)
    if (code === 'auth') {
      this.#stopped = true
      this.#context.failed(new OperatingError('auth', reason, { cause: error }))
    } else {
      this.#retryTimer = setTimeout(() => void this.#connect(), this.#retryMs * (0.75 + Math.random() * 0.5))
      this.#retryMs = Math.min(retryMaxMs, this.#retryMs * 2)
    }
    this.#settled()
  }

  async #take({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
    const generation = this.#generation
    const partition = this.#partitions.find(batch.topic, batch.partition)
    if (partition === undefined) return
    for (let from = 0; from < batch.messages.length; from += deliveryRecords) {
      if (this.#stopped || generation !== this.#generation) return
      const messages = batch.messages.slice(from, from + deliveryRecords)
      const last = from + messages.length === batch.messages.length
      // Behind the last message there may be control records of transactions, which kafkajs leaves out.
      const next = offsetAfter(last ? batch.lastOffset() : messages.at(-1)!.offset)
      const delivering = this.#deliver(partition, messages, next)
      resolveOffset(messages.at(-1)!.offset)
      partition.lag = Math.max(0, Number(BigInt(batch.highWatermark) - BigInt(next)))
      await this.#waitAlive(delivering, heartbeat)
      this.#context.lag(this.#partitions.lag())
    }
  }

  #deliver(partition: Partition, messages: readonly KafkaMessage[], next: string): Promise<void> {
    partition.delivered = next
    const now = this.#context.clock.now()
    const records: RawRecord[] = []
    for (const message of messages) {
      const record = recordOf(partition.topic, message, now)
      if (record !== null) records.push(record)
    }
    return this.#context.deliver({
      records,
      positions: { [partition.name]: next },
      acknowledge: () => {
        if (this.#partitions.acknowledge(partition, next)) this.#commitSoon()
      },
    })
  }

  /** Waits for room in the runtime without losing the place in the group; a failed heartbeat means a rebalance. */
  async #waitAlive(delivering: Promise<void>, heartbeat: () => Promise<void>): Promise<void> {
    let interrupt: (() => void) | undefined
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        interrupt = resolve
        this.#interrupts.add(resolve)
        delivering.then(resolve, reject)
        timer = setInterval(() => heartbeat().catch(reject), this.#options.heartbeatInterval)
      })
    } finally {
      clearInterval(timer)
      this.#interrupts.delete(interrupt!)
    }
    if (!this.#stopped) await heartbeat()
  }

  #interrupt(): void {
    for (const end of this.#interrupts) end()
  }

  #commitSoon(): void {
    this.#commitTimer ??= setTimeout(() => void this.#commit(), commitDelayMs)
  }

  #commit(): Promise<void> {
    clearTimeout(this.#commitTimer)
    this.#commitTimer = undefined
    this.#committing = this.#committing.then(async () => {
      const places = this.#partitions.uncommitted()
      if (places.length === 0 || this.#consumer === undefined || !this.#running) return
      try {
        await this.#consumer.commitOffsets(places)
        this.#partitions.committed(places)
      } catch (error) {
        // During a rebalance commits are refused; the next assignment or acknowledgement tries again, and after a crash
        // the position in the state wins anyway.
        this.#context.log.debug({ source: this.name, error: failureOf(error).text }, 'offsets were not committed')
      }
    })
    return this.#committing
  }
}

function offsetAfter(offset: string): string {
  return String(BigInt(offset) + 1n)
}

/** The registry's row of the Kafka source. */
export const kafkaSource: SourceAdapter<KafkaSourceOptions> = {
  type: 'kafka',
  options: kafkaSourceOptions,
  create: (name, options) => new KafkaSource(name, options),
}

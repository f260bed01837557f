import { randomUUID } from 'node:crypto'
import { type Admin, type Consumer, Kafka, logLevel } from 'kafkajs'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll } from 'vitest'
import { sinkOf } from '../contract/sink-places.ts'
import { type SinkHarness, sinkSuite } from '../contract/sink-suite.ts'
import { sharedKafka, sharedMosquitto } from '../servers/index.ts'
import { until } from '../servers/until.ts'

type Kind = 'scores' | 'alarms'

/** What a real Mosquitto passes on: the last message of each topic, for scores of each topic and time. */
async function mqttPlace(): Promise<SinkHarness> {
  const { url } = await sharedMosquitto()
  const prefix = `contract-${randomUUID()}`
  const reader = await connectAsync(url, { protocolVersion: 5 })
  const messages = { scores: new Map<string, string>(), alarms: new Map<string, string>() }
  const marks = new Set<string>()
  reader.on('message', (topic, payload) => {
    const text = payload.toString()
    if (topic === `${prefix}/mark`) marks.add(text)
    else if (topic.startsWith(`${prefix}/north/alarm/`)) messages.alarms.set(topic, text)
    else messages.scores.set(`${topic} ${JSON.parse(text).ts}`, text)
  })
  await reader.subscribeAsync(`${prefix}/#`, { qos: 1 })
  const stored = async (kind: Kind): Promise<string[]> => {
    // What was published before this mark arrives before it.
    const mark = randomUUID()
    await reader.publishAsync(`${prefix}/mark`, mark, { qos: 1 })
    await until('the mark', () => marks.has(mark))
    return [...messages[kind].values()]
  }
  return {
    create: () => sinkOf('mqtt', { url, prefix, scores: 'all' }),
    stored,
    sensors: async (kind) => (await stored(kind)).map((text) => JSON.parse(text).sensor),
    close: () => reader.endAsync(true),
  }
}

type Topics = Readonly<Record<Kind, string>>

/** One reader of many topics: joining a group takes seconds, so the tests of a suite share it, each with topics of its own. */
class KafkaPlaces {
  readonly #topics: Topics[]
  readonly #messages = new Map<string, string[]>()
  readonly #kafka: Kafka
  readonly #brokers: readonly string[]
  readonly #admin: Admin
  readonly #consumer: Consumer

  constructor(brokers: readonly string[], count: number) {
    this.#brokers = brokers
    const group = randomUUID()
    this.#topics = Array.from({ length: count }, (_, index) => ({
      scores: `${group}.scores.${index}`,
      alarms: `${group}.alarms.${index}`,
    }))
    this.#kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
    this.#admin = this.#kafka.admin()
    this.#consumer = this.#kafka.consumer({ groupId: group })
  }

  async open(): Promise<void> {
    const topics = this.#topics.flatMap((pair) => Object.values(pair))
    await this.#admin.connect()
    await this.#admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })) })
    for (const topic of topics) this.#messages.set(topic, [])
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics, fromBeginning: true })
    await this.#consumer.run({
      eachMessage: async ({ topic, message }) => {
        this.#messages.get(topic)?.push(message.value?.toString() ?? '')
      },
    })
  }

  async place(): Promise<SinkHarness> {
    const topics = this.#topics.pop()
    if (topics === undefined) throw new Error('more tests than topics: ask for more places')
    const stored = async (kind: Kind): Promise<string[]> => {
      const [partition] = await this.#admin.fetchTopicOffsets(topics[kind])
      const messages = this.#messages.get(topics[kind]) ?? []
      await until('all messages', () => messages.length >= Number(partition?.high))
      return [...messages]
    }
    return {
      create: () => sinkOf('kafka', { brokers: this.#brokers, ...topics, select: 'all' }),
      stored,
      sensors: async (kind) => (await stored(kind)).map((text) => JSON.parse(text).sensor),
      repeats: 'a topic is a log; a reader tells a repeat by sensor and time, or by the id of an alarm',
    }
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect()
    await this.#admin.disconnect()
  }
}

let kafkaPlaces: KafkaPlaces

beforeAll(async () => {
  kafkaPlaces = new KafkaPlaces((await sharedKafka()).brokers, 20)
  await kafkaPlaces.open()
})

afterAll(() => kafkaPlaces.close())

sinkSuite('MQTT', mqttPlace)
sinkSuite('Kafka', () => kafkaPlaces.place())

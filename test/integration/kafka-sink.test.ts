import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import kafkajs, { type Admin, type KafkaMessage } from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { kafkaDeadLetter } from '../../src/adapters/kafka/dead-letter.ts'
import { kafkaDeadLetterOptions } from '../../src/adapters/kafka/options.ts'
import { defaultSpec, SensorCatalog } from '../../src/domain/sensor.ts'
import type { Sink } from '../../src/ports/sink.ts'
import { sinkOf } from '../contract/sink-places.ts'
import { sampleAlarm, sampleContext, sampleScores, sampleTimeMs } from '../contract/sink-samples.ts'
import { type Kafka, sharedKafka } from '../servers/index.ts'
import { programPath } from '../servers/install.mjs'
import { until } from '../servers/until.ts'

let server: Kafka
let client: kafkajs.Kafka
let admin: Admin
const cleanups: (() => Promise<unknown>)[] = []

const context = sampleContext({
  catalog: new SensorCatalog(100_000, (id, labels) => ({ ...defaultSpec(id, labels) })),
})

beforeAll(async () => {
  server = await sharedKafka()
  client = new kafkajs.Kafka({ brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING })
  admin = client.admin()
  await admin.connect()
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

afterAll(() => admin.disconnect())

async function createTopic(numPartitions = 1): Promise<string> {
  const topic = `t.${randomUUID()}`
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions }] })
  return topic
}

async function opened(options: Record<string, unknown>): Promise<Sink> {
  const sink = sinkOf('kafka', { brokers: server.brokers, ...options })
  cleanups.push(() => sink.close())
  await sink.open(context)
  return sink
}

type Read = KafkaMessage & { readonly partition: number }

/** Every message of a topic, through a consumer group of its own; `count` of what `sizeOf` counts, messages if not said. */
async function readAll(topic: string, count: number, sizeOf: (message: Read) => number = () => 1): Promise<Read[]> {
  const consumer = client.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 200 })
  cleanups.push(() => consumer.disconnect())
  const messages: Read[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message, partition }) => {
      messages.push({ ...message, partition })
    },
  })
  await until(`${count} messages`, () => messages.reduce((sum, message) => sum + sizeOf(message), 0) >= count)
  return messages
}

test('a score is one message with the documented fields, keyed by the asset or else the sensor', async () => {
  const topic = await createTopic()
  const sink = await opened({ scores: topic })
  await sink.writeScores!(
    sampleScores(context, [
      { sensor: 'plant/hall/pump-7/t', labels: { asset: 'pump-7' }, value: 93.5, expected: 71, score: 0.75 },
      { sensor: 'lonely', value: 4 },
    ]),
  )
  const [first, second] = await readAll(topic, 2)
  expect(first!.key?.toString()).toBe('pump-7')
  expect(JSON.parse(first!.value!.toString())).toEqual({
    sensor: 'plant/hall/pump-7/t',
    ts: sampleTimeMs,
    value: 93.5,
    expected: 71,
    lower: 70,
    upper: 72,
    residual: 22.5,
    score: 0.75,
    alarm: 1,
    quality: 'good',
    plant: 'north',
    revision: 0,
  })
  expect(second!.key?.toString()).toBe('lonely')
  expect(JSON.parse(second!.value!.toString())).toMatchObject({ value: 4, expected: null, residual: null, score: 0 })
})

test('an alarm is the alarm’s JSON under the same key as its scores', async () => {
  const topic = await createTopic()
  const sink = await opened({ alarms: topic })
  const transition = sampleAlarm(context, { sensor: 'plant/hall/pump-7/t' })
  await sink.writeAlarms!([transition])
  const [message] = await readAll(topic, 1)
  expect(JSON.parse(message!.value!.toString())).toEqual(transition.alarm)
})

test('the form batch writes arrays, each reading in the partition that its key decides', async () => {
  const [single, batched] = [await createTopic(4), await createTopic(4)]
  const rows = Array.from({ length: 12_000 }, (_, index) => ({
    sensor: `s${index % 50}`,
    timeMs: sampleTimeMs + index,
    value: index,
  }))
  const scores = sampleScores(context, rows)
  await (await opened({ scores: single })).writeScores!(scores)
  await (await opened({ scores: batched, form: 'batch', compression: 'lz4' })).writeScores!(scores)
  const partitions = new Map<string, number>()
  for (const { key, partition } of await readAll(single, rows.length)) partitions.set(key!.toString(), partition)
  const messages = await readAll(batched, rows.length, ({ value }) => JSON.parse(value!.toString()).length)
  const seen: Record<string, number[]> = {}
  for (const { value, partition } of messages) {
    expect(value!.length).toBeLessThan(600_000)
    for (const { sensor, value: number } of JSON.parse(value!.toString())) {
      expect(partition).toBe(partitions.get(sensor))
      seen[sensor] ??= []
      seen[sensor].push(number)
    }
  }
  expect(Object.values(seen).flat().length).toBe(rows.length)
  for (const numbers of Object.values(seen)) expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
})

test.skipIf(programPath('kcat') === undefined)(
  'librdkafka reads what we compress, and a batch beyond the broker’s message limit is divided',
  async () => {
    const rows = Array.from({ length: 8_000 }, (_, index) => ({ sensor: `s${index}`, value: index }))
    const scores = sampleScores(context, rows)
    for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      const topic = await createTopic()
      await (await opened({ scores: topic, compression })).writeScores!(scores)
      const lines = (await kcat(topic)).trim().split('\n')
      expect(lines.map((line) => JSON.parse(line).sensor)).toEqual(rows.map(({ sensor }) => sensor))
    }
  },
)

function kcat(topic: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = ['-C', '-b', server.brokers[0]!, '-t', topic, '-o', 'beginning', '-e', '-q']
    const child = spawn(programPath('kcat')!, command, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`kcat ended with ${code}`))))
  })
}

test('a missing topic can be created while the batch waits', async () => {
  const topic = `t.${randomUUID()}`
  const sink = await opened({ scores: topic })
  const scores = sampleScores(context, [{ sensor: 'a', value: 1 }])
  await expect(sink.writeScores!(scores)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining(`${topic} does not exist`),
  })
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic }] })
  await sink.writeScores!(scores)
  expect(await readAll(topic, 1)).toHaveLength(1)
})

test('a dead letter carries the original bytes and says where they came from and what is wrong with them', async () => {
  const topic = await createTopic()
  const options = kafkaDeadLetterOptions.parse({ type: 'kafka', brokers: server.brokers, topic, compression: 'zstd' })
  const sink = kafkaDeadLetter.create('dead', options)
  cleanups.push(() => sink.close())
  await sink.open(context)
  const bytes = Uint8Array.from([0, 255, 123, 10])
  const letter = {
    source: 'mqtt',
    topic: 'a/b',
    key: null,
    arrivalMs: 17,
    reason: 'malformed',
    detail: 'no JSON: ü',
    bytes,
  }
  await sink.write([letter, { ...letter, key: 'k' }])
  const [first, second] = await readAll(topic, 2)
  expect(Uint8Array.from(first!.value!)).toEqual(bytes)
  expect(first!.key).toBeNull()
  const headers = Object.entries(first!.headers!).map(([name, value]) => [name, String(value)])
  expect(Object.fromEntries(headers)).toEqual({
    reason: 'malformed',
    detail: 'no JSON: ü',
    source: 'mqtt',
    topic: 'a/b',
    arrival: '17',
  })
  expect(second!.key?.toString()).toBe('k')
})

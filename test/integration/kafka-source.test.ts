import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import kafkajs, { type Admin, type Kafka as Client, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kafkaSourceOptions } from '../../src/adapters/kafka/options.ts'
import { kafkaSource } from '../../src/adapters/kafka/source.ts'
import type { Source } from '../../src/ports/source.ts'
import { sinkOf } from '../contract/sink-places.ts'
import { sampleContext, sampleScores } from '../contract/sink-samples.ts'
import { Probe, type SourceHarness, sourceSuite } from '../contract/source-suite.ts'
import { type Kafka, sharedKafka, startKafka } from '../servers/index.ts'
import { programPath } from '../servers/install.mjs'
import { until } from '../servers/until.ts'

let server: Kafka
let client: Client
let admin: Admin
let writer: Producer
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await sharedKafka()
  client = new kafkajs.Kafka({ brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING })
  admin = client.admin()
  writer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), writer.connect()])
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

afterAll(async () => {
  await Promise.all([admin.disconnect(), writer.disconnect()])
})

async function createTopic(numPartitions = 1): Promise<string> {
  const topic = `t.${randomUUID()}`
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions }] })
  return topic
}

function settings(topic: string, rest: Readonly<Record<string, unknown>> = {}) {
  return { type: 'kafka', brokers: server.brokers, topics: [topic], group: `g-${topic}`, fromBeginning: true, ...rest }
}

function create(input: Readonly<Record<string, unknown>>): Source {
  const source = kafkaSource.create('kafka', kafkaSourceOptions.parse(input))
  cleanups.push(() => source.close())
  return source
}

async function started(input: Readonly<Record<string, unknown>>, probe: Probe): Promise<Source> {
  const source = create(input)
  await source.start(probe)
  await until('the source is connected', () => probe.states.at(-1) === 'up')
  return source
}

async function write(topic: string, texts: readonly string[], partition = 0): Promise<void> {
  await writer.send({ topic, messages: texts.map((value) => ({ value, key: 'k', partition })) })
}

async function committed(topic: string, group = `g-${topic}`): Promise<Record<number, string>> {
  const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
  return Object.fromEntries(offsets!.partitions.map(({ partition, offset }) => [partition, offset]))
}

sourceSuite('Kafka', async (): Promise<SourceHarness> => {
  const topic = await createTopic()
  return {
    remembers: true,
    create: () => kafkaSource.create('kafka', kafkaSourceOptions.parse(settings(topic))),
    send: (texts) => write(topic, texts),
  }
})

test('the group’s offset is committed only after the acknowledgement', async () => {
  const topic = await createTopic()
  const probe = new Probe()
  await started(settings(topic), probe)
  await write(topic, ['a', 'b', 'c'])
  await probe.received(3)
  expect((await committed(topic))[0]).toBe('-1')
  expect(await probe.acknowledgeAll()).toEqual({ [`${topic}:0`]: '3' })
  await until('the commit', async () => (await committed(topic))[0] === '3')
  expect(probe.lagReadings).toBe(0)
})

test('a position stored with the state wins over the group’s offset', async () => {
  const topic = await createTopic()
  await write(topic, ['a', 'b', 'c', 'd'])
  await admin.setOffsets({ groupId: `g-${topic}`, topic, partitions: [{ partition: 0, offset: '4' }] })
  const probe = new Probe({ [`${topic}:0`]: '2' })
  await started(settings(topic), probe)
  expect(await probe.received(2)).toEqual(['c', 'd'])
})

test('a group that begins at the end skips what is old, and loses nothing that comes while it is away', async () => {
  const topic = await createTopic(2)
  await write(topic, ['old'])
  const first = new Probe()
  const source = await started(settings(topic, { fromBeginning: false }), first)
  await until('the place of the beginning', async () => (await committed(topic))[0] === '1')
  await source.close()
  expect(first.texts()).toEqual([])
  await write(topic, ['x'], 0)
  await write(topic, ['y'], 1)
  const second = new Probe()
  await started(settings(topic, { fromBeginning: false }), second)
  expect((await second.received(2)).sort()).toEqual(['x', 'y'])
})

test('a large batch comes in deliveries of at most 2,000 records, with keys, topic and the message’s time', async () => {
  const topic = await createTopic()
  await write(
    topic,
    Array.from({ length: 4_500 }, (_, index) => String(index)),
  )
  const probe = new Probe()
  await started(settings(topic), probe)
  expect(await probe.received(4_500)).toEqual(Array.from({ length: 4_500 }, (_, index) => String(index)))
  for (const { records } of probe.deliveries) expect(records.length).toBeLessThanOrEqual(2_000)
  const record = probe.deliveries[0]!.records[0]!
  expect(record).toMatchObject({ topic, key: 'k' })
  expect(Math.abs(record.arrivalMs - Date.now())).toBeLessThan(60_000)
})

test('a second member takes half of the partitions, nothing is delivered twice and the state forgets what is lost', async () => {
  const topic = await createTopic(2)
  const input = settings(topic, { heartbeatInterval: '200ms', sessionTimeout: '6s' })
  const first = new Probe()
  await started(input, first)
  await write(topic, ['a0', 'b0'], 0)
  await write(topic, ['a1', 'b1'], 1)
  await first.received(4)
  await first.acknowledgeAll()
  await until('the commits', async () => Object.values(await committed(topic)).join() === '2,2')
  const second = new Probe()
  await started(input, second)
  await until('a revocation', () => first.revocations.length === 1)
  await write(topic, ['c0'], 0)
  await write(topic, ['c1'], 1)
  await until('both came', () => first.texts().length + second.texts().length >= 2)
  expect([...first.texts(), ...second.texts()].sort()).toEqual(['c0', 'c1'])
  expect(second.texts().length).toBe(1)
}, 60_000)

test('a member whose runtime stays full longer than the session time-out keeps its partitions', async () => {
  const topic = await createTopic()
  const probe = new Probe()
  probe.full = true
  await started(settings(topic, { heartbeatInterval: '300ms', sessionTimeout: '6s' }), probe)
  await write(topic, ['a'])
  await probe.received(1)
  const began = performance.now()
  await until('eight seconds at the door', () => performance.now() - began > 8_000, { everyMs: 200 })
  const { groups } = await admin.describeGroups([`g-${topic}`])
  expect(groups[0]).toMatchObject({ state: 'Stable' })
  probe.drain()
  await write(topic, ['b'])
  expect(await probe.received(2)).toEqual(['a', 'b'])
  expect(probe.revocations).toEqual([])
}, 60_000)

test('a missing topic is named, and the source begins as soon as somebody creates it', async () => {
  const topic = `t.${randomUUID()}`
  const probe = new Probe()
  await create(settings(topic)).start(probe)
  expect(probe.states[0]).toContain(`${topic} does not exist`)
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic }] })
  await write(topic, ['a'])
  expect(await probe.received(1)).toEqual(['a'])
  expect(probe.failures).toEqual([])
})

test('without a cluster the source starts all the same and says what it cannot reach', async () => {
  const probe = new Probe()
  await create({ ...settings('t'), brokers: ['127.0.0.1:1'] }).start(probe)
  expect(probe.states[0]).toMatch(/^down: 127\.0\.0\.1:1: .*ECONNREFUSED/)
  expect(probe.failures).toEqual([])
})

test.skipIf(programPath('kcat') === undefined)(
  'messages that librdkafka compressed are read, whatever the compression',
  async () => {
    const topic = await createTopic()
    const texts = Array.from(
      { length: 2_000 },
      (_, index) => `{"sensor":"s${index % 7}","ts":${index},"value":${index / 3}}`,
    )
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) await kcat(codec, topic, texts)
    const probe = new Probe()
    await started(settings(topic), probe)
    expect(await probe.received(10_000)).toEqual([...texts, ...texts, ...texts, ...texts, ...texts])
  },
)

function kcat(codec: string, topic: string, texts: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const command = ['-P', '-b', server.brokers[0]!, '-t', topic, '-z', codec]
    const child = spawn(programPath('kcat')!, command, { stdio: ['pipe', 'ignore', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`kcat ended with ${code}`))))
    child.stdin.end(`${texts.join('\n')}\n`)
  })
}

describe('with a broker of its own', () => {
  let secured: Kafka
  let ownClient: Client
  let ownAdmin: Admin

  beforeAll(async () => {
    process.env['RESIDUA_TEST_KAFKA_PASSWORD'] = 'wrong'
    secured = await startKafka({ sasl: true })
    ownClient = new kafkajs.Kafka({ brokers: [...secured.brokers], logLevel: kafkajs.logLevel.NOTHING })
    ownAdmin = ownClient.admin()
    await ownAdmin.connect()
  })

  afterAll(async () => {
    await ownAdmin.disconnect()
    await secured.stop()
  })

  function login(mechanism: string) {
    const sasl = { mechanism, username: secured.login!.username, password: '${RESIDUA_TEST_KAFKA_PASSWORD}' }
    return { ...settings('t'), brokers: secured.saslBrokers, tls: { ca: secured.caFile }, sasl }
  }

  test('a wrong password ends the source with a clear error', async () => {
    const probe = new Probe()
    await create(login('plain')).start(probe)
    expect(probe.failures[0]).toMatchObject({ code: 'auth', message: expect.stringContaining('refused the user name') })
  })

  test('PLAIN and SCRAM log in over TLS', async () => {
    process.env['RESIDUA_TEST_KAFKA_PASSWORD'] = secured.login!.password
    await ownAdmin.createTopics({ waitForLeaders: true, topics: [{ topic: 't' }] })
    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512']) {
      await expect(create(login(mechanism)).check?.()).resolves.toContain('lets us in')
    }
    await started(login('scram-sha-512'), new Probe())
  })
  test('a broker that is killed and comes back costs neither source nor sink a message', async (testContext) => {
    if (!secured.controllable) return testContext.skip('this broker cannot be killed')
    const topic = `t.${randomUUID()}`
    await ownAdmin.createTopics({ waitForLeaders: true, topics: [{ topic }] })
    const probe = new Probe()
    await started({ ...settings(topic), brokers: secured.brokers }, probe)
    const sink = sinkOf('kafka', { brokers: secured.brokers, scores: topic, timeout: '2s' })
    cleanups.push(() => sink.close())
    const context = sampleContext()
    await sink.open(context)
    const write = (sensor: string) => sink.writeScores!(sampleScores(context, [{ sensor, value: 1 }]))
    const sensors = () => probe.texts().map((text) => JSON.parse(text).sensor)
    await write('a')
    await probe.received(1)
    await secured.kill()
    await expect(write('b')).rejects.toMatchObject({ retryable: true })
    await until('the source notices', () => probe.states.at(-1)?.startsWith('down'), { timeoutMs: 40_000 })
    await secured.restart()
    await until('a write that succeeds', () => write('b').then(() => true))
    await until('the source is back', () => probe.states.at(-1) === 'up', { timeoutMs: 40_000 })
    await until('the message', () => sensors().includes('b'))
    expect([...new Set(sensors())]).toEqual(['a', 'b'])
    expect(sensors().filter((sensor) => sensor === 'a')).toHaveLength(1)
    await probe.acknowledgeAll()
    await until('the commit', async () => {
      const [offsets] = await ownAdmin.fetchOffsets({ groupId: `g-${topic}`, topics: [topic] })
      return Number(offsets!.partitions[0]!.offset) >= 2
    })
  }, 120_000)
})

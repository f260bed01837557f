import { randomUUID } from 'node:crypto'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { mqttSourceOptions } from '../../src/adapters/mqtt/options.ts'
import { mqttSource } from '../../src/adapters/mqtt/source.ts'
import type { Source } from '../../src/ports/source.ts'
import { Probe, type SourceHarness, sourceSuite } from '../contract/source-suite.ts'
import { type Mosquitto, startMosquitto } from '../servers/index.ts'
import { until } from '../servers/until.ts'

let broker: Mosquitto
let writer: MqttClient
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  broker = await startMosquitto({ persistence: true })
  writer = await connectAsync(broker.url, { protocolVersion: 5 })
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

afterAll(async () => {
  await writer.endAsync(true)
  await broker.stop()
})

async function publish(topic: string, texts: readonly string[], qos: 0 | 1 | 2): Promise<void> {
  await Promise.all(texts.map((text) => writer.publishAsync(topic, text, { qos })))
}

interface Settings {
  readonly topic?: string
  readonly [key: string]: unknown
}

function settings({ topic = `t/${randomUUID()}`, ...rest }: Settings = {}) {
  const id = randomUUID()
  return { type: 'mqtt', url: broker.url, topics: [topic], clientId: id, ...rest }
}

function create(input: Readonly<Record<string, unknown>>): Source {
  const source = mqttSource.create('mqtt', mqttSourceOptions.parse(input))
  cleanups.push(() => source.close())
  return source
}

async function started(input: Readonly<Record<string, unknown>>, probe: Probe): Promise<Source> {
  const source = create(input)
  await source.start(probe)
  await until('the source is connected', () => probe.states.at(-1) === 'up')
  return source
}

const kinds = [
  { protocolVersion: 5, qos: 1 },
  { protocolVersion: 5, qos: 2 },
  { protocolVersion: 4, qos: 1 },
  { protocolVersion: 4, qos: 2 },
] as const

for (const kind of kinds) {
  sourceSuite(
    `MQTT ${kind.protocolVersion === 5 ? '5' : '3.1.1'} QoS ${kind.qos}`,
    async (): Promise<SourceHarness> => {
      const topic = `t/${randomUUID()}`
      const input = settings({ topic, ...kind })
      return {
        remembers: true,
        create: () => mqttSource.create('mqtt', mqttSourceOptions.parse(input)),
        send: (texts) => publish(topic, texts, kind.qos),
      }
    },
  )
}

test('a killed connection brings the unacknowledged messages again without handing them over twice', async () => {
  for (const kind of kinds) {
    const topic = `t/${randomUUID()}`
    const probe = new Probe()
    await started(settings({ topic, ...kind }), probe)
    await publish(topic, ['a', 'b', 'c'], kind.qos)
    await probe.received(3)
    await broker.restart()
    await until('the source is back', () => probe.states.filter((state) => state === 'up').length === 2)
    await until('the writer is back', () => writer.connected)
    await publish(topic, ['d'], kind.qos)
    expect(await probe.received(4)).toEqual(['a', 'b', 'c', 'd'])
    await probe.acknowledgeAll()
    await publish(topic, ['e'], kind.qos)
    expect(await probe.received(1)).toEqual(['e'])
  }
})

test('what was acknowledged while the connection was down is not handed over again', async () => {
  const topic = `t/${randomUUID()}`
  const input = settings({ topic })
  const probe = new Probe()
  const source = await started(input, probe)
  await publish(topic, ['a', 'b'], 1)
  await probe.received(2)
  await broker.stop()
  await until('the source notices', () => probe.states.at(-1)?.startsWith('down'))
  await probe.acknowledgeAll()
  await broker.restart()
  await until('the source is back', () => probe.states.at(-1) === 'up')
  await until('the writer is back', () => writer.connected)
  await publish(topic, ['c'], 1)
  expect(await probe.received(1)).toEqual(['c'])
  await probe.acknowledgeAll()
  await source.stop()
  await source.close()
  const second = new Probe()
  await started(input, second)
  await publish(topic, ['d'], 1)
  expect(await second.received(1)).toEqual(['d'])
})

test('messages are acknowledged in the order of receipt, also when the pipeline finishes them in another', async () => {
  const topic = `t/${randomUUID()}`
  const input = settings({ topic })
  const probe = new Probe()
  const source = await started(input, probe)
  for (const text of ['a', 'b', 'c']) {
    await publish(topic, [text], 1)
    await probe.received(probe.texts().length + (probe.texts().includes(text) ? 0 : 1))
  }
  expect(probe.deliveries.length).toBe(3)
  await probe.deliveries[2]!.acknowledge()
  await probe.deliveries[1]!.acknowledge()
  await source.stop()
  await source.close()
  const second = new Probe()
  await started(input, second)
  expect(await second.received(3)).toEqual(['a', 'b', 'c'])
})

test('members of a shared subscription divide the messages and see the real topic', async () => {
  const topic = `t/${randomUUID()}`
  const probes = [new Probe(), new Probe()]
  for (const probe of probes) await started(settings({ topic: `$share/g/${topic}` }), probe)
  await publish(
    topic,
    Array.from({ length: 40 }, (_, index) => String(index)),
    1,
  )
  await until('all came', () => probes.reduce((sum, probe) => sum + probe.texts().length, 0) === 40)
  for (const probe of probes) {
    expect(probe.texts().length).toBeGreaterThan(0)
    expect(probe.deliveries[0]!.records[0]!.topic).toBe(topic)
  }
})

test('QoS 0 and retained messages are handed over, and acknowledging them does nothing', async () => {
  const topic = `t/${randomUUID()}`
  await writer.publishAsync(topic, 'old', { retain: true, qos: 1 })
  const probe = new Probe()
  await started(settings({ topic, qos: 1 }), probe)
  await publish(topic, ['new'], 0)
  expect(await probe.received(2)).toEqual(['old', 'new'])
  await probe.acknowledgeAll()
  await publish(topic, ['newer'], 1)
  expect(await probe.received(1)).toEqual(['newer'])
})

test('a 3.1.1 broker that sends without bound is left unread at the bound and goes on after acknowledgement', async () => {
  const topic = `t/${randomUUID()}`
  const probe = new Probe()
  await started(settings({ topic, protocolVersion: 4, inflight: 5 }), probe)
  void publish(
    topic,
    Array.from({ length: 30 }, (_, index) => String(index)),
    1,
  )
  const seen: string[] = []
  while (seen.length < 30) {
    await until('a delivery', () => probe.deliveries.length > 0)
    const texts = probe.texts()
    expect(texts.length).toBeLessThanOrEqual(6)
    seen.push(...texts)
    await probe.acknowledgeAll()
  }
  expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => String(index)))
})

test('a connection that is left unread for longer than its keep-alive stays', async () => {
  const topic = `t/${randomUUID()}`
  const probe = new Probe()
  await started(settings({ topic, protocolVersion: 4, inflight: 2, keepAlive: '1s' }), probe)
  await publish(topic, ['a', 'b', 'c', 'd', 'e'], 1)
  const began = performance.now()
  await until('three seconds at the bound', () => performance.now() - began > 3_000)
  expect(probe.texts()).toEqual(['a', 'b', 'c'])
  await probe.acknowledgeAll()
  expect(await probe.received(2)).toEqual(['d', 'e'])
  expect(probe.states).toEqual(['up'])
})

test('without a broker the source starts all the same and connects later', async () => {
  const own = await startMosquitto({ persistence: false, users: {} })
  await own.stop()
  const probe = new Probe()
  const source = create({ ...settings(), url: own.url })
  await source.start(probe)
  expect(probe.states[0]).toMatch(/^down: .*ECONNREFUSED/)
  expect(probe.failures).toEqual([])
  await own.stop()
})

describe('with users and TLS', () => {
  let secured: Mosquitto

  beforeAll(async () => {
    process.env['RESIDUA_TEST_MQTT_PASSWORD'] = 'right'
    secured = await startMosquitto({ users: { plant: 'right' }, tls: true })
  })

  afterAll(() => secured.stop())

  test('user, password and the broker’s certificate are used', async () => {
    const topic = `t/${randomUUID()}`
    const login = { username: 'plant', password: '${RESIDUA_TEST_MQTT_PASSWORD}', tls: { ca: secured.caFile } }
    const probe = new Probe()
    await started({ ...settings({ topic }), url: secured.tlsUrl, ...login }, probe)
    const options: IClientOptions = { username: 'plant', password: 'right' }
    const client = await connectAsync(secured.url, options)
    await client.publishAsync(topic, 'secret', { qos: 1 })
    await client.endAsync()
    expect(await probe.received(1)).toEqual(['secret'])
  })

  test('a wrong password ends the source with a clear error', async () => {
    for (const protocolVersion of [4, 5]) {
      const probe = new Probe()
      const source = create({
        ...settings({ protocolVersion }),
        url: secured.url,
        username: 'nobody',
        password: '${RESIDUA_TEST_MQTT_PASSWORD}',
      })
      await source.start(probe)
      await until('the failure', () => probe.failures.length > 0)
      expect(probe.failures[0]).toMatchObject({ code: 'auth', message: expect.stringMatching(/refused|authorise/) })
    }
  })

  test('a certificate that nobody vouches for is reported and tried again', async () => {
    const probe = new Probe()
    await create({ ...settings(), url: secured.tlsUrl }).start(probe)
    await until('the reason', () => probe.states.some((state) => /certificate/.test(state)))
    expect(probe.failures).toEqual([])
  })
})

import { randomUUID } from 'node:crypto'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Sink, SinkContext } from '../../src/ports/sink.ts'
import { sinkOf } from '../contract/sink-places.ts'
import { sampleAlarm, sampleContext, sampleScores, sampleTimeMs } from '../contract/sink-samples.ts'
import { type Mosquitto, startMosquitto } from '../servers/index.ts'
import { until } from '../servers/until.ts'

let broker: Mosquitto
let reader: MqttClient
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  broker = await startMosquitto({ persistence: true })
  reader = await connectAsync(broker.url, { protocolVersion: 5 })
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

afterAll(async () => {
  await reader.endAsync(true)
  await broker.stop()
})

interface Message {
  readonly topic: string
  readonly text: string
  readonly retain: boolean
}

async function read(prefix: string): Promise<Message[]> {
  const messages: Message[] = []
  reader.on('message', (topic, payload, { retain }) => {
    if (topic.startsWith(`${prefix}/`)) messages.push({ topic, text: payload.toString(), retain })
  })
  await reader.subscribeAsync(`${prefix}/#`, { qos: 1 })
  return messages
}

async function opened(options: Record<string, unknown>, context: SinkContext): Promise<Sink> {
  const sink = sinkOf('mqtt', { url: broker.url, ...options })
  cleanups.push(() => sink.close())
  await sink.open(context)
  return sink
}

/** As the runtime does: a sink that is still connecting is asked again. */
async function confirmed(write: () => Promise<void>): Promise<void> {
  await until('a confirmed write', async () => {
    await write()
    return true
  })
}

for (const protocolVersion of [4, 5]) {
  test(`version ${protocolVersion}: scores go to residua/PLANT/score/SENSOR, alarms are kept at residua/PLANT/alarm/SENSOR`, async () => {
    const prefix = `p-${randomUUID()}`
    const context = sampleContext()
    const sink = await opened({ prefix, protocolVersion, scores: 'all' }, context)
    const live = await read(prefix)
    const scores = sampleScores(context, [{ sensor: 'hall/pump+7#', value: 1, score: 0.6 }])
    await confirmed(() => sink.writeScores!(scores))
    const transition = sampleAlarm(context, { sensor: 'hall/pump+7#' })
    await confirmed(() => sink.writeAlarms!([transition]))
    await until('both', () => live.length === 2)
    expect(live[0]!.topic).toBe(`${prefix}/north/score/hall/pump_7_`)
    expect(JSON.parse(live[0]!.text)).toMatchObject({ sensor: 'hall/pump+7#', ts: sampleTimeMs, value: 1, alarm: 1 })
    expect(live[1]!.topic).toBe(`${prefix}/north/alarm/hall/pump_7_`)
    expect(JSON.parse(live[1]!.text)).toEqual(transition.alarm)
    const late = await connectAsync(broker.url)
    cleanups.push(() => late.endAsync(true))
    const kept: string[] = []
    late.on('message', (topic) => kept.push(topic))
    await late.subscribeAsync(`${prefix}/#`)
    await until('the kept alarm', () => kept.length === 1)
    expect(kept[0]).toBe(`${prefix}/north/alarm/hall/pump_7_`)
  })
}

test('a batch is confirmed as a whole, also a large one', async () => {
  const prefix = `p-${randomUUID()}`
  const context = sampleContext()
  const sink = await opened({ prefix, scores: 'all' }, context)
  const live = await read(prefix)
  const rows = Array.from({ length: 5_000 }, (_, index) => ({ sensor: `s${index % 40}`, timeMs: sampleTimeMs + index }))
  await confirmed(() => sink.writeScores!(sampleScores(context, rows)))
  await until('all', () => live.length >= 5_000)
  expect(live.map(({ text }) => JSON.parse(text).ts)).toEqual(rows.map(({ timeMs }) => timeMs))
})

test('without a broker a write fails at once, and what failed is not sent behind the runtime’s back later', async () => {
  const prefix = `p-${randomUUID()}`
  const context = sampleContext()
  const own = await startMosquitto({ persistence: true })
  cleanups.push(() => own.stop())
  const sink = await opened({ url: own.url, prefix }, context)
  await confirmed(() => sink.writeAlarms!([sampleAlarm(context, { sensor: 'a' })]))
  await own.stop()
  const lost = sampleAlarm(context, { sensor: 'b' })
  await until('the failure', () =>
    sink.writeAlarms!([lost]).then(
      () => false,
      (error) => error.code === 'unreachable',
    ),
  )
  await own.restart()
  const witness = await connectAsync(own.url)
  cleanups.push(() => witness.endAsync(true))
  const seen: string[] = []
  witness.on('message', (topic) => seen.push(topic))
  await witness.subscribeAsync(`${prefix}/#`)
  await confirmed(() => sink.writeAlarms!([sampleAlarm(context, { sensor: 'c' })]))
  await until('the new alarm', () => seen.some((topic) => topic.endsWith('/c')))
  expect(seen.filter((topic) => topic.endsWith('/b'))).toEqual([])
})

test('a broker that stops answering is given up after the time-out', async () => {
  const own = await startMosquitto({ persistence: true })
  cleanups.push(() => own.stop())
  if (!own.controllable) return
  const context = sampleContext()
  const sink = await opened({ url: own.url, timeout: '300ms' }, context)
  await confirmed(() => sink.writeAlarms!([sampleAlarm(context, { sensor: 'a' })]))
  await own.pause()
  await expect(sink.writeAlarms!([sampleAlarm(context, { sensor: 'b' })])).rejects.toMatchObject({ code: 'timeout' })
  await own.resume()
})

test('a wrong password is denied, which is tried again, so that no alarm is lost', async () => {
  process.env['RESIDUA_TEST_MQTT_PASSWORD'] = 'wrong'
  const own = await startMosquitto({ users: { plant: 'right' } })
  cleanups.push(() => own.stop())
  const context = sampleContext()
  const sink = await opened({ url: own.url, username: 'plant', password: '${RESIDUA_TEST_MQTT_PASSWORD}' }, context)
  const write = () => sink.writeAlarms!([sampleAlarm(context, { sensor: 'a' })])
  await until('the refusal', () => write().catch((error) => error.code === 'denied' && error.retryable))
  process.env['RESIDUA_TEST_MQTT_PASSWORD'] = 'right'
  await confirmed(write)
})

test('two sensors that would share an output topic are refused at start, and reported when met later', async () => {
  const context = sampleContext()
  for (const id of ['a+b', 'a#b']) context.catalog.intern(id)
  await expect(opened({}, context)).rejects.toThrow(/a\+b and a#b both get a_b/)
  const later = sampleContext()
  const prefix = `p-${randomUUID()}`
  const sink = await opened({ prefix }, later)
  const live = await read(prefix)
  const alarms = ['x+y', 'x_y'].map((sensor) => sampleAlarm(later, { sensor }))
  await confirmed(() => sink.writeAlarms!(alarms))
  await until('an alarm', () => live.length > 0)
  expect(live).toHaveLength(1)
})

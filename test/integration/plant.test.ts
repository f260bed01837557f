import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Alertmanager,
  type Influxdb,
  type Prometheus,
  sharedKafka,
  sharedMosquitto,
  startAlertmanager,
  startInfluxdb,
  startPrometheus,
} from '../servers/index.ts'
import { freePorts } from '../servers/ports.ts'
import { until } from '../servers/until.ts'
import { Program } from './plant/program.ts'
import { type Reading, readingsOf } from './plant/readings.ts'
import { Receiver } from './plant/receiver.ts'

const unique = `p${process.pid}`
const rows = 760
const mqttSensors = ['pressure', 'flow', 'temperature'].map((name) => `${unique}/hall/pump-7/${name}`)
const kafkaSensors = ['speed', 'load'].map((name) => `${unique}-${name}`)
const startMs = Math.floor((Date.now() - 3_600_000) / 1_000) * 1_000
const mqttFault = { sensor: mqttSensors[2]!, at: 620 }
const kafkaFault = { sensor: kafkaSensors[0]!, at: 640 }
const mqttReadings = readingsOf(mqttSensors, rows, startMs, mqttFault)
const kafkaReadings = readingsOf(kafkaSensors, rows, startMs, kafkaFault)

/** Scores by sensor and time, as InfluxDB's own query API tells them. */
type Scores = Map<string, Map<number, number>>

/** The whole plant: every server is real, and the process under test is the built program. */
describe('the whole plant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-plant-'))
  const receiver = new Receiver('plant-secret')
  let influxdb: Influxdb
  let prometheus: Prometheus
  let alertmanager: Alertmanager
  let publisher: MqttClient
  let kafka: Kafka
  let port: number
  let config: string
  let program: Program

  beforeAll(async () => {
    port = (await freePorts(1))[0]!
    const [mosquitto, broker, hook] = await Promise.all([sharedMosquitto(), sharedKafka(), receiver.listen()])
    ;[influxdb, prometheus, alertmanager] = await Promise.all([
      startInfluxdb({ version: '1.6' }),
      startPrometheus({ targets: [`127.0.0.1:${port}`] }),
      startAlertmanager(),
    ])
    publisher = await connectAsync(mosquitto.url, { protocolVersion: 5 })
    kafka = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } })
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: `${unique}-readings`, numPartitions: 2 }], waitForLeaders: true })
    await admin.disconnect()
    config = join(folder, 'residua.yaml')
    writeFileSync(
      config,
      `
plant: test
sources:
  - type: mqtt
    url: ${mosquitto.url}
    clientId: ${unique}
    topics: ["${unique}/+/+/+"]
    path: ${unique}/{area}/{asset}/{measurement}
    codec: { type: json, value: $.v, time: $.ts }
  - type: kafka
    brokers: ["${broker.brokers.join('", "')}"]
    topics: [${unique}-readings]
    group: ${unique}
    fromBeginning: true
    sessionTimeout: 6s
    heartbeatInterval: 1s
    codec: { type: json }
sinks:
  - { type: influxdb, version: 1, url: "${influxdb.url}", database: plant, scores: all }
  - { type: webhook, url: "${hook}", secret: "\${PLANT_HOOK_SECRET}" }
  - { type: alertmanager, url: "${alertmanager.url}" }
  - { type: kafka, brokers: ["${broker.brokers.join('", "')}"], alarms: ${unique}-alarms }
deadLetter: { type: file, path: ${folder}/dead-letter.ndjson }
state: { type: lmdb, path: ${folder}/state }
server: { port: ${port} }
`,
    )
    const adminAgain = kafka.admin()
    await adminAgain.connect()
    await adminAgain.createTopics({ topics: [{ topic: `${unique}-alarms` }], waitForLeaders: true })
    await adminAgain.disconnect()
    program = start()
    await program.ready(port)
  }, 180_000)

  afterAll(async () => {
    await program?.signal('SIGTERM')
    await publisher?.endAsync()
    receiver.close()
    await Promise.all([influxdb?.stop(), prometheus?.stop(), alertmanager?.stop()])
    rmSync(folder, { recursive: true, force: true })
  })

  function start(): Program {
    return new Program(['run', '-c', config], { PLANT_HOOK_SECRET: 'plant-secret' })
  }

  it('scores what Mosquitto and Kafka bring as an undisturbed replay does, over a SIGKILL in the middle', async () => {
    const half = Math.floor(rows / 2)
    await publish(publisher, kafka, half, 0)
    await until('some scores before the kill', async () => (await count(influxdb)) > mqttReadings.length / 10, {
      timeoutMs: 60_000,
    })
    const killed = program.signal('SIGKILL')
    const rest = publish(publisher, kafka, rows, half)
    await killed
    await rest
    program = start()
    await program.ready(port)
    const expected = await replayed(folder, [...mqttReadings, ...kafkaReadings])
    await until('every score', async () => (await count(influxdb)) >= rows * 5, { timeoutMs: 120_000 })
    const scores = await read(influxdb)
    expect(scores).toEqual(expected)
  }, 240_000)

  it('raises one alarm a fault, tells it to the webhook with a valid signature, and repeats none', async () => {
    await until('both alarms at the webhook', () => alertsOf(mqttFault.sensor) > 0 && alertsOf(kafkaFault.sensor) > 0, {
      timeoutMs: 60_000,
    })
    expect(receiver.badSignatures).toEqual([])
    expect(new Set(receiver.deliveries).size).toBe(receiver.deliveries.length)
    const raised = receiver.alerts.filter(({ status, labels }) => status === 'firing' && labels['class'] === 'process')
    expect(new Set(raised.map((alert) => alert.labels['sensor']))).toEqual(
      new Set([mqttFault.sensor, kafkaFault.sensor]),
    )
  })

  function alertsOf(sensor: string): number {
    return receiver.alerts.filter((alert) => alert.labels['sensor'] === sensor).length
  }

  it('tells Alertmanager, whose own fingerprint is ours, and Kafka', async () => {
    const sensor = mqttSensors[0]!
    for (let row = 0; row < 5; row++)
      await send(publisher, { sensor, timeMs: startMs + (rows + row) * 1_000, value: 900 })
    const isOurs = ({ labels }: { labels: Readonly<Record<string, string>> }) =>
      labels['sensor'] === sensor && labels['class'] === 'process'
    const theirs = await until('the alarm in Alertmanager', async () => {
      const answer = await fetch(`${alertmanager.url}/api/v2/alerts`)
      const found = (await answer.json()) as { fingerprint: string; labels: Record<string, string> }[]
      return found.find(isOurs)
    })
    const ours = await until('the alarm at the webhook', () => receiver.alerts.find(isOurs))
    expect(theirs.fingerprint).toBe(ours.fingerprint)
    const onKafka = await kafkaAlarms(kafka, sensor)
    expect(onKafka[0]).toMatchObject({ sensor, asset: 'pump-7', class: 'process', state: 'unack', plant: 'test' })
  })

  it('is scraped by Prometheus, whose query API gives the scores back', async () => {
    const query = async (expression: string) => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expression)}`)
      const body = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
      return body.data.result[0]?.value[1]
    }
    const score = await until('the score in Prometheus', () =>
      query(`residua_anomaly_score{sensor="${kafkaSensors[1]}"}`),
    )
    expect(Number(score)).toBeGreaterThanOrEqual(0)
    expect(Number(score)).toBeLessThan(0.5)
    expect(Number(await query('sum(residua_readings_total)'))).toBeGreaterThan(0)
    expect(await query('up')).toBe('1')
  })

  it('counts and keeps what it cannot read, and goes on', async () => {
    await publisher.publishAsync(`${unique}/hall/pump-7/pressure`, '{"v": 50, "ts":', { qos: 1 })
    await publisher.publishAsync(`${unique}/hall/pump-7/pressure`, 'x'.repeat(5_000_000), { qos: 1 })
    const letters = await until('two dead letters', () => {
      const lines = readFileSync(join(folder, 'dead-letter.ndjson'), 'utf8').trim().split('\n')
      return lines.length >= 2 ? lines.map((line) => JSON.parse(line) as { reason: string }) : undefined
    })
    expect(letters.map((letter) => letter.reason).sort()).toEqual(['malformed', 'too_large'])
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(metrics).toMatch(/residua_readings_rejected_total\{source="[^"]+",reason="malformed"\} 1/)
  })

  it('goes on scoring and alarming while InfluxDB is dead, and brings every score when it is back', async () => {
    const before = await count(influxdb)
    await influxdb.kill()
    const more = readingsOf([mqttSensors[1]!], 60, startMs + rows * 1_000, {
      sensor: mqttSensors[1]!,
      at: 20,
    })
    for (const reading of more) await send(publisher, reading)
    await until('the alarm while InfluxDB is dead', () => alertsOf(mqttSensors[1]!) > 0, { timeoutMs: 30_000 })
    await influxdb.restart()
    await until('the spilled scores', async () => (await count(influxdb)) >= before + more.length, {
      timeoutMs: 60_000,
    })
    expect(await count(influxdb)).toBe(before + more.length)
  }, 120_000)

  it('drains and ends with 0 at SIGTERM', async () => {
    expect(await program.signal('SIGTERM')).toBe(0)
    program = start()
    await program.ready(port)
  })
})

async function publish(publisher: MqttClient, kafka: Kafka, until: number, from: number): Promise<void> {
  const within = (reading: Reading) => {
    const row = (reading.timeMs - startMs) / 1_000
    return row >= from && row < until
  }
  const producer = kafka.producer()
  await producer.connect()
  const wanted = kafkaReadings.filter(within)
  for (let at = 0; at < wanted.length; at += 100) {
    const messages = wanted.slice(at, at + 100).map(({ sensor, timeMs, value }) => ({
      key: sensor,
      value: JSON.stringify({ sensor, ts: timeMs, value }),
    }))
    await producer.send({ topic: `${unique}-readings`, messages })
  }
  await producer.disconnect()
  const published = mqttReadings.filter(within)
  for (let at = 0; at < published.length; at += 100) {
    await Promise.all(published.slice(at, at + 100).map((reading) => send(publisher, reading)))
  }
}

async function send(publisher: MqttClient, { sensor, timeMs, value }: Reading): Promise<void> {
  await publisher.publishAsync(sensor, JSON.stringify({ v: value, ts: timeMs }), { qos: 1 })
}

/** The same readings through `residua replay`: what an undisturbed run says. */
async function replayed(folder: string, readings: readonly Reading[]): Promise<Scores> {
  const input = join(folder, 'calm.csv')
  const output = join(folder, 'calm-scores.csv')
  const lines = readings.map(({ sensor, timeMs, value }) => `${new Date(timeMs).toISOString()},${sensor},${value}`)
  writeFileSync(input, `timestamp,sensor,value\n${lines.join('\n')}\n`)
  const replay = new Program(['replay', input, '--out', output])
  expect(await replay.ended, replay.output).toBe(0)
  const scores: Scores = new Map()
  const [header, ...rest] = readFileSync(output, 'utf8').trim().split('\n')
  const at = header!.split(',').indexOf('score')
  for (const line of rest) {
    const cells = line.split(',')
    remember(scores, cells[1]!, Date.parse(cells[0]!), Number(cells[at]))
  }
  return scores
}

function remember(scores: Scores, sensor: string, timeMs: number, score: number): void {
  const known = scores.get(sensor) ?? new Map<number, number>()
  scores.set(sensor, known)
  known.set(timeMs, score)
}

async function influxQuery<T>(influxdb: Influxdb, statement: string): Promise<T[]> {
  const answer = await fetch(`${influxdb.url}/query?db=plant&epoch=ms&q=${encodeURIComponent(statement)}`)
  const body = (await answer.json()) as { results: { series?: T[]; error?: string }[] }
  if (body.results[0]?.error !== undefined) throw new Error(body.results[0].error)
  return body.results[0]?.series ?? []
}

async function count(influxdb: Influxdb): Promise<number> {
  const series = await influxQuery<{ values: [number, number][] }>(influxdb, 'SELECT count(score) FROM residua_score')
  return series[0]?.values[0]?.[1] ?? 0
}

async function read(influxdb: Influxdb): Promise<Scores> {
  const series = await influxQuery<{ tags: { sensor: string }; values: [number, number][] }>(
    influxdb,
    'SELECT score FROM residua_score GROUP BY sensor',
  )
  const scores: Scores = new Map()
  for (const { tags, values } of series) for (const [time, score] of values) remember(scores, tags.sensor, time, score)
  return scores
}

async function kafkaAlarms(kafka: Kafka, sensor: string): Promise<Record<string, unknown>[]> {
  const consumer = kafka.consumer({ groupId: `${unique}-look-${Math.random()}` })
  const found: Record<string, unknown>[] = []
  await consumer.connect()
  await consumer.subscribe({ topic: `${unique}-alarms`, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      found.push(JSON.parse(String(message.value)) as Record<string, unknown>)
    },
  })
  await until('alarms on Kafka', () => found.some((alarm) => alarm['sensor'] === sensor))
  await consumer.disconnect()
  return found.filter((alarm) => alarm['sensor'] === sensor)
}

import { readFileSync } from 'node:fs'
import { Kafka, logLevel } from 'kafkajs'
import { connectAsync } from 'mqtt'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type Server,
  sharedKafka,
  sharedMosquitto,
  startAlertmanager,
  startInfluxdb,
  startKafka,
  startMosquitto,
  startPrometheus,
  whyMissing,
} from '../servers/index.ts'
import { until } from '../servers/until.ts'

const started: Server[] = []
async function own<T extends Server>(server: Promise<T>): Promise<T> {
  const found = await server
  started.push(found)
  return found
}

afterAll(async () => {
  for (const server of started) await server.stop()
})

describe('the real servers that tests get', () => {
  it('gives a Mosquitto that checks passwords, speaks TLS and keeps retained messages over a restart', async () => {
    const broker = await own(startMosquitto({ users: { ann: 'secret' }, tls: true, persistence: true }))
    await expect(connectAsync(broker.url, { username: 'ann', password: 'wrong', reconnectPeriod: 0 })).rejects.toThrow()
    const login = { username: 'ann', password: 'secret', protocolVersion: 5 as const }
    const client = await connectAsync(broker.tlsUrl ?? '', { ...login, ca: readFileSync(broker.caFile ?? '') })
    await client.publishAsync('kept', 'yes', { qos: 1, retain: true })
    await client.endAsync()
    await broker.restart()
    const reader = await connectAsync(broker.url, login)
    const message = new Promise<string>((resolve) => reader.once('message', (_topic, text) => resolve(text.toString())))
    await reader.subscribeAsync('kept')
    expect(await message).toBe('yes')
    await reader.endAsync()
  })

  it('gives one Mosquitto and one Kafka to all who ask for the shared ones', async () => {
    const [first, second, kafka, again] = await Promise.all([
      sharedMosquitto(),
      sharedMosquitto(),
      sharedKafka(),
      sharedKafka(),
    ])
    expect(first.url).toBe(second.url)
    expect(kafka.brokers).toEqual(again.brokers)
    expect(first.controllable).toBe(false)
    await expect(kafka.kill()).rejects.toThrow('not ours to stop')
  })

  it('gives a Kafka with PLAIN and SCRAM over TLS that keeps its messages over a SIGKILL', {
    timeout: 120_000,
  }, async () => {
    const kafka = await own(startKafka({ sasl: true }))
    const ssl = { ca: [readFileSync(kafka.caFile ?? '', 'utf8')] }
    const login = kafka.login ?? { username: '', password: '' }
    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
      const client = new Kafka({
        brokers: [...(kafka.saslBrokers ?? [])],
        ssl,
        sasl: { mechanism, ...login } as never,
        logLevel: logLevel.NOTHING,
      })
      const admin = client.admin()
      await admin.connect()
      await admin.createTopics({ topics: [{ topic: `by-${mechanism}`, numPartitions: 1 }] })
      await admin.disconnect()
    }
    const plain = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING })
    const producer = plain.producer()
    await producer.connect()
    await producer.send({ topic: 'by-plain', messages: [{ value: 'kept' }] })
    await producer.disconnect()
    await kafka.kill()
    await kafka.restart()
    const admin = plain.admin()
    await admin.connect()
    const offsets = await admin.fetchTopicOffsets('by-plain')
    expect(offsets[0]?.high).toBe('1')
    await admin.disconnect()
  })

  for (const version of ['1.6', '1.8', '2.7'] as const) {
    it(`gives an InfluxDB ${version} that keeps its points over a restart`, async ({ skip }) => {
      const why = await whyMissing(version)
      skip(why !== undefined, why)
      const influxdb = await own(startInfluxdb({ version }))
      expect((await fetch(`${influxdb.url}/ping`)).status).toBe(204)
      if (version === '2.7') return
      const query = (q: string) => fetch(`${influxdb.url}/query?db=d&q=${encodeURIComponent(q)}`, { method: 'POST' })
      await query('CREATE DATABASE d')
      expect((await fetch(`${influxdb.url}/write?db=d`, { method: 'POST', body: 'm v=42 1000000000' })).status).toBe(
        204,
      )
      await influxdb.restart()
      expect(await (await query('SELECT v FROM m')).text()).toContain('42')
      const v2 = await fetch(`${influxdb.url}/api/v2/write?bucket=d&precision=ms`, {
        method: 'POST',
        body: 'm v=43 2000',
      })
      expect(v2.status).toBe(version === '1.6' ? 404 : 204)
    })
  }

  it('gives a Prometheus that scrapes and an Alertmanager that it tells', async () => {
    const alertmanager = await own(startAlertmanager())
    const host = new URL(alertmanager.url).host
    const rules = 'groups:\n  - name: r\n    rules:\n      - alert: AlwaysOn\n        expr: vector(1)\n'
    const prometheus = await own(startPrometheus({ targets: [host], alertmanagers: [host], rules }))
    await until('a scraped target', async () => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=up`)
      return (await answer.text()).includes('"1"')
    })
    await until('the alert', async () =>
      (await (await fetch(`${alertmanager.url}/api/v2/alerts`)).text()).includes('AlwaysOn'),
    )
  })

  it('freezes and wakes a server', async () => {
    const influxdb = await own(startInfluxdb({ version: '1.6' }))
    await influxdb.pause()
    await expect(fetch(`${influxdb.url}/ping`, { signal: AbortSignal.timeout(500) })).rejects.toThrow()
    await influxdb.resume()
    expect((await fetch(`${influxdb.url}/ping`)).status).toBe(204)
  })
})

import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { type Admin, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Influxdb, type Kafka, sharedKafka, startInfluxdb, whyMissing } from '../servers/index.ts'
import { run } from '../unit/cli/run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-inputs-'))
const startMs = Date.UTC(2026, 0, 1)
const rows = 700
const minuteMs = 60_000

afterAll(() => rmSync(folder, { recursive: true }))

/** Two sensors that swing, one of them with a step at the end. */
function value(sensor: number, row: number): number {
  const noise = ((row * 7_919 + sensor * 104_729) % 1_000) / 1_000
  return 50 + 10 * sensor + 4 * Math.sin(row / 30 + sensor) + noise + (sensor === 1 && row > 650 ? 30 : 0)
}

function scores(file: string): string[][] {
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n')
  return lines.slice(1).map((line) => line.split(','))
}

/** What a replay said of its readings, whatever order sensors came in. */
function bySensor(file: string): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const cells of scores(file))
    found[cells[1]!] = [...(found[cells[1]!] ?? []), [cells[0], ...cells.slice(2)].join()]
  return found
}

describe('a replay of Kafka', () => {
  let server: Kafka
  let admin: Admin
  let writer: Producer
  const topic = `history.${randomUUID()}`

  beforeAll(async () => {
    server = await sharedKafka()
    const client = new kafkajs.Kafka({ brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING })
    admin = client.admin()
    writer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await Promise.all([admin.connect(), writer.connect()])
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 4 }] })
    for (let from = 0; from < rows; from += 100) {
      const messages = Array.from({ length: 200 }, (_, at) => {
        const [row, sensor] = [from + (at >> 1), at % 2]
        const timeMs = startMs + row * minuteMs
        const reading = { sensor: `s${sensor}`, ts: timeMs, value: value(sensor, row) }
        return { key: reading.sensor, value: JSON.stringify(reading), timestamp: String(timeMs) }
      })
      await writer.send({ topic, messages })
    }
  })

  afterAll(async () => {
    await Promise.all([admin?.disconnect(), writer?.disconnect()])
  })

  const address = () => `kafka://${server.brokers.join(',')}/${topic}`

  test('reads all partitions to the end they have at the start, twice alike to the byte, and leaves no group', async () => {
    const first = await run('replay', address(), '--out', join(folder, 'k1.csv'), '--json')
    expect(first).toMatchObject({ exitCode: 0 })
    expect(JSON.parse(first.out)).toMatchObject({ rows: 2 * rows, sensors: 2 })
    await run('replay', address(), '--out', join(folder, 'k2.csv'), '--json')
    expect(readFileSync(join(folder, 'k2.csv'))).toEqual(readFileSync(join(folder, 'k1.csv')))
    const times = scores('k1.csv').map(([time]) => time!)
    expect(times).toEqual(times.toSorted())
    const { groups } = await admin.listGroups()
    expect(groups.filter(({ groupId }) => groupId.startsWith('residua-history-'))).toEqual([])
  })

  test('a topic that ends with a transaction is read to its end', async () => {
    const own = `history.${randomUUID()}`
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: own, numPartitions: 1 }] })
    const client = new kafkajs.Kafka({ brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING })
    const producer = client.producer({ transactionalId: own, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: own, messages: [{ value: `{"sensor":"s","ts":${startMs},"value":1}` }] })
    await transaction.commit()
    await producer.disconnect()
    const { out } = await run('replay', `kafka://${server.brokers[0]}/${own}`, '--json')
    expect(JSON.parse(out)).toMatchObject({ rows: 1 })
  })

  test('what cannot be read is an error with its place and what to do', async () => {
    const missing = await run('replay', `kafka://${server.brokers[0]}/no-such-topic`)
    expect([missing.exitCode, missing.err]).toEqual([1, expect.stringContaining('does not exist: correct its name')])
    const nobody = await run('replay', 'kafka://127.0.0.1:1/t')
    expect([nobody.exitCode, nobody.err]).toEqual([1, expect.stringContaining('127.0.0.1:1')])
    const refused = await run('replay', address(), '--time', 'x', '--username', 'u', '--password', 'hunter2')
    expect(refused.exitCode).toBe(2)
    expect(refused.err).toMatch(/--time.*an address of kafka has nothing for it/s)
    expect(refused.err).toMatch(/--password.*expected a reference to a secret/s)
    expect(refused.err).not.toContain('hunter2')
  })
})

const missing = await whyMissing('1.8')

describe.skipIf(missing !== undefined)(`a replay of InfluxDB${missing === undefined ? '' : `: ${missing}`}`, () => {
  let server: Influxdb

  beforeAll(async () => {
    server = await startInfluxdb({ version: '1.8' })
    await fetch(`${server.url}/query?q=${encodeURIComponent('CREATE DATABASE plant')}`, { method: 'POST' })
    const lines = Array.from({ length: 2 * rows }, (_, at) => {
      const [row, sensor] = [at >> 1, at % 2]
      return `readings,sensor=s${sensor} value=${value(sensor, row)} ${startMs + row * minuteMs}`
    })
    const written = await fetch(`${server.url}/write?db=plant&precision=ms`, { method: 'POST', body: lines.join('\n') })
    expect(written.status).toBe(204)
  })

  afterAll(() => server?.stop())

  const address = (query: string) => `influxdb://${new URL(server.url).host}/plant?query=${query}`
  const inOrder = 'SELECT value, sensor FROM readings'

  test('scores what the same readings in a file get', async () => {
    const { out } = await run('replay', address(inOrder), '--out', join(folder, 'i1.csv'), '--json')
    expect(JSON.parse(out)).toMatchObject({ rows: 2 * rows, sensors: 2 })
    await run(
      'replay',
      address('SELECT value FROM readings GROUP BY sensor'),
      '--out',
      join(folder, 'i2.csv'),
      '--json',
    )
    expect(bySensor('i2.csv')).toEqual(bySensor('i1.csv'))
    expect(bySensor('i1.csv')['s1']!.filter((row) => row.includes(',1,good')).length).toBeGreaterThan(10)
  })

  test('an asset is learned from one query, and refused where its channels come one after the other', async () => {
    const asset = ['--as', 'asset', '--learn-rows', '300']
    const { out } = await run('replay', address(inOrder), ...asset, '--json')
    expect(JSON.parse(out)).toMatchObject({ rows })
    const grouped = await run('replay', address('SELECT value FROM readings GROUP BY sensor'), ...asset)
    expect([grouped.exitCode, grouped.err]).toEqual([1, expect.stringContaining('without GROUP BY of tags')])
  })

  test('what the server refuses is told in its words', async () => {
    const wrong = await run('replay', address('SELECT value FORM readings'))
    expect([wrong.exitCode, wrong.err]).toEqual([1, expect.stringMatching(/refused the query \(400\): .*FORM/)])
    const gone = await run('replay', address(inOrder).replace('/plant', '/nowhere'))
    expect([gone.exitCode, gone.err]).toEqual([1, expect.stringContaining('database not found: nowhere')])
  })
})

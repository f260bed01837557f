import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { influxdbSink } from '../../src/adapters/influxdb/index.ts'
import { OperatingError } from '../../src/base/errors.ts'
import { Quality } from '../../src/domain/quality.ts'
import type { Sink, SinkContext } from '../../src/ports/sink.ts'
import { hostileIds, sampleAlarm, sampleContext, sampleScores, sampleTimeMs } from '../contract/sink-samples.ts'
import { type Influxdb, type InfluxdbVersion, startInfluxdb, whyMissing } from '../servers/index.ts'
import { until } from '../servers/until.ts'

process.env['RESIDUA_TEST_INFLUXDB_TOKEN'] = 'user:secret'

async function codeOf(write: Promise<unknown> | undefined): Promise<string> {
  try {
    await write
  } catch (error) {
    return error instanceof OperatingError ? error.code : `not an operating error: ${error}`
  }
  return 'none'
}

interface Case {
  readonly title: string
  readonly version: InfluxdbVersion
  /** Options beside the address. */
  readonly options: (server: Influxdb) => Record<string, unknown>
  readonly database: string
}

const cases: readonly Case[] = [
  {
    title: 'InfluxDB 1.6 through the client library',
    version: '1.6',
    options: () => ({ version: 1, database: 'plant' }),
    database: 'plant',
  },
  {
    title: 'InfluxDB 1.8 through the client library',
    version: '1.8',
    options: () => ({ version: 1, database: 'plant' }),
    database: 'plant',
  },
  {
    title: 'the /api/v2/write of InfluxDB 1.8',
    version: '1.8',
    options: () => ({ version: 2, org: 'any', bucket: 'v2/autogen', token: '${RESIDUA_TEST_INFLUXDB_TOKEN}' }),
    database: 'v2',
  },
  {
    title: 'InfluxDB 2.7',
    version: '2.7',
    options: (server) => {
      process.env['RESIDUA_TEST_INFLUXDB_TOKEN27'] = server.setup?.token
      const { org, bucket } = server.setup ?? { org: '', bucket: '' }
      return { version: 2, org, bucket, token: '${RESIDUA_TEST_INFLUXDB_TOKEN27}' }
    },
    database: 'plant',
  },
]

for (const { title, version, options, database } of cases) {
  const missing = await whyMissing(version)
  describe.skipIf(missing !== undefined)(`the InfluxDB sink with ${title}${missing ? ` (${missing})` : ''}`, () => {
    let server: Influxdb
    let sink: Sink
    let context: SinkContext

    async function query(text: string): Promise<Record<string, unknown>[]> {
      const parameters = new URLSearchParams({ db: database, epoch: 'ms', q: text })
      const headers = server.setup === undefined ? {} : { authorization: `Token ${server.setup.token}` }
      const answer = await fetch(`${server.url}/query?${parameters}`, { method: 'POST', headers })
      const found = (await answer.json()) as {
        results: { series?: { columns: string[]; values: unknown[][] }[] }[]
      }
      return (found.results[0]?.series ?? []).flatMap(({ columns, values }) =>
        values.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))),
      )
    }

    beforeAll(async () => {
      server = await startInfluxdb({ version })
      if (database === 'v2') await query('CREATE DATABASE v2')
      context = sampleContext()
      sink = influxdbSink.create(
        'influx',
        influxdbSink.options.parse({ type: 'influxdb', url: server.url, ...options(server) }),
      )
      await sink.open(context)
    })

    afterAll(async () => {
      await sink.close()
      await server.stop()
    })

    it('stores a scored and an unscored reading under the documented names, and nothing where a number is missing', async () => {
      const labels = { area: 'hall 1', asset: 'pump-7', score: 'a label named like a field' }
      const frame = sampleScores(context, [
        { sensor: 'named', labels, value: 93.5, expected: 71.25, score: 0.9 },
        { sensor: 'named', timeMs: sampleTimeMs + 1, value: 5, quality: Quality.warmup },
        { sensor: 'named', timeMs: sampleTimeMs + 2, quality: Quality.bad },
      ])
      await sink.writeScores?.(frame)
      const rows = await until('the three rows', async () => {
        const found = await query(`SELECT * FROM residua_score WHERE sensor = 'named'`)
        return found.length === 3 ? found : undefined
      })
      expect(rows[0]).toMatchObject({
        ...{ time: sampleTimeMs, sensor: 'named', asset: 'pump-7', plant: 'north', area: 'hall 1' },
        ...{ score_: 'a label named like a field', quality: 'good', value: 93.5, expected: 71.25, score: 0.9 },
        ...{ lower: 70.25, upper: 72.25, residual: 22.25 },
      })
      expect(rows[1]).toMatchObject({ value: 5, expected: null, lower: null, score: 0, quality: 'warmup' })
      expect(rows[2]).toMatchObject({ value: null, quality: 'bad' })
    })

    it('overwrites when the same batch comes again', async () => {
      const rows = Array.from({ length: 500 }, (_, index) => ({
        sensor: 'twice',
        timeMs: sampleTimeMs + index,
        value: index,
      }))
      await sink.writeScores?.(sampleScores(context, rows))
      await sink.writeScores?.(sampleScores(context, rows))
      await until('500 points', async () => {
        const [count] = await query(`SELECT count(value) FROM residua_score WHERE sensor = 'twice'`)
        return count?.['count'] === 500
      })
    })

    it('gives every hostile sensor id back as it was', async () => {
      const rows = hostileIds.map((sensor, index) => ({ sensor, value: index, timeMs: sampleTimeMs + 10 }))
      await sink.writeScores?.(sampleScores(context, rows))
      for (const [index, sensor] of hostileIds.entries()) {
        const literal = sensor.replace(/\\/g, '\\\\').replace(/'/g, "\\'")
        await until(`the sensor ${sensor}`, async () => {
          const found = await query(`SELECT value, sensor FROM residua_score WHERE sensor = '${literal}'`)
          return found.length === 1 && found[0]?.['value'] === index && found[0]['sensor'] === sensor
        })
      }
    })

    it('keeps a sensor whose id has a line break or ends in a backslash, with a blank or nothing in its place', async () => {
      await sink.writeScores?.(
        sampleScores(context, [
          { sensor: 'two\nlines', value: 1 },
          { sensor: 'ends\\', value: 2 },
        ]),
      )
      await until('both sensors', async () => {
        const found = await query(
          `SELECT value, sensor FROM residua_score WHERE sensor = 'two lines' OR sensor = 'ends'`,
        )
        return found.length === 2
      })
    })

    it('stores alarm transitions with their priority as a tag and their words as fields', async () => {
      context.catalog.intern('alarmed "one"', { area: 'hall 1' })
      const raised = sampleAlarm(context, { sensor: 'alarmed "one"', priority: 'high' })
      const back = sampleAlarm(context, {
        ...{ sensor: 'alarmed "one"', priority: 'high', state: 'rtn_unack', eventMs: sampleTimeMs + 60_000 },
      } as const)
      await sink.writeAlarms?.([raised, back])
      await sink.writeAlarms?.([raised, back])
      const rows = await until('two transitions', async () => {
        const found = await query('SELECT * FROM residua_alarm')
        return found.length === 2 ? found : undefined
      })
      expect(rows[0]).toMatchObject({
        ...{ time: sampleTimeMs, sensor: 'alarmed "one"', plant: 'north', area: 'hall 1', priority: 'high' },
        ...{ id: raised.alarm.id, state: 'unack', score: 0.9, message: raised.alarm.message },
      })
      expect(rows[1]).toMatchObject({ time: sampleTimeMs + 60_000, state: 'rtn_unack', id: raised.alarm.id })
    })

    it('says unreachable while the server is down, and writes again when it is back', async () => {
      await server.stop()
      const frame = sampleScores(context, [{ sensor: 'after', value: 1 }])
      expect(await codeOf(sink.writeScores?.(frame))).toBe('unreachable')
      await server.restart()
      await sink.writeScores?.(frame)
      await until(
        'the point',
        async () => (await query(`SELECT value FROM residua_score WHERE sensor = 'after'`)).length === 1,
      )
    })

    it.skipIf(title.includes('client'))('says rejected for a bucket that is not there', async () => {
      const raw = { type: 'influxdb', url: server.url, ...options(server), bucket: 'nobody/autogen' }
      const other = influxdbSink.create('other', influxdbSink.options.parse(raw))
      await other.open(context)
      expect(await codeOf(other.writeScores?.(sampleScores(context, [{ sensor: 'x', value: 1 }])))).toBe('rejected')
      await other.close()
    })

    it.skipIf(!title.includes('client'))('keeps trying while the retention policy is not there yet', async () => {
      const raw = { type: 'influxdb', url: server.url, ...options(server), retentionPolicy: 'later' }
      const other = influxdbSink.create('other', influxdbSink.options.parse(raw))
      await other.open(context)
      const frame = sampleScores(context, [{ sensor: 'kept', value: 1 }])
      // InfluxDB 1.x calls this a failure of its own (500), so it is tried again until somebody makes the policy.
      expect(await codeOf(other.writeScores?.(frame))).toBe('server')
      await query(`CREATE RETENTION POLICY later ON ${database} DURATION INF REPLICATION 1`)
      await other.writeScores?.(frame)
      expect(await query(`SELECT value FROM later.residua_score`)).toHaveLength(1)
      await other.close()
    })

    it.skipIf(version === '2.7')('says rejected, and why, where a field has another type already', async () => {
      const line = 'residua_alarm,sensor=z score="text"'
      const foreign = await fetch(`${server.url}/write?db=${database}`, { method: 'POST', body: line })
      expect(foreign.status).toBe(204)
      const clash = sink.writeAlarms?.([sampleAlarm(context, { sensor: 'z', eventMs: Date.now() })])
      await expect(clash).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('partial write') })
    })
  })
}

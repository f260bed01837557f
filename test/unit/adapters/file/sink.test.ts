import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { FileDeadLetterSink } from '../../../../src/adapters/file/dead-letter.ts'
import { fileDeadLetter, fileSink } from '../../../../src/adapters/file/index.ts'
import { fileSinkOptions } from '../../../../src/adapters/file/options.ts'
import { FileSink } from '../../../../src/adapters/file/sink.ts'
import type { AlarmTransition } from '../../../../src/domain/alarm.ts'
import { OutcomeFrame } from '../../../../src/domain/outcome.ts'
import { Quality } from '../../../../src/domain/quality.ts'
import { SensorCatalog } from '../../../../src/domain/sensor.ts'
import { silentLog } from '../../../../src/ports/log.ts'
import type { SinkContext } from '../../../../src/ports/sink.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-sink-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const catalog = new SensorCatalog(10)
const context: SinkContext = { clock: { now: () => 0 }, log: silentLog, catalog, plant: 'north' }

/** Rows of the sensors named; a NaN in `expected` is a row that was not scored. */
function frame(rows: readonly [sensor: string, timeMs: number, value: number, expected?: number][]): OutcomeFrame {
  const out = new OutcomeFrame(rows.length)
  for (const [row, [sensor, timeMs, value, expected = Number.NaN]] of rows.entries()) {
    out.slot[row] = catalog.intern(sensor, { asset: 'pump' })
    out.timeMs[row] = timeMs
    out.value[row] = value
    out.expected[row] = expected
    out.lower[row] = expected - 1
    out.upper[row] = expected + 1
    out.residual[row] = value - expected
    out.score[row] = 0.25
    out.alarm[row] = 1
    out.quality[row] = Number.isNaN(expected) ? Quality.warmup : Quality.good
    out.count++
  }
  return out
}

const transition: AlarmTransition = {
  transitionId: 't1',
  from: 'normal',
  raisedTime: 1_000,
  alarm: {
    id: 'i1',
    fingerprint: 'f1',
    plant: 'north',
    sensor: 'a',
    asset: 'pump',
    class: 'process',
    state: 'unack',
    priority: 'high',
    eventTime: 1_000,
    detectedTime: 1_234,
    value: 2,
    expected: null,
    lower: null,
    upper: null,
    score: 0.75,
    message: 'too "hot", 5 °C',
  },
}

async function written(name: string, rows: Parameters<typeof frame>[0][], anew = true): Promise<string> {
  const path = join(folder, name)
  const sink = new FileSink('file', fileSinkOptions.parse({ type: 'file', scores: path }), anew ? 'replay' : 'live')
  await sink.open(context)
  for (const batch of rows) await sink.writeScores(frame(batch))
  await sink.close()
  return readFileSync(path, 'utf8')
}

const scored: Parameters<typeof frame>[0] = [
  ['a', 1_700_000_000_000, 0.1 + 0.2, 1],
  ['b,"c"', 1_700_000_000_001, Number.NaN],
]

describe('score files', () => {
  test('.csv has the columns of the reference, shortest numbers and empty cells for what is unknown', async () => {
    expect(await written('scores.csv', [scored])).toBe(
      'timestamp,sensor,value,expected,lower,upper,residual,score,alarm,quality\n' +
        '2023-11-14T22:13:20.000Z,a,0.30000000000000004,1,0,2,-0.7,0.25,1,good\n'.replace(
          '-0.7',
          String(0.1 + 0.2 - 1),
        ) +
        '2023-11-14T22:13:20.001Z,"b,""c""",,,,,,0.25,1,warmup\n',
    )
  })

  test('.ndjson has the same names, null for what is unknown', async () => {
    const lines = (await written('scores.ndjson', [scored])).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))[1]).toEqual({
      timestamp: '2023-11-14T22:13:20.001Z',
      sensor: 'b,"c"',
      value: null,
      expected: null,
      lower: null,
      upper: null,
      residual: null,
      score: 0.25,
      alarm: 1,
      quality: 'warmup',
    })
  })

  test('.lp is what InfluxDB gets', async () => {
    expect(await written('scores.lp', [[scored[1]!]])).toBe(
      'residua_score,asset=pump,plant=north,sensor=b\\,"c" score=0.25,quality="warmup" 1700000000001000000\n',
    )
  })

  test('a replay begins anew, a live file is continued without a second header', async () => {
    await written('again.csv', [scored])
    expect((await written('again.csv', [scored])).split('\n')).toHaveLength(4)
    const later: Parameters<typeof frame>[0] = [['a', 1_700_000_060_000, 5, 5]]
    expect((await written('again.csv', [later], false)).split('\n')).toHaveLength(5)
  })

  test('rows that come again after a crash are passed over, a torn line is cut off', async () => {
    const path = join(folder, 'crash.csv')
    await written('crash.csv', [scored], false)
    const before = readFileSync(path, 'utf8')
    appendFileSync(path, '2023-11-14T22:13:2')
    const later: Parameters<typeof frame>[0] = [['a', 1_700_000_060_000, 5, 5]]
    const after = await written('crash.csv', [[scored[1]!], later, later], false)
    expect(after.startsWith(before)).toBe(true)
    expect(after.slice(before.length).split('\n').filter(Boolean)).toHaveLength(2)
  })
})

describe('alarm files', () => {
  test('.csv and .ndjson hold the alarm as every interface writes it, times in ISO 8601', async () => {
    for (const [anew, detected] of [
      [false, '1970-01-01T00:00:01.234Z'],
      [true, '1970-01-01T00:00:01.000Z'],
    ] as const) {
      const json = join(folder, `alarms-${anew}.ndjson`)
      const csv = join(folder, `alarms-${anew}.csv`)
      for (const alarms of [json, csv]) {
        const sink = new FileSink('file', fileSinkOptions.parse({ type: 'file', alarms }), anew ? 'replay' : 'live')
        expect(sink.settings).toMatchObject({ scores: 'none', alarms: true })
        await sink.open(context)
        await sink.writeAlarms([transition])
        await sink.close()
      }
      const { alarm } = transition
      expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({
        ...alarm,
        eventTime: '1970-01-01T00:00:01.000Z',
        detectedTime: detected,
      })
      expect(readFileSync(csv, 'utf8')).toBe(
        'id,fingerprint,plant,sensor,asset,class,state,priority,eventTime,detectedTime,value,expected,lower,upper,score,message\n' +
          `i1,f1,north,a,pump,process,unack,high,1970-01-01T00:00:01.000Z,${detected},2,,,,0.75,"too ""hot"", 5 °C"\n`,
      )
    }
  })
})

test('dead letters keep the original bytes, over restarts', async () => {
  const path = join(folder, 'dead.ndjson')
  const bytes = Buffer.from([0, 255, 10, 13, 34])
  const letter = { source: 'mqtt', topic: 't', key: null, arrivalMs: 5, reason: 'malformed', detail: 'why', bytes }
  for (let round = 0; round < 2; round++) {
    const sink = new FileDeadLetterSink('dead', path)
    await sink.open()
    await sink.write([{ ...letter, arrivalMs: round }])
    await sink.close()
  }
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).arrival)).toEqual([
    '1970-01-01T00:00:00.000Z',
    '1970-01-01T00:00:00.001Z',
  ])
  expect(Buffer.from(JSON.parse(lines[0]!).bytes, 'base64')).toEqual(bytes)
})

test('dead letters stay within their limit: the older half goes', async () => {
  const path = join(folder, 'many.ndjson')
  const sink = new FileDeadLetterSink('dead', path, 4_000)
  await sink.open()
  const letter = { source: 'mqtt', topic: 't', key: null, reason: 'malformed', detail: 'why', bytes: Buffer.alloc(100) }
  for (let arrivalMs = 0; arrivalMs < 60; arrivalMs++) await sink.write([{ ...letter, arrivalMs }])
  await sink.close()
  const kept = [readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8')]
  expect(kept.join('').length).toBeLessThanOrEqual(4_400)
  const arrivals = kept
    .join('')
    .trim()
    .split('\n')
    .map((line) => Date.parse(JSON.parse(line).arrival))
  expect(arrivals).toEqual(Array.from({ length: arrivals.length }, (_, row) => 60 - arrivals.length + row))
})

test('a place that cannot be written to is an operating error with the path', async () => {
  writeFileSync(join(folder, 'plain'), '')
  const scores = join(folder, 'plain', 'scores.csv')
  const sink = fileSink.create('file', fileSink.options.parse({ type: 'file', scores }))
  await expect(sink.open(context)).rejects.toMatchObject({ code: 'write', message: expect.stringContaining(scores) })
})

test('names whose form nobody knows, and sinks without a file, are refused by the schema', () => {
  for (const options of [{}, { scores: 'a.parquet' }, { scores: 'a.csv', alarms: 'a.csv' }, { path: 'a.csv' }]) {
    expect(fileSink.options.safeParse({ type: 'file', ...options }).success).toBe(false)
  }
  expect(fileDeadLetter.options.safeParse({ type: 'file', path: 'dead.csv' }).success).toBe(false)
})

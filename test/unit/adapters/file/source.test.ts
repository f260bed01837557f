import { appendFileSync, truncateSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { countLines } from '../../../../src/adapters/file/blocks.ts'
import { FileSource } from '../../../../src/adapters/file/source.ts'
import { limits } from '../../../../src/base/limits.ts'
import { silentLog } from '../../../../src/ports/log.ts'
import { bad, good } from '../../codec/collect.ts'
import { readFiles, write } from './history.ts'

const sensorsOf = (read: Awaited<ReturnType<typeof readFiles>>) => read.readings.map(([sensor]) => sensor)

describe('the forms of a file', () => {
  test('CSV, tab separated, NDJSON and line protocol are told by extension, each also compressed', async () => {
    for (const gz of ['', '.gz']) {
      const paths = [
        write(`long.csv${gz}`, '\ufefftimestamp,sensor,value\n2024-01-01 00:00:00,a,1\n'),
        write(`wide.tsv${gz}`, 'time\tb\tc\r\n2024-01-01T00:00:00Z\t2\t\r\n'),
        write(`oven.csv${gz}`, 'timestamp,value\n1704067200,3\n'),
        write(`lines.ndjson${gz}`, '{"sensor":"e","ts":1704067200000,"value":4}\n'),
        write(`lines.lp${gz}`, 'm,sensor=f value=5 1704067200000000000\n'),
      ]
      const read = await readFiles({ paths })
      const at = Date.UTC(2024, 0, 1)
      expect(read.readings).toEqual([
        ['a', at, 1, good],
        ['b', at, 2, good],
        ['c', at, Number.NaN, bad],
        ['oven', at, 3, good],
        ['e', at, 4, good],
        ['f', at, 5, good],
      ])
    }
  })

  test('a format that is said beats the extension, and rows without a header are understood', async () => {
    expect(
      sensorsOf(await readFiles({ paths: [write('data.log', '1704067200,1\n1704067201,2\n')], format: 'csv' })),
    ).toEqual(['data', 'data'])
  })

  test('the unit of time is guessed once, from the first value', async () => {
    const times = async (name: string, first: string, second: string) => {
      const path = write(name, `timestamp,value\n${first},1\n${second},1\n`)
      return (await readFiles({ paths: [path] })).readings.map(([, time]) => time)
    }
    expect(await times('ns.csv', '1700000000000000001', '5000000')).toEqual([1_700_000_000_000, 5])
    expect(await times('us.csv', '1700000000000000', '5000')).toEqual([1_700_000_000_000, 5])
    expect(await times('ms.csv', '1700000000000', '5')).toEqual([1_700_000_000_000, 5])
    expect(await times('s.csv', '1700000000.25', '5')).toEqual([1_700_000_000_250, 5_000])
  })

  test('small numbers need a unit, which then counts from 1970', async () => {
    const path = write('small.csv', 'minute,value\n0,1\n1,2\n')
    await expect(readFiles({ paths: [path] })).rejects.toThrow('the time 0 is too small to tell its unit')
    const read = await readFiles({ paths: [path], timeUnit: 'min' })
    expect(read.readings.map(([, time]) => time)).toEqual([0, 60_000])
  })

  test('local times follow the zone through the change of the clocks', async () => {
    const path = write('local.csv', 'timestamp,value\n2024-03-31 01:30:00,1\n2024-03-31 03:30:00,2\n')
    const read = await readFiles({ paths: [path], timezone: 'Europe/Berlin' })
    expect(read.readings.map(([, time]) => time)).toEqual([Date.UTC(2024, 2, 31, 0, 30), Date.UTC(2024, 2, 31, 1, 30)])
  })

  test('ignored columns, keys and sensors are left out, a named time column is found', async () => {
    const csv = write('ignore.csv', 'a,label,when\n1,x,2024-01-01\n')
    expect(sensorsOf(await readFiles({ paths: [csv], time: 'when', ignore: ['label'] }))).toEqual(['a'])
    const json = write('ignore.ndjson', '{"at":"2024-01-01","values":{"a":1,"label":2}}\n')
    expect(sensorsOf(await readFiles({ paths: [json], time: 'at', ignore: ['label'] }))).toEqual(['a'])
  })
})

describe('rows that cannot be read', () => {
  test('are refused by their line and do not stop the file', async () => {
    const text = 'timestamp,value\n2024-01-01,1\nsoon,2\n1,2,3\n\n2024-01-02,x\n2024-01-03,3'
    const read = await readFiles({ paths: [write('bad.csv', text)] })
    expect(read.rejects).toEqual([
      ['bad_time', 3],
      ['malformed', 4],
    ])
    expect(read.readings.map(([, , value]) => value)).toEqual([1, Number.NaN, 3])
  })

  test('history without a time stamp is refused, because no arrival stands in for it', async () => {
    const read = await readFiles({
      paths: [write('timeless.ndjson', '{"sensor":"a","ts":1704067200000,"value":1}\n{"sensor":"a","value":2}\n')],
    })
    expect(read.rejects).toEqual([['bad_time', 2]])
  })

  test('a row of five megabytes is cut off behind the limit and its neighbours are kept', async () => {
    const text = `timestamp,value\n1700000000000,1\n${'9'.repeat(5_000_000)}\n1700000001000,2\n`
    const { records } = await readFiles({ paths: [write('huge.csv', text)] })
    expect(records.map(({ bytes, line }) => [bytes.length > limits.messageBytesMax, line])).toEqual([
      [false, 2],
      [true, 3],
      [false, 4],
    ])
    expect(Math.max(...records.map(({ bytes }) => bytes.length))).toBeLessThan(limits.messageBytesMax + 2 ** 19)
  })
})

describe('files that are refused', () => {
  test.each([
    ['none.csv', undefined, 'there is no such file'],
    ['empty.csv', '', 'the file is empty'],
    ['table.parquet', 'PAR1', 'Parquet is not read by this version'],
    ['data.xyz', 'a', 'the extension names no known format'],
    ['utf16.csv', Buffer.from([0xff, 0xfe, 0x61, 0]), 'UTF-16'],
    ['latin.csv', Buffer.from('time,Temp \xb0C\n2024-01-01,1\n', 'latin1'), 'iconv'],
    ['binary.csv', Buffer.from([0x61, 0, 0x62]), 'binary'],
    ['column.csv', 'alone\n1\n', 'one column'],
    ['headless.csv', '2024-01-01,1,2,3,4\n', 'the first row is data'],
    ['twice.csv', 'time,a,a\n2024-01-01,1,2\n', 'appears twice'],
    ['times.csv', 'name,value\nx,1\ny,2\n', 'the time "x" cannot be read'],
    ['pretty.json', '[\n{"ts":1}\n]\n', "jq -c '.[]'"],
    ['notjson.ndjson', 'a,b\n1,2\n', 'one JSON value a line'],
  ])('%s', async (name, content, message) => {
    const path = content === undefined ? `/nonexistent/${name}` : write(name, content)
    const error = await readFiles({ paths: [path] }).then(
      () => undefined,
      (thrown: Error) => JSON.stringify(thrown, ['problems', 'path', 'expected', 'hint']) + thrown.message,
    )
    expect(error).toContain(message)
    expect(error).toContain(name)
  })

  test('all of them are told at once, with columns that exist nowhere', async () => {
    const paths = [write('e1.csv', ''), write('e2.xyz', 'a')]
    await expect(readFiles({ paths })).rejects.toMatchObject({ problems: [{ path: paths[0] }, { path: paths[1] }] })
    const csv = write('known.csv', 'timestamp,a,b\n2024-01-01,1,2\n')
    await expect(readFiles({ paths: [csv], ignore: ['c'] })).rejects.toThrow('no file has a column "c"')
    await expect(readFiles({ paths: [csv, csv] })).rejects.toThrow('the file is named twice')
    await expect(readFiles({ paths: [csv], time: 'when' })).rejects.toThrow('there is no column "when"')
  })

  test('a damaged gzip file fails with its name', async () => {
    const path = write('cut.csv.gz', `timestamp,value\n${'2024-01-01,1\n'.repeat(200_000)}`)
    truncateSync(path, 1_200)
    await expect(readFiles({ paths: [path] })).rejects.toMatchObject({
      code: 'read',
      message: expect.stringContaining('damaged'),
    })
  })
})

describe('positions', () => {
  const rows = (from: number, count: number) =>
    Array.from({ length: count }, (_, row) => `${1_700_000_000_000 + from + row},${from + row}\n`).join('')

  test.each(['', '.gz'])('a restart goes on at the row where it stood%s', async (gz) => {
    const path = write(`resume.csv${gz}`, `timestamp,value\n${rows(0, 60_000)}`)
    const whole = await readFiles({ paths: [path] })
    expect(whole.readings).toHaveLength(60_000)
    expect(whole.positions.length).toBeGreaterThan(2)
    for (const [index, position] of whole.positions.entries()) {
      const rest = await readFiles({ paths: [path] }, { positions: position })
      const done = whole.records.slice(0, index + 1).reduce((sum, { bytes }) => sum + countLines(bytes), 0)
      expect(rest.readings).toHaveLength(60_000 - done)
      expect(rest.readings.at(0)).toEqual(whole.readings.at(done))
      expect(rest.readings.at(-1)).toEqual(done === 60_000 ? undefined : whole.readings.at(-1))
    }
  })

  test('what was appended since is read, a file that shrank is read anew with a warning', async () => {
    const path = write('grow.csv', `timestamp,value\n${rows(0, 10)}`)
    const position = (await readFiles({ paths: [path] })).positions.at(-1)!
    appendFileSync(path, rows(10, 2))
    const more = await readFiles({ paths: [path] }, { positions: position })
    expect(more.readings.map(([, , value]) => value)).toEqual([10, 11])
    truncateSync(path, 40)
    const anew = await readFiles({ paths: [path] }, { positions: position })
    expect(anew.readings.length).toBeGreaterThan(0)
    expect(anew.warnings).toHaveLength(1)
  })
})

test('speed paces rows by event time and is stopped at once', async () => {
  const path = write(
    'paced.csv',
    'timestamp,value\n1700000000000,1\n1700000000000,2\n1700000060000,3\n1700000120000,4\n',
  )
  const arrivals: [rows: number, atMs: number][] = []
  const began = performance.now()
  const clock = { now: () => Math.floor(performance.now()) }
  await readFiles(
    { paths: [path], speed: 1_200 },
    {
      clock,
      deliver: async ({ records }) => {
        arrivals.push([Buffer.from(records[0]!.bytes).toString().split('\n').length - 1, performance.now() - began])
      },
    },
  )
  expect(arrivals.map(([rows]) => rows)).toEqual([2, 1, 1])
  expect(arrivals[1]![1]).toBeGreaterThanOrEqual(45)
  expect(arrivals[2]![1]).toBeGreaterThanOrEqual(95)
  const source = new FileSource('slow', { paths: [path], speed: 0.001 })
  let delivered = 0
  const nothing = () => undefined
  await source.start({
    clock,
    log: silentLog,
    positions: {},
    deliver: async () => void delivered++,
    revoked: nothing,
    connected: nothing,
    lag: nothing,
    failed: nothing,
  })
  await expect.poll(() => delivered).toBe(1)
  await source.stop()
  await source.finished
  expect(delivered).toBe(1)
})

import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { type Run, run } from '../run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-replay-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string): string => join(folder, name)

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(file(name), content)
  return file(name)
}

const startMs = Date.UTC(2024, 0, 1)

/** A calm rhythm with a little noise from a fixed sequence, and a jump of 40 from row 1,500 to 1,600. */
function value(row: number, channel = 0): string {
  const noise = ((row * 7919 + channel * 104_729) % 1_000) / 1_000
  const fault = row >= 1_500 && row < 1_600 && channel === 0 ? 40 : 0
  return (20 + channel + 3 * Math.sin(row / 30) + noise + fault).toFixed(3)
}

const time = (row: number): string => new Date(startMs + row * 60_000).toISOString()
const rows = (count: number, row: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${row(index)}\n`).join('')

const single = (count: number): string => `timestamp,value\n${rows(count, (row) => `${time(row)},${value(row)}`)}`

const replay = (...args: string[]): Promise<Run> => run('replay', ...args)

const cells = (path: string): string[][] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))

describe('the score file', () => {
  test('has one row per row of input in its order, learns where told and raises an alarm at the fault', async () => {
    const input = write('oven.csv', single(2_000))
    const run = await replay(
      input,
      '--learn-rows',
      '800',
      '--out',
      file('oven-scores.csv'),
      '--alarms',
      file('oven-alarms.csv'),
    )
    expect(run).toMatchObject({ exitCode: 0, err: '' })
    const [header, ...scores] = cells(file('oven-scores.csv'))
    expect(header?.join()).toBe('timestamp,sensor,value,expected,lower,upper,residual,score,alarm,quality')
    expect(scores).toHaveLength(2_000)
    expect(scores.map(([at]) => at)).toEqual(Array.from({ length: 2_000 }, (_, row) => time(row)))
    expect(scores.map(([, sensor]) => sensor).every((sensor) => sensor === 'oven')).toBe(true)
    for (const row of scores.slice(0, 800)) expect(row.slice(7)).toEqual(['0', '0', 'learning'])
    expect(scores.slice(800).some((row) => row[9] === 'learning' || row[9] === 'warmup')).toBe(false)
    const alarms = scores.flatMap((row, index) => (row[8] === '1' ? [index] : []))
    expect(alarms[0]).toBeGreaterThanOrEqual(1_500)
    expect(alarms[0]).toBeLessThan(1_600)
    expect(cells(file('oven-alarms.csv'))[1]?.[6]).toBe('unack')
    expect(run.out).toMatch(/rows +2,000 of 1 sensor/)
    expect(run.out).toMatch(/learning +800/)
  }, 60_000)

  test('is the same byte for byte in a second run, from a compressed file, and from rows in long form', async () => {
    const text = single(1_800)
    const long = text.replace('timestamp,', 'timestamp,sensor,').replaceAll('Z,', 'Z,line-1,')
    const inputs = [write('line-1.csv', text), write('line-1.csv.gz', gzipSync(text)), write('long.csv', long)]
    const outputs: string[] = []
    for (const [index, input] of [...inputs, inputs[0]!].entries()) {
      const [out, alarms] = [file(`same-${index}.csv`), file(`same-${index}.alarms.ndjson`)]
      expect(await replay(input, '--learn-rows', '700', '--out', out, '--alarms', alarms)).toMatchObject({
        exitCode: 0,
      })
      outputs.push(readFileSync(out, 'utf8') + readFileSync(alarms, 'utf8'))
    }
    expect(new Set(outputs).size).toBe(1)
  }, 60_000)

  test('of a wide file has the cells of a row in column order, an empty cell being a bad row', async () => {
    const input = write(
      'wide.csv',
      `time,a,note,b\n${rows(600, (row) => `${time(row)},${value(row)},x,${row === 5 ? '' : value(row, 1)}`)}`,
    )
    const run = await replay(input, '--ignore', 'note', '--out', file('wide.out.csv'), '--json')
    expect(run.exitCode).toBe(0)
    const scores = cells(file('wide.out.csv')).slice(1)
    expect(scores.slice(0, 4).map(([, sensor]) => sensor)).toEqual(['a', 'b', 'a', 'b'])
    expect(scores).toHaveLength(1_200)
    expect(scores[11]).toEqual([time(5), 'b', '', '', '', '', '', '0', '0', 'bad'])
    expect(JSON.parse(run.out)).toMatchObject({
      rows: 1_200,
      sensors: 2,
      notScored: { bad: 1 },
      unreadable: { count: 0 },
    })
  }, 60_000)

  test('keeps duplicates, late rows and unreadable values, and tells unreadable rows by their line', async () => {
    const text = `timestamp,value\n${time(0)},1\n${time(0)},2\n${time(2)},NaN\n${time(1)},3\nsoon,4\n1,2,3\n${time(3)},1000000000\n`
    const run = await replay(write('odd.csv', text), '--out', file('odd.out.csv'), '--json')
    const scores = cells(file('odd.out.csv')).slice(1)
    expect(scores.map((row) => [row[2], row[9]])).toEqual([
      ['1', 'warmup'],
      ['2', 'duplicate'],
      ['', 'bad'],
      ['3', 'late'],
      ['1000000000', 'warmup'],
    ])
    for (const row of scores.slice(1, 4)) expect(row.slice(3, 7)).toEqual(['', '', '', ''])
    expect(JSON.parse(run.out).unreadable).toMatchObject({
      count: 2,
      byReason: { bad_time: 1, malformed: 1 },
      rows: [
        { line: 6, reason: 'bad_time' },
        { line: 7, reason: 'malformed' },
      ],
    })
    const people = await replay(file('odd.csv'))
    expect(people.out).toContain('odd.csv:6  bad_time: the time "soon" cannot be read')
  }, 60_000)

  test('takes times in 1970 and tomorrow as they are: a replay has no clock', async () => {
    const text = `timestamp,value\n1970-01-01,1\n${new Date(Date.now() + 86_400_000).toISOString()},2\n`
    await replay(write('times.csv', text), '--out', file('times.out.ndjson'))
    const lines = readFileSync(file('times.out.ndjson'), 'utf8').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).quality)).toEqual(['warmup', 'warmup'])
  }, 60_000)

  test('learns until a time, in the zone of the files', async () => {
    const text = `timestamp,value\n${rows(40, (row) => `2024-07-01 ${String(Math.floor(row / 2)).padStart(2, '0')}:${row % 2 ? '30' : '00'}:00,${value(row)}`)}`
    const args = ['--timezone', 'Europe/Berlin', '--learn-until', '2024-07-01 10:00:00', '--out', file('zone.out.csv')]
    await replay(write('zone.csv', text), ...args)
    const scores = cells(file('zone.out.csv')).slice(1)
    expect(scores[0]?.[0]).toBe('2024-06-30T22:00:00.000Z')
    const learned = scores.filter((row) => row[9] === 'learning')
    expect(learned.every((row) => row[0]! < '2024-07-01T08:00:00.000Z')).toBe(true)
    expect(learned).toHaveLength(20)
  }, 60_000)
})

describe('the columns of one machine, as an asset', () => {
  const wide = `timestamp,a,b,c,label\n${rows(1_700, (row) => [time(row), value(row), value(row, 1), row % 400 === 5 ? '' : value(row, 2), 0].join())}`

  test('get one row and one score a tick, with the channels that carry it, and one alarm', async () => {
    const input = write('press.csv', wide)
    const args = ['--as', 'asset', '--learn-rows', '500', '--ignore', 'label', '--alarms', file('press.alarms.csv')]
    const run = await replay(input, ...args, '--out', file('press.out.csv'))
    expect(run.exitCode).toBe(0)
    expect(run.out).toContain('1,700 of the asset press, 3 channels')
    const [header, ...scores] = cells(file('press.out.csv'))
    expect(header).toEqual(['timestamp', 'asset', 'score', 'alarm', 'quality', 'top_channels'])
    expect(scores.map(([at]) => at)).toEqual(Array.from({ length: 1_700 }, (_, row) => time(row)))
    expect(
      scores
        .slice(0, 500)
        .every(([, asset, score, , quality]) => asset === 'press' && score === '0' && quality === 'learning'),
    ).toBe(true)
    expect(scores.slice(500).every(([, , , , quality]) => quality === 'good')).toBe(true)
    expect(
      scores
        .slice(1_502, 1_600)
        .every(([, , score, alarm, , top]) => Number(score) > 0.5 && alarm === '1' && top!.startsWith('a=')),
    ).toBe(true)
    const raised = cells(file('press.alarms.csv')).filter(([, , , , , , state]) => state === 'unack')
    expect(raised.map(([, , , sensor, asset, kind]) => [sensor, asset, kind])).toContainEqual([
      'press',
      'press',
      'process',
    ])
    const again = await replay(input, ...args, '--out', file('press.again.csv'))
    expect(again.exitCode).toBe(0)
    expect(readFileSync(file('press.again.csv'), 'utf8')).toBe(readFileSync(file('press.out.csv'), 'utf8'))
  }, 60_000)

  test('are objects with names in NDJSON, and count as one in the summary for machines', async () => {
    const run = await replay(
      write('mill.csv', wide),
      '--as',
      'asset',
      '--ignore',
      'label',
      '--json',
      '--out',
      file('mill.ndjson'),
    )
    expect(JSON.parse(run.out)).toMatchObject({ asset: 'mill', rows: 1_700, sensors: 3, warmup: 500, scored: 1_200 })
    const last = JSON.parse(readFileSync(file('mill.ndjson'), 'utf8').trim().split('\n').at(-1)!)
    expect(Object.keys(last)).toEqual(['timestamp', 'asset', 'score', 'alarm', 'quality', 'top_channels'])
    expect(last.top_channels[0]).toEqual({ channel: expect.any(String), share: expect.any(Number) })
  }, 60_000)
})

describe('what is refused', () => {
  test('every wrong option at once, with exit code 2 and nothing written', async () => {
    const args = [
      '--as',
      'machines',
      '--out',
      file('x.parquet'),
      '--learn-rows',
      '0',
      '--sensitivity',
      'max',
      '--adapt',
      'all',
    ]
    const more = [
      '--timezone',
      'Mars',
      '--time-unit',
      'days',
      '--speed',
      '-1',
      '--format',
      'parquet',
      '--learn-until',
      'soon',
    ]
    const run = await replay('s3://bucket/file', 'influxdb://host/db', ...args, ...more)
    expect(run.exitCode).toBe(2)
    for (const word of ['s3://', '--as', '--out', '--learn-rows', '--sensitivity', '--adapt']) {
      expect(run.err).toContain(word)
    }
    for (const word of ['--timezone', '--time-unit', '--speed', '--format', '--learn-until', '11 problems']) {
      expect(run.err).toContain(word)
    }
    expect(existsSync(file('x.parquet'))).toBe(false)
  })

  test('--adapt lets the forecast follow normal readings; without it, and with none, nothing does', async () => {
    const input = write('adapted.csv', single(1_400))
    for (const adapt of ['none', 'scale', 'readout', 'both']) {
      expect(await replay(input, '--adapt', adapt, '--out', file(`${adapt}.csv`))).toMatchObject({ exitCode: 0 })
    }
    await replay(input, '--out', file('usual.csv'))
    const scores = ['usual', 'none', 'scale', 'readout', 'both'].map((name) =>
      readFileSync(file(`${name}.csv`), 'utf8'),
    )
    expect(scores[1]).toBe(scores[0])
    expect(new Set(scores).size).toBe(4)
  })

  test('unknown options and no input are wrong usage, a missing file or model is an operating error', async () => {
    const input = write('ok.csv', single(3))
    expect(await replay(input, '--as', 'machines')).toMatchObject({ exitCode: 2 })
    expect(await replay(input, '--nonsense')).toMatchObject({ exitCode: 2 })
    expect(await replay()).toMatchObject({ exitCode: 2 })
    expect(await replay(file('missing.csv'))).toMatchObject({ exitCode: 1 })
    expect(await replay(input, '--model', 'nobody')).toMatchObject({ exitCode: 1 })
    expect(await replay(input, '--out', join(input, 'scores.csv'))).toMatchObject({ exitCode: 1 })
  })

  test('an output that is an input would be overwritten', async () => {
    const input = write('keep.csv', single(3))
    expect(await replay(input, '--out', input)).toMatchObject({ exitCode: 2 })
    expect(readFileSync(input, 'utf8')).toBe(single(3))
  })

  test('small times without a unit', async () => {
    const input = write('small.csv', 'timestamp,value\n0,1\n1,2\n')
    const run = await replay(input)
    expect(run.exitCode).toBe(2)
    expect(run.err).toContain('--time-unit')
    expect(await replay(input, '--time-unit', 'h')).toMatchObject({ exitCode: 0 })
  })
})

test.skipIf(!existsSync('/dev/full'))(
  'a full disk ends the replay at once with the reason and exit code 1',
  async () => {
    symlinkSync('/dev/full', file('full.csv'))
    const run = await replay(write('much.csv', single(3_000)), '--out', file('full.csv'))
    expect(run).toMatchObject({ exitCode: 1, out: '' })
    expect(run.err).toContain('ENOSPC')
  },
  60_000,
)

test('Ctrl-C ends a paced replay cleanly, with what was done and exit code 130', async () => {
  const input = write('slow.csv', single(100))
  const listeners = process.listenerCount('SIGINT')
  const running = replay(input, '--speed', '1', '--out', file('slow.out.csv'), '--json')
  await expect.poll(() => existsSync(file('slow.out.csv')) && process.listenerCount('SIGINT') > listeners).toBe(true)
  process.emit('SIGINT')
  const run = await running
  expect(run.exitCode).toBe(130)
  const { interrupted, rows: done } = JSON.parse(run.out)
  expect(interrupted).toBe(true)
  expect(done).toBeLessThanOrEqual(1)
  expect(cells(file('slow.out.csv'))).toHaveLength(1 + done)
}, 60_000)

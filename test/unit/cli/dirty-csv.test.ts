import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { run, small } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-dirty-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rowCount = 300
const head = 'timestamp,a,b'
const time = (row: number): string => new Date(Date.UTC(2024, 0, 1) + row * 60_000).toISOString()
const value = (row: number): string => (20 + 3 * Math.sin(row / 30) + ((row * 7_919) % 1_000) / 1_000).toFixed(3)
const line = (row: number): string => `${time(row)},${value(row)},${value(row * 3)}`
const rows = (of: (row: number) => string = line): string[] => Array.from({ length: rowCount }, (_, row) => of(row))
const text = (lines: readonly string[], end = '\n'): string => lines.join(end) + end
const withRow = (at: number, row: string): string => text([head, ...rows((n) => (n === at ? row : line(n)))])
const german = (row: number): string =>
  `${time(row)};${value(row).replace('.', ',')};${value(row * 3).replace('.', ',')}`

/** The local clock of Berlin, which shows the hour from two to three twice in that night. */
function berlin(row: number): string {
  const ms = Date.UTC(2024, 9, 27, 0, 30) + row * 60_000
  const hours = ms < Date.UTC(2024, 9, 27, 1, 0) ? 2 : 1
  return new Date(ms + hours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
}

let files = 0
async function command(content: string | Buffer, name: string, ...more: string[]) {
  const dir = join(folder, `${files++}`)
  const path = `${dir}.csv`
  writeFileSync(path, content)
  const train = ['train', path, '--out', dir, ...small, '--epochs', '1', '--shared']
  const words = {
    train,
    tune: ['tune', path, '--out', dir, ...small, '--epochs', '1', '--vary', 'fit.rate=0.01,0.02', '--method', 'grid'],
    evaluate: ['evaluate', path, '--model', 'base', '--steps', '1'],
    replay: ['replay', path, '--out', `${dir}-scores.csv`, '--json'],
  }
  return { path, dir, ...(await run(...words[name as keyof typeof words], ...more)) }
}

/** Readings that are there, what is said of those that are not learned from, and what else must be the same as in the clean file. */
const works: readonly (readonly [what: string, content: string | Buffer, read: number, leftOut: RegExp | null])[] = [
  ['a byte order mark', `\ufeff${text([head, ...rows()])}`, 600, null],
  ['CRLF', text([head, ...rows()], '\r\n'), 600, null],
  ['semicolons and decimal commas', text(['timestamp;a;b', ...rows(german)]), 600, null],
  ['quotes everywhere', text([head, ...rows()].map((row) => row.replaceAll(/[^,]+/g, '"$&"'))), 600, null],
  ['a comma at the end of each row', text([head, ...rows()].map((row) => `${row},`)), 600, null],
  ['cells that are empty or no number', withRow(50, `${time(50)},,#DIV/0!`), 600, /left out: 2 bad/],
  ['NaN and infinity', withRow(50, `${time(50)},NaN,-inf`), 600, /left out: 2 bad/],
  [
    'NUL bytes in a row',
    withRow(250, '\0\0\0\0'),
    598,
    /1 unreadable\n {2}\S+\.csv:252 {2}malformed: expected 3 cells/,
  ],
  [
    'bytes of Latin-1 in a cell',
    Buffer.from(withRow(50, `${time(50)},20\u00b0,${value(150)}`), 'latin1'),
    600,
    /left out: 1 bad/,
  ],
  ['a quote that never closes', withRow(50, `${time(50)},"20,${value(150)}`), 600, /left out: 1 bad/],
  [
    'rows that come twice',
    text([head, ...rows().flatMap((row, n) => (n === 9 ? [row, row] : [row]))]),
    602,
    /2 duplicate/,
  ],
  [
    'rows out of order',
    text([head, ...rows((n) => line(n === 9 ? 10 : n === 10 ? 9 : n))]),
    600,
    /2 late\n {2}late: times that go back; sort the rows by time/,
  ],
  ['an outlier of 10³⁰', withRow(50, `${time(50)},1e30,-1e30`), 600, /2 absurd/],
  ['a row with a cell too few', withRow(50, `${time(50)},1`), 598, /csv:52 {2}malformed: expected 3 cells, found 2/],
  ['a row with a cell too many', withRow(50, `${line(50)},1`), 598, /csv:52 {2}malformed: expected 3 cells, found 4/],
  [
    'the header twice',
    text([head, ...rows().slice(0, 9), head, ...rows().slice(9)]),
    600,
    /csv:11 {2}bad_time: the time "timestamp"/,
  ],
  ['units below the header', text([head, 'UTC,degC,bar', ...rows()]), 600, /csv:2 {2}bad_time/],
  ['one huge line', withRow(50, `${time(50)},${'9'.repeat(1_000_000)},1`), 600, /left out: 1 bad/],
  ['a constant column', text([head, ...rows((n) => `${time(n)},${value(n)},5`)]), 600, null],
  [
    'a column of thousands with points',
    text(['timestamp;a;b', ...rows((n) => german(n).replace(';', ';1.'))]),
    600,
    /left out: 300 bad\n {2}without a good reading: a \(are its cells plain numbers/,
  ],
]

describe.each(works)('a file with %s', (_, content, read, leftOut) => {
  test('is learned from, and what was left out is told by file and line', async () => {
    const ran = await command(content, 'train')
    expect({ exitCode: ran.exitCode, err: ran.err }).toEqual({ exitCode: 0, err: '' })
    expect(ran.out).toContain(`read ${read} readings: `)
    if (leftOut === null) expect(ran.out).not.toContain('left out')
    else expect(ran.out).toMatch(leftOut)
  })

  test('is replayed, each reading a row', async () => {
    const ran = await command(content, 'replay')
    expect({ exitCode: ran.exitCode, err: ran.err }).toMatchObject({ exitCode: 0 })
    expect(JSON.parse(ran.out)).toMatchObject({ rows: read })
    expect(readFileSync(`${ran.dir}-scores.csv`, 'utf8').trimEnd().split('\n')).toHaveLength(read + 1)
  })
})

test('the forms of a clean file teach the same weights', async () => {
  const weights = async (content: string): Promise<string> => {
    const { dir } = await command(content, 'train')
    return readFileSync(join(dir, 'weights.safetensors')).toString('base64')
  }
  const clean = await weights(text([head, ...rows()]))
  for (const [what, content, , leftOut] of works.slice(0, 5)) {
    expect(leftOut, what).toBeNull()
    expect(await weights(String(content)), what).toBe(clean)
  }
})

test('the hour that a clock repeats is left out where it cannot be told, and the way out is said', async () => {
  const content = text([head, ...rows((n) => `${berlin(n)},${value(n)},1`)])
  const { exitCode, out } = await command(content, 'train', '--timezone', 'Europe/Berlin')
  expect(exitCode).toBe(0)
  expect(out).toMatch(/left out: .* late\n {2}late: .*write the hour that a clock repeats in UTC/)
})

const refused: readonly (readonly [what: string, content: string | Buffer, exitCode: number, says: RegExp])[] = [
  ['nothing', '', 2, /the file is empty\n\s+export it again/],
  ['line breaks alone', '\n\n\n', 2, /has one column; expected a time and at least one value/],
  ['a header alone', `${head}\n`, 1, /no good reading in .*: mend what was left out/],
  ['one row', text([head, line(0)]), 1, /a: no good reading in the training part; give more history/],
  ['lines that end in CR', text([head, ...rows()], '\r'), 2, /its lines end in CR alone\n\s+write them with LF: tr/],
  ['UTF-16', Buffer.from(`\ufeff${text([head, ...rows()])}`, 'utf16le'), 2, /UTF-16\n\s+make it UTF-8 with: iconv/],
  [
    'NUL bytes in its header',
    text(['timestamp,a\0,b', ...rows()]),
    2,
    /binary, not text\n\s+export it as CSV in UTF-8/,
  ],
  ['a header in Latin-1', Buffer.from('timestamp,\u00b0C\n', 'latin1'), 2, /header is not UTF-8\n\s+convert it.*iconv/],
  ['a remark before the header', text(['# from the historian', head, ...rows()]), 2, /nothing before the header/],
  ['one column', text(['a', ...rows(value)]), 2, /one column; expected a time/],
  ['one line of a million bytes', 'x'.repeat(1_000_000), 2, /the header "x{40}" has one column/],
  ['a column twice', text(['timestamp,a,a', ...rows()]), 2, /"a" appears twice; rename one/],
  ['times of another form', text([head, ...rows((n) => `01/02/2024 00:${n},1,2`)]), 2, /write times as 2024-01-31T13/],
  [
    'texts alone',
    text([head, ...rows((n) => `${time(n)},x,y`)]),
    1,
    /without a good reading: a, b .*\n.*no good reading in/,
  ],
  [
    'the last row first',
    text([head, ...rows().toReversed()]),
    1,
    /598 late\n.*sort the rows by time.*\n[\s\S]*a: no good reading/,
  ],
]

describe.each(refused)('a file that holds %s', (_, content, exitCode, says) => {
  test.each(['train', 'tune', 'evaluate'])('is named by %s, with what to do', async (name) => {
    const ran = await command(content, name)
    expect({ exitCode: ran.exitCode, err: ran.err }).toMatchObject({ exitCode })
    expect(ran.err).toContain(ran.path)
    expect(ran.err).toMatch(says)
    expect(ran.err).not.toMatch(/a bug of residua|\n\s+at /)
  })
})

test('evaluate says what it leaves out before it judges', async () => {
  const ran = await command(withRow(50, `${time(50)},1`), 'evaluate')
  expect(ran).toMatchObject({
    exitCode: 0,
    err: expect.stringMatching(/^left out: 1 unreadable\n {2}\S+csv:52 {2}malformed/),
  })
})

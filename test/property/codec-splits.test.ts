import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countLines, readBlocks } from '../../src/adapters/file/blocks.ts'
import { rowEndOf } from '../../src/adapters/file/format.ts'
import { CsvDecoder } from '../../src/codec/csv.ts'
import { createDecoder } from '../../src/codec/decoder.ts'
import { codecOptions, codecTypes } from '../../src/codec/options.ts'
import type { Decoder } from '../../src/domain/record.ts'
import { type Collected, collect } from '../unit/codec/collect.ts'

const header = Buffer.from('timestamp,sensor,value')

/** Cuts bytes into chunks of the given sizes, over and over. */
async function* chunked(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function decodeInBlocks(bytes: Buffer, sizes: readonly number[], decoder: Decoder, csv: boolean) {
  const all: Collected = { readings: [], labels: [], rejects: [], details: [], parts: [] }
  const rowEnd = rowEndOf(csv ? 'csv' : 'ndjson', 44)
  let nextByte = 0
  let nextLine = 2
  for await (const block of readBlocks(chunked(bytes, sizes), { line: 2, byte: 0 }, rowEnd)) {
    expect(block.line).toBe(nextLine)
    nextByte += block.bytes.length
    nextLine += countLines(block.bytes)
    expect([block.nextByte, block.nextLine]).toEqual([nextByte, nextLine])
    const extra = { line: block.line, topic: 'f.csv', ...(csv ? { header } : {}) }
    const found = collect(decoder, block.bytes, extra)
    all.readings.push(...found.readings)
    all.rejects.push(...found.rejects)
  }
  expect(nextByte).toBe(bytes.length)
  return all
}

/** Text that is mostly rows and sometimes anything: quotes, blanks, line ends, other alphabets. */
const cell = fc.oneof(
  fc.integer({ min: -5, max: 2_000_000_000 }).map(String),
  fc.constantFrom('a', '"b,c"', '"d\ne"', '"f""g"', '"open', 'x"y', '', ' ', 'ü€', '1e999', 'NaN', '"\r\n"'),
)
const csvText = fc
  .array(fc.tuple(fc.array(cell, { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\r\n')), { maxLength: 40 })
  .map((rows) => rows.map(([cells, end]) => cells.join(',') + end).join(''))
const sizes = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 })

describe('any cut of a file into blocks gives the same readings', () => {
  test('of CSV, quoted line breaks and lost quotes included', async () => {
    await fc.assert(
      fc.asyncProperty(csvText, sizes, async (text, cuts) => {
        const bytes = Buffer.from(text)
        const whole = await decodeInBlocks(bytes, [bytes.length + 1], new CsvDecoder({}), true)
        const cut = await decodeInBlocks(bytes, cuts, new CsvDecoder({}), true)
        expect(cut).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })

  test('of CSV whose lost quote is followed by more rows than the look ahead', async () => {
    const rows = Array.from({ length: 3_000 }, (_, row) => `${row},s,${row}\n`).join('')
    for (const lost of [`1,"lost,2\n${rows}`, `${rows}1,"lost,2\n${rows}9,"late",1\n${rows}`]) {
      const bytes = Buffer.from(lost)
      const whole = await decodeInBlocks(bytes, [bytes.length], new CsvDecoder({}), true)
      expect(whole.readings.length).toBeGreaterThan(2_990)
      for (const size of [1_000, 4_096, 9_000]) {
        expect(await decodeInBlocks(bytes, [size], new CsvDecoder({}), true)).toEqual(whole)
      }
    }
  })

  test('of NDJSON and line protocol', async () => {
    const line = fc.constantFrom(
      '{"sensor":"a","ts":1,"value":2}',
      '[{"ts":1,"value":1},{}]',
      'm,sensor=s value=1 5',
      'm f="x y",value=3',
      'broken',
      '',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 40 }), sizes, async (lines, cuts) => {
        const bytes = Buffer.from(lines.join('\n'))
        for (const type of ['json', 'line-protocol'] as const) {
          const decoder = () => createDecoder(codecOptions.parse({ type }))
          const whole = await decodeInBlocks(bytes, [bytes.length + 1], decoder(), false)
          expect(await decodeInBlocks(bytes, cuts, decoder(), false)).toEqual(whole)
        }
      }),
    )
  })
})

describe('no codec ever throws', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
    fc.json({ depthSize: 'large' }).map((text) => Buffer.from(text)),
    fc.stringMatching(/^[a-z0-9,= "\\\n\t;.:{}[\]-]{0,200}$/).map((text) => Buffer.from(text)),
    csvText.map((text) => Buffer.from(text)),
  )

  test.each(codecTypes)('%s takes any bytes, as a message and as lines of a file', (type) => {
    const decoder = createDecoder(codecOptions.parse({ type }), { path: 'plant/{a}/+/#', topics: true })
    fc.assert(
      fc.property(hostile, (bytes) => {
        for (const record of [{}, { line: 7, topic: 'x.csv', header }, { topic: '' }]) {
          for (const [sensor, timeMs, value] of collect(decoder, bytes, record).readings) {
            expect(sensor).not.toBe('')
            expect(timeMs === undefined || Number.isInteger(timeMs)).toBe(true)
            expect(value === Infinity || value === -Infinity).toBe(false)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('a mapped JSON codec takes any JSON', () => {
    const options = { type: 'json', value: '$[0].v', time: '$.a["b c"]', sensor: '$', quality: '$.q.r' }
    const decoder = createDecoder(codecOptions.parse(options))
    fc.assert(fc.property(fc.json(), (text) => void collect(decoder, text)))
  })
})

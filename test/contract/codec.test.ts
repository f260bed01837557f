import { describe, expect, test } from 'vitest'
import { createDecoder } from '../../src/codec/decoder.ts'
import { type CodecOptions, codecOptions, codecTypes } from '../../src/codec/options.ts'
import { bad, collect, good } from '../unit/codec/collect.ts'

/** What every codec must be able to say, in its own words. */
interface Case {
  readonly options: Record<string, unknown>
  /** One reading of `s1` at 1700000000000 with the value 12.5. */
  readonly one: string
  /** The same reading at that moment's nanosecond 999999, where the form can say it; the millisecond must stay. */
  readonly finer: string
  /** A reading of `s1` whose value is no number, and one of 10⁹ in 1970. */
  readonly noValue: string
  readonly early: string
  /** A good reading, something broken, a good reading. */
  readonly mixed: string
  readonly broken: readonly string[]
}

const cases: Readonly<Record<(typeof codecTypes)[number], Case>> = {
  json: {
    options: {},
    one: '{"sensor":"s1","ts":1700000000000,"value":12.5}',
    finer: '{"sensor":"s1","ts":1700000000000.999,"value":12.5}',
    noValue: '{"sensor":"s1","ts":1700000000000,"value":null}',
    early: '{"sensor":"s1","ts":1,"value":1e9}',
    mixed: '[{"sensor":"s1","ts":1,"value":1},{"sensor":"s1","ts":2},{"sensor":"s1","ts":3,"value":3}]',
    broken: ['', '{"sensor":', 'NaN', '{"sensor":"s1","ts":"yesterday","value":1}', '{"sensor":"s1"}'],
  },
  'line-protocol': {
    options: {},
    one: 'm,sensor=s1 value=12.5 1700000000000000000',
    finer: 'm,sensor=s1 value=12.5 1700000000000999999',
    noValue: 'm,sensor=s1 value="off" 1700000000000000000',
    early: 'm,sensor=s1 value=1e9 1000000',
    mixed: 'm,sensor=s1 value=1 1000000\nm,sensor=s1\nm,sensor=s1 value=3 3000000',
    broken: ['m', 'm value', 'm,sensor=s1 value=1 yesterday', 'm,sensor= value=1', 'm text="x"'],
  },
  csv: {
    options: {},
    one: 'timestamp,sensor,value\n1700000000000,s1,12.5',
    finer: 'timestamp,sensor,value\n1700000000000.999999,s1,12.5',
    noValue: 'timestamp,sensor,value\n1700000000000,s1,off',
    early: 'timestamp,sensor,value\n1,s1,1e9',
    mixed: 'timestamp,sensor,value\n1,s1,1\nyesterday,s1,2\n3,s1,3',
    broken: ['one', 'timestamp,sensor,value\n1,s1', 'timestamp,sensor,value\nyesterday,s1,2', 'timestamp,a,a\n1,2,3'],
  },
}

const now = 1_700_000_000_000

describe.each(codecTypes)('the %s codec', (type) => {
  const { options, one, finer, noValue, early, mixed, broken } = cases[type]
  const parsed = (): CodecOptions => codecOptions.parse({ type, ...options })
  const decoder = createDecoder(parsed())

  test('reads one reading', () => {
    expect(collect(decoder, one).readings).toEqual([['s1', now, 12.5, good]])
  })

  test('floors a finer time to its millisecond', () => {
    expect(Math.floor(collect(decoder, finer).readings[0]?.[1] ?? 0)).toBe(now)
  })

  test('gives a value that is no number as a bad reading, so that its row stays', () => {
    expect(collect(decoder, noValue).readings).toEqual([['s1', now, Number.NaN, bad]])
  })

  test('judges neither a time in 1970 nor a value of 10⁹: that is the core’s', () => {
    expect(collect(decoder, early).readings).toEqual([['s1', 1, 1e9, good]])
  })

  test('refuses the broken part of a record only', () => {
    const found = collect(decoder, mixed)
    expect(found.readings.map(([, time]) => time)).toEqual([1, 3])
    expect(found.rejects).toHaveLength(1)
  })

  test.each(broken)('refuses %j with a reason and a sentence', (text) => {
    const found = collect(decoder, text)
    expect(found.readings).toEqual([])
    expect(found.rejects).toHaveLength(1)
    expect(found.details[0]).toMatch(/\w/)
  })

  test('labels readings by the levels of their topic', () => {
    const labelled = createDecoder(parsed(), { path: 'plant/{area}/+/{measurement}' })
    expect(collect(labelled, one).labels).toEqual([{ area: 'hall', measurement: 'temp' }])
  })

  test('survives a record of four megabytes', () => {
    const found = collect(decoder, 'x'.repeat(4 * 1024 * 1024))
    expect(found.readings).toEqual([])
    expect(found.rejects.length).toBeGreaterThan(0)
  })
})

test('unknown codecs, unknown keys and paths that are none are refused by the schema', () => {
  const refused = [
    { type: 'avro' },
    { type: 'json', valu: '$.v' },
    { type: 'json', value: 'v' },
    { type: 'json', value: '$.a..b' },
    { type: 'csv', timezone: 'Mars/Olympus' },
    { type: 'line-protocol', precision: 'h' },
  ]
  for (const options of refused) expect(codecOptions.safeParse(options).success).toBe(false)
  expect(codecOptions.parse(undefined)).toEqual({ type: 'json', timeUnit: 'ms' })
})

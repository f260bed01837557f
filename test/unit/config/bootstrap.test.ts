import { expect, test } from 'vitest'
import { ConfigurationError } from '../../../src/base/errors.ts'
import { effectiveConfig } from '../../../src/config/effective.ts'
import { historyAddress } from '../../../src/config/history-address.ts'
import { parseConfig } from '../../../src/config/parse.ts'
import { momentMs } from '../../../src/config/schema.ts'
import { tables } from './tables.ts'

const source = 'sources: [{ type: mqtt, url: "mqtt://broker", topics: ["a/#"] }]\n'

function bootstrapOf(text: string) {
  return parseConfig(`${source}bootstrap: ${text}\n`, tables).bootstrap
}

function mistakesOf(text: string): string[] {
  try {
    bootstrapOf(text)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.problems.map(({ line, path, expected }) => `${line} ${path}: ${expected}`)
  }
}

test('a history is named in one line, as files, or by type', () => {
  expect(bootstrapOf('{ from: a.csv }')?.from.options).toEqual({ type: 'file', paths: ['a.csv'] })
  expect(bootstrapOf('{ from: [a.csv, b.csv], since: 30d }')).toEqual({
    from: { name: 'bootstrap', type: 'file', options: { type: 'file', paths: ['a.csv', 'b.csv'] } },
    since: '30d',
    onFailure: 'stop',
  })
  const kafka = { type: 'kafka', brokers: ['k1:9092', 'k2:9093'], topics: ['readings'] }
  expect(bootstrapOf('{ from: "kafka://k1,k2:9093/readings", onFailure: continue }')?.from.options).toEqual(kafka)
  expect(bootstrapOf(`{ from: ${JSON.stringify(kafka)} }`)?.from.options).toEqual(kafka)
})

test('the effective configuration is written so that it can be read again', () => {
  const config = parseConfig(`${source}bootstrap: { from: "kafka://k/t", until: "2026-01-01" }`, tables)
  const written = effectiveConfig(config, tables)['bootstrap']
  expect(written).toEqual({
    from: { type: 'kafka', brokers: ['k:9092'], topics: ['t'] },
    until: '2026-01-01',
    onFailure: 'stop',
  })
  expect(bootstrapOf(JSON.stringify(written))).toEqual(config.bootstrap)
})

test.each([
  [
    '{}',
    [
      '2 bootstrap.from: missing: expected files, kafka://HOST/TOPIC, influxdb://HOST/DATABASE?query=…, or a group of keys with a type',
    ],
  ],
  [
    '{ from: [] }',
    [
      '2 bootstrap.from: expected files, kafka://HOST/TOPIC, influxdb://HOST/DATABASE?query=…, or a group of keys with a type',
    ],
  ],
  ['{ from: "ftp://h/x" }', ['2 bootstrap.from: ftp:// is not read; there are files, kafka:// and influxdb://']],
  [
    '{ from: "kafka://k" }',
    ['2 bootstrap.from: expected kafka://HOST:9092/TOPIC, several hosts or topics separated by commas'],
  ],
  [
    '{ from: [a.csv, "kafka://k/t"] }',
    ['2 bootstrap.from: expected one address alone: its readings have no order with others'],
  ],
  ['{ from: "kafka://me:secret@k/t" }', ['2 bootstrap.from: expected an address without user and password']],
  [
    '{ from: { type: kafka, brokers: [k], topics: [t], password: hunter2 } }',
    [
      '2 bootstrap.from.brokers[0]: expected HOST:PORT',
      '2 bootstrap.from.password: expected a reference to a secret, ${ENV_NAME} or file:PATH, never the secret itself',
    ],
  ],
  [
    '{ from: a.csv, since: yesterday, learnRows: 3, onFailure: weep }',
    [
      '2 bootstrap.since: expected a duration before the start such as 30d, or a time such as 2026-01-31T00:00:00Z',
      '2 bootstrap.learnRows: expected at least 200',
      '2 bootstrap.onFailure: expected stop or continue',
    ],
  ],
])('what is wrong with %s is told with its place', (text, mistakes) => {
  expect(mistakesOf(text)).toEqual(mistakes)
})

test('an address of InfluxDB carries its query', () => {
  expect(historyAddress(['influxdb://h/plant?query=SELECT value FROM t WHERE x = 1'])).toEqual({
    options: { type: 'influxdb', url: 'http://h:8086', database: 'plant', query: 'SELECT value FROM t WHERE x = 1' },
  })
  expect(historyAddress(['influxdb://h:1/plant?query=q&tls=true'])).toEqual({
    options: { type: 'influxdb', url: 'https://h:1', database: 'plant', query: 'q' },
  })
  expect(historyAddress(['influxdb://h/plant'])).toMatchObject({ expected: expect.stringContaining('?query=SELECT') })
  expect(historyAddress(['influxdb://h/plant?q=x'])).toMatchObject({
    expected: "'q' is no parameter of it; there are query, tls",
  })
})

test('a moment is so long before the start, or a time', () => {
  expect([momentMs('1d', 86_400_000 * 3), momentMs('2026-01-01', 5), momentMs('soon', 5)]).toEqual([
    86_400_000 * 2,
    Date.UTC(2026, 0, 1),
    undefined,
  ])
})

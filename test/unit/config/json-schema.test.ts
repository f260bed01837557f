import { expect, test } from 'vitest'
import { z } from 'zod'
import { configJsonSchema } from '../../../src/config/json-schema.ts'
import { tables } from './tables.ts'

function accepts(value: unknown): boolean {
  return z.fromJSONSchema(configJsonSchema(tables) as never).safeParse(value).success
}

const source = { type: 'mqtt', name: 'hall', url: 'mqtt://broker', topics: ['a/#'], keepAlive: '30s' }

test('the schema accepts what the file may say, names of sources and sinks included', () => {
  expect(accepts({ sources: [source] })).toBe(true)
  expect(
    accepts({
      sources: [source],
      sinks: [{ type: 'webhook', url: 'http://a', secret: '${HOOK}', spillLimit: '64MiB' }],
      deadLetter: { type: 'file', path: 'dead.ndjson' },
      sensors: [{ match: '**', silentAfter: 'never', alarm: { delayOn: '30s' } }],
      server: { host: '0.0.0.0', auth: 'none' },
      minTime: '2010-01-01',
    }),
  ).toBe(true)
})

test('the schema refuses unknown keys, wrong types and secrets written out', () => {
  expect(accepts({})).toBe(false)
  expect(accepts({ sources: [source], serverr: {} })).toBe(false)
  expect(accepts({ sources: [{ ...source, keepAlive: 30 }] })).toBe(false)
  expect(accepts({ sources: [{ ...source, password: 'hunter2' }] })).toBe(false)
  expect(accepts({ sources: [{ ...source, type: 'kafk' }] })).toBe(false)
})

test('the schema is for editors: it explains durations and secrets, and has no keyword that they do not know', () => {
  const text = JSON.stringify(configJsonSchema(tables))
  expect(text).toContain('A duration with its unit')
  expect(text).toContain('A reference to a secret')
  expect(text).not.toMatch(/"(unit|secret)":"?(duration|bytes|true)/)
})

import { expect, test } from 'vitest'
import { effectiveYaml } from '../../../src/config/effective.ts'
import { parseConfig } from '../../../src/config/parse.ts'
import { tables } from './tables.ts'

const text = `plant: north
sources: [{ type: mqtt, url: "mqtt://b", topics: [a] }]
sinks: [{ type: webhook, url: "http://a", secret: "\${HOOK}", spillLimit: 64MiB, batchDelay: 1500ms }]
deadLetter: { type: file, path: dead.ndjson }
sensors: [{ match: "**", silentAfter: never }]
minTime: 2010-01-01
`

test('the effective configuration has every default with its unit, and secrets only as references', () => {
  const yaml = effectiveYaml(parseConfig(text, tables), tables)
  for (const line of [
    'keepAlive: 30s',
    'secret: ${HOOK}',
    'spillLimit: 64MiB',
    'batchDelay: 1500ms',
    'maxFuture: 5m',
  ]) {
    expect(yaml).toContain(line)
  }
})

test('the effective configuration is itself a configuration, and the same one', () => {
  const config = parseConfig(text, tables)
  expect(parseConfig(effectiveYaml(config, tables), tables)).toEqual(config)
})

import { expect, test } from 'vitest'
import { mqttSinkOptions, mqttSourceOptions } from '../../../../src/adapters/mqtt/options.ts'
import { mqttSink } from '../../../../src/adapters/mqtt/sink.ts'

const source = { type: 'mqtt', url: 'mqtts://broker:8883', topics: ['plant/+/+/+'] }

test('the shortest source is enough: version 5, QoS 1, a session that survives a restart', () => {
  expect(mqttSourceOptions.parse(source)).toMatchObject({
    protocolVersion: 5,
    qos: 1,
    persistent: true,
    sessionExpiry: 86_400_000,
    codec: { type: 'json' },
  })
})

test('a sink publishes alarms, and scores only when asked', () => {
  const settings = (input: object) =>
    mqttSink.create('m', mqttSinkOptions.parse({ type: 'mqtt', url: 'mqtt://broker', ...input })).settings
  expect(settings({})).toMatchObject({ alarms: true, scores: 'none', policy: 'spill' })
  expect(settings({ scores: 'all' })).toMatchObject({ scores: 'all' })
})

test('mistakes are refused', () => {
  for (const mistake of [
    { url: 'http://broker' },
    { url: 'broker:1883' },
    { url: 'mqtt://user:secret@broker' },
    { topics: [] },
    { topics: ['a/#/b'] },
    { qos: 3 },
    { protocolVersion: 3 },
    { password: 'plain text' },
    { topcis: ['a'] },
  ]) {
    expect(mqttSourceOptions.safeParse({ ...source, ...mistake }).success).toBe(false)
  }
})

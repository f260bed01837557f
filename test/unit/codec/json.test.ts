import { describe, expect, test } from 'vitest'
import { createDecoder } from '../../../src/codec/decoder.ts'
import { codecOptions } from '../../../src/codec/options.ts'
import { bad, collect, good, uncertain } from './collect.ts'

const decoder = (options: Record<string, unknown> = {}, source: { path?: string; topics?: boolean } = {}) =>
  createDecoder(codecOptions.parse({ type: 'json', ...options }), source)

const t = 1_700_000_000_000

describe('the default JSON shapes', () => {
  test('one reading with sensor, time, value and quality', () => {
    const text = '{"sensor":"s1","ts":1700000000000,"value":12.3,"quality":"good"}'
    expect(collect(decoder(), text).readings).toEqual([['s1', t, 12.3, good]])
  })

  test('an array rejects its bad elements only', () => {
    const text = '[{"sensor":"a","ts":1,"value":1},7,{"sensor":"b","ts":"never","value":2},{"sensor":"c","ts":3},[]]'
    const found = collect(decoder(), text)
    expect(found.readings).toEqual([['a', 1, 1, good]])
    expect(found.rejects.map(([reason]) => reason)).toEqual(['malformed', 'bad_time', 'missing_value', 'malformed'])
  })

  test('a key of values is the sensor, behind the topic over MQTT only', () => {
    const text = '{"ts":5,"values":{"a":1,"b":null}}'
    expect(collect(decoder(), text).readings).toEqual([
      ['a', 5, 1, good],
      ['b', 5, Number.NaN, bad],
    ])
    const overMqtt = collect(decoder({}, { topics: true }), text).readings.map(([sensor]) => sensor)
    expect(overMqtt).toEqual(['plant/hall/pump/temp/a', 'plant/hall/pump/temp/b'])
  })

  test('without a sensor the whole topic is the sensor, in a file its stem, over HTTP nothing', () => {
    expect(collect(decoder(), '{"value":1}').readings).toEqual([['plant/hall/pump/temp', undefined, 1, good]])
    expect(collect(decoder(), '{"value":1}', { topic: '/x/oven.ndjson.gz', line: 1 }).readings[0]?.[0]).toBe('oven')
    expect(collect(decoder(), '{"value":1}', { topic: '' }).rejects).toEqual([['sensor_id', undefined]])
  })

  test('a sensor beside several values names nobody and is refused', () => {
    const found = collect(decoder(), '{"sensor":"pump","ts":1,"values":{"a":1,"b":2}}')
    expect(found.rejects).toEqual([['sensor_id', undefined]])
    expect(collect(decoder(), '{"sensor":"pump","ts":1,"values":{"a":1}}').readings).toEqual([['pump', 1, 1, good]])
  })

  test('a bare number is a reading of its topic, stamped on arrival', () => {
    expect(collect(decoder(), ' -3.5e2 ').readings).toEqual([['plant/hall/pump/temp', undefined, -350, good]])
  })

  test('ISO times with and without a zone, floored to whole milliseconds', () => {
    const time = (ts: string) => collect(decoder(), `{"value":1,"ts":"${ts}"}`).readings[0]?.[1]
    expect(time('2013-12-02T21:15:00.000Z')).toBe(Date.UTC(2013, 11, 2, 21, 15))
    expect(time('2013-12-02T21:15:00')).toBe(Date.UTC(2013, 11, 2, 21, 15))
    expect(time('2013-12-02T22:15:00.9999999+01:00')).toBe(Date.UTC(2013, 11, 2, 21, 15, 0, 999))
    expect(time('2013-02-30T00:00:00Z')).toBeUndefined()
  })

  test('a value that is no finite number is a bad reading, not a refusal', () => {
    for (const value of ['null', '"12"', '1e999', 'true']) {
      expect(collect(decoder(), `{"sensor":"s","ts":1,"value":${value}}`).readings).toEqual([['s', 1, Number.NaN, bad]])
    }
    expect(collect(decoder(), '{"sensor":"s","ts":1,"value":{"x":1}}').rejects).toEqual([['bad_value', undefined]])
  })

  test('quality words and OPC numbers are understood, unknown ones are uncertain', () => {
    const quality = (word: string) =>
      collect(decoder(), `{"sensor":"s","ts":1,"value":1,"quality":${word}}`).readings[0]?.[3]
    expect([quality('"GOOD"'), quality('192'), quality('0'), quality('"odd"'), quality('{}')]).toEqual([
      good,
      good,
      bad,
      uncertain,
      uncertain,
    ])
  })
})

describe('hostile JSON', () => {
  test.each(['', '{', 'NaN', '{"value":NaN}', '{"sensor":"s1","ts":1,"value":12', 'hello', '\u0000', '"text"', 'null'])(
    'refuses %j as malformed',
    (text) => {
      const found = collect(decoder(), text)
      expect(found.readings).toEqual([])
      expect(found.rejects).toEqual([['malformed', undefined]])
    },
  )

  test('bytes that are no UTF-8 are malformed', () => {
    expect(collect(decoder(), Buffer.from([0x7b, 0xff, 0x7d])).rejects).toEqual([['malformed', undefined]])
  })

  test('a million nested arrays neither throw nor hang', () => {
    const text = '['.repeat(1_000_000) + ']'.repeat(1_000_000)
    expect(collect(decoder(), text).rejects).toEqual([['malformed', undefined]])
    const deep = `{"sensor":"s","ts":1,"value":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(collect(decoder(), deep).rejects).toEqual([['bad_value', undefined]])
  })

  test('times outside the calendar, 1970 and absurd sensors are handled as data', () => {
    expect(collect(decoder(), '{"value":1,"ts":1e300}').rejects).toEqual([['bad_time', undefined]])
    expect(collect(decoder(), '{"value":1,"ts":{}}').rejects).toEqual([['bad_time', undefined]])
    expect(collect(decoder(), '{"value":1e9,"ts":0}').readings).toEqual([['plant/hall/pump/temp', 0, 1e9, good]])
    expect(collect(decoder(), '{"sensor":null,"value":1}').rejects).toEqual([['sensor_id', undefined]])
    expect(collect(decoder(), '{"sensor":"","value":1}').rejects).toEqual([['sensor_id', undefined]])
  })

  test('a path never reaches a prototype', () => {
    expect(collect(decoder({ value: '$.constructor' }), '{"ts":1}').rejects).toEqual([['missing_value', undefined]])
  })
})

describe('mapping', () => {
  test('paths name value, time, sensor and quality anywhere in the payload', () => {
    const mapped = decoder({
      value: '$.d[0].v',
      time: '$.meta.t',
      sensor: '$["the tag"]',
      quality: '$.q',
      timeUnit: 's',
    })
    const text = '{"d":[{"v":4}],"meta":{"t":1700000000.5},"the tag":"x","q":"bad"}'
    expect(collect(mapped, text).readings).toEqual([['x', 1_700_000_000_500, 4, bad]])
  })

  test('the order of names is path, payload, topic', () => {
    const mapped = decoder({ value: '$.v', sensor: '$.id' })
    const names = ['{"v":1,"id":"path","sensor":"payload"}', '{"v":1,"sensor":"payload"}', '{"v":1}']
    expect(names.map((text) => collect(mapped, text).readings[0]?.[0])).toEqual([
      'path',
      'payload',
      'plant/hall/pump/temp',
    ])
  })

  test('a mapped array rejects only its bad elements', () => {
    const found = collect(decoder({ value: '$.v' }), '[{"v":1},{"w":2},3]')
    expect(found.readings).toHaveLength(1)
    expect(found.rejects.map(([reason]) => reason)).toEqual(['missing_value', 'malformed'])
  })

  test('nanoseconds keep their millisecond', () => {
    const found = collect(decoder({ timeUnit: 'ns' }), '{"ts":1700000000123456789,"value":1}')
    expect(found.readings[0]?.[1]).toBe(1_700_000_000_123)
  })

  test('levels of the topic become labels', () => {
    const found = collect(decoder({}, { path: 'plant/{area}/{asset}/{measurement}' }), '{"value":1}')
    expect(found.labels).toEqual([{ area: 'hall', asset: 'pump', measurement: 'temp' }])
    expect(collect(decoder({}, { path: 'other/{a}' }), '{"value":1}').labels).toEqual([undefined])
  })
})

test('each line of a file is decoded alone and refused by its number', () => {
  const text = '{"sensor":"a","ts":1,"value":1}\r\nnot json\n\n{"sensor":"b","ts":2,"value":2}'
  const found = collect(decoder(), text, { topic: 'f.ndjson', line: 10 })
  expect(found.readings.map(([sensor]) => sensor)).toEqual(['a', 'b'])
  expect(found.rejects).toEqual([['malformed', 11]])
  expect(found.parts).toEqual(['not json'])
})

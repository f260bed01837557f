import { describe, expect, test } from 'vitest'
import { createDecoder } from '../../../src/codec/decoder.ts'
import { LineProtocolDecoder } from '../../../src/codec/line-protocol.ts'
import { codecOptions } from '../../../src/codec/options.ts'
import { bad, collect, good } from './collect.ts'

const decoder = createDecoder(codecOptions.parse({ type: 'line-protocol' }))

describe('line protocol', () => {
  test('the tag sensor names the field value, the other tags are labels', () => {
    const found = collect(decoder, 'temp,sensor=s1,asset=pump-7 value=12.5 1700000000123999999\n')
    expect(found.readings).toEqual([['s1', 1_700_000_000_123, 12.5, good]])
    expect(found.labels).toEqual([{ asset: 'pump-7' }])
  })

  test('without that tag the series with sorted tags is the sensor, a field other than value behind a point', () => {
    const found = collect(decoder, 'boiler,line=2,area=hall pressure=3i,value=4u')
    expect(found.readings.map(([sensor, , value]) => [sensor, value])).toEqual([
      ['boiler,area=hall,line=2.pressure', 3],
      ['boiler,area=hall,line=2', 4],
    ])
  })

  test('escapes, quotes, comments, blank lines and a line without time are read', () => {
    const text = '# note\n\nm\\ x,sensor=a\\,b\\=c note="say \\"hi\\", friend",value=1 5000000\r\nm,sensor=z value=2'
    expect(collect(decoder, text).readings).toEqual([
      ['a,b=c', 5, 1, good],
      ['z', undefined, 2, good],
    ])
  })

  test('a quality field is the quality of the line, a text value has no value', () => {
    expect(collect(decoder, 'm,sensor=a value=1,quality="bad" 0').readings).toEqual([['a', 0, 1, bad]])
    expect(collect(decoder, 'm,sensor=a value="x" 0').readings).toEqual([['a', 0, Number.NaN, bad]])
    expect(collect(decoder, 'm,sensor=a value=NaN 0').readings).toEqual([['a', 0, Number.NaN, bad]])
  })

  test.each([
    ['m', 'malformed'],
    [',a=b value=1', 'malformed'],
    ['m,a value=1', 'malformed'],
    ['m,a= value=1', 'malformed'],
    ['m value', 'malformed'],
    ['m value=1,', 'malformed'],
    ['m value="open', 'malformed'],
    ['m value="a"b 1', 'malformed'],
    ['m text="only text" 1', 'missing_value'],
    ['m value=1 soon', 'bad_time'],
    ['m value=1 1.5', 'bad_time'],
    ['m value=1 1 2', 'bad_time'],
    ['m value=1 99999999999999999999999999', 'bad_time'],
  ])('refuses %j as %s with its line', (line, reason) => {
    const found = collect(decoder, `m value=1 1\n${line}\n`)
    expect(found.rejects).toEqual([[reason, 2]])
    expect(found.parts).toEqual([line])
    expect(found.readings).toHaveLength(1)
  })

  test('each record may have its own precision', () => {
    const own = new LineProtocolDecoder({
      precision: 'ns',
      precisionOf: (record) => (record.key === 's' ? 's' : undefined),
    })
    expect(collect(own, 'm value=1 5', { key: 's' }).readings[0]?.[1]).toBe(5_000)
    expect(collect(own, 'm value=1 5000000', { key: 'x' }).readings[0]?.[1]).toBe(5)
  })

  test('a time before 1970 is floored, not cut', () => {
    expect(collect(decoder, 'm value=1 -1000000000000000001').readings[0]?.[1]).toBe(-1_000_000_000_001)
    expect(collect(decoder, 'm value=1 -1').readings[0]?.[1]).toBe(-1)
  })
})

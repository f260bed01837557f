import { describe, expect, test } from 'vitest'
import { CsvDecoder } from '../../../src/codec/csv.ts'
import { localTimeOf } from '../../../src/codec/time-zone.ts'
import { bad, collect, good } from './collect.ts'

const decoder = new CsvDecoder({})
const asFile = (text: string, header: string, record = {}) =>
  collect(decoder, text, { header: Buffer.from(header), line: 2, topic: '/data/oven.csv.gz', ...record })

describe('the three forms of CSV', () => {
  test('long rows name their sensor and may have a quality', () => {
    const found = asFile('1,a,2.5,good\n2,b,,\n3,c,1,0\n', 'timestamp,sensor,value,quality')
    expect(found.readings).toEqual([
      ['a', 1, 2.5, good],
      ['b', 2, Number.NaN, bad],
      ['c', 3, 1, bad],
    ])
  })

  test('a wide row gives its cells in column order, an empty or unreadable cell is a bad reading', () => {
    const found = asFile('1970-01-01 00:00:01,1,,n/a\n', 'time,x,y,z')
    expect(found.readings).toEqual([
      ['x', 1_000, 1, good],
      ['y', 1_000, Number.NaN, bad],
      ['z', 1_000, Number.NaN, bad],
    ])
  })

  test('timestamp and value alone are one sensor, the file', () => {
    expect(asFile('1,2\n', 'timestamp,value').readings).toEqual([['oven', 1, 2, good]])
  })

  test('the time column can be named and columns left out', () => {
    const own = new CsvDecoder({ time: 'when', ignore: ['label'] })
    const found = collect(own, '7;x;1,5;1\n', { header: Buffer.from('temp;label;press;when'), line: 2 })
    expect(found.readings).toEqual([
      ['temp', 1, 7, good],
      ['press', 1, 1.5, good],
    ])
  })
})

describe('rows', () => {
  test('quoting follows RFC 4180: delimiters, doubled quotes and line breaks inside quotes', () => {
    const found = asFile('"1","a ""b"", c",2\r\n2,"two\nlines",3\r\n3,after,4\r\nx,y,z\r\n', 'timestamp,sensor,value')
    expect(found.readings.map(([sensor, time, value]) => [sensor, time, value])).toEqual([
      ['a "b", c', 1, 2],
      ['two\nlines', 2, 3],
      ['after', 3, 4],
    ])
    expect(found.rejects).toEqual([['bad_time', 6]])
  })

  test('a quote that never closes spoils one row, not the file', () => {
    const found = asFile(`1,"a,2\n2,b,3\n${'3,c,4\n'.repeat(3_000)}`, 'timestamp,sensor,value')
    expect(found.rejects).toEqual([])
    expect(found.readings[0]).toEqual(['"a', 1, 2, good])
    expect(found.readings).toHaveLength(3_002)
  })

  test('short, long, timeless and nameless rows are refused by line, blank ones passed over', () => {
    const found = asFile('1,a\n\n1,a,2,3\n,a,1\nsoon,a,1\n1,,1\n9,ok,1\n', 'timestamp,sensor,value')
    expect(found.rejects).toEqual([
      ['malformed', 2],
      ['malformed', 4],
      ['bad_time', 5],
      ['bad_time', 6],
      ['sensor_id', 7],
    ])
    expect(found.parts[0]).toBe('1,a\n')
    expect(found.readings).toEqual([['ok', 9, 1, good]])
  })

  test('numbers are read exactly as JavaScript reads them', () => {
    const texts = [
      '0.1',
      '-0',
      '1e-320',
      '123456789.123456789',
      '.5',
      '5.',
      '+7',
      '4503599627370497.5',
      '1e22',
      '9'.repeat(40),
    ]
    for (const text of texts) expect(asFile(`1,${text}\n`, 'timestamp,value').readings[0]?.[2]).toBe(Number(text))
    for (const text of ['0x10', '1_0', 'Infinity', '1e999', '1,', '--1', '.', 'e5']) {
      expect(asFile(`1,"${text}"\n`, 'timestamp,value').readings[0]?.[2]).toBeNaN()
    }
  })

  test('local times follow the zone', () => {
    const own = new CsvDecoder({ toUtc: localTimeOf('Europe/Berlin') })
    const text = '2024-01-15 12:00:00,1\n2024-07-15 12:00:00,1\n2024-07-15T12:00:00Z,1\n'
    const found = collect(own, text, { header: Buffer.from('timestamp,value'), line: 2 })
    expect(found.readings.map(([, time]) => time)).toEqual([
      Date.UTC(2024, 0, 15, 11),
      Date.UTC(2024, 6, 15, 10),
      Date.UTC(2024, 6, 15, 12),
    ])
  })
})

describe('messages without a file', () => {
  test('bring their own header, or rows alone', () => {
    expect(collect(decoder, 'timestamp,x,y\n1,2,3').readings.map(([sensor]) => sensor)).toEqual(['x', 'y'])
    expect(collect(decoder, '1,2\n2,3').readings).toEqual([
      ['plant/hall/pump/temp', 1, 2, good],
      ['plant/hall/pump/temp', 2, 3, good],
    ])
    expect(collect(decoder, '1,s,2').readings).toEqual([['s', 1, 2, good]])
  })

  test('a column of a wide message stands behind the topic over MQTT', () => {
    const own = new CsvDecoder({ topicKeys: true })
    expect(collect(own, 'ts,x,y\n1,2,3').readings[0]?.[0]).toBe('plant/hall/pump/temp/x')
  })

  test('nonsense is malformed', () => {
    expect(collect(decoder, 'nonsense').rejects).toEqual([['malformed', 2]])
    expect(collect(decoder, 'time,a,a\n1,2,3').rejects).toEqual([['malformed', 2]])
  })
})

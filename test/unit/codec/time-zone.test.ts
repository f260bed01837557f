import { describe, expect, test } from 'vitest'
import { guessTimeUnit, numericTime, numericTimeText, parseIsoTime } from '../../../src/codec/time-text.ts'
import { localTimeOf } from '../../../src/codec/time-zone.ts'

const at = (zone: string, text: string) => {
  const utc = parseIsoTime(text, localTimeOf(zone))
  return utc === undefined ? undefined : new Date(utc).toISOString()
}

describe('local time', () => {
  test('summer time is followed on the days of the change', () => {
    expect(at('Europe/Berlin', '2024-03-31 01:59:59')).toBe('2024-03-31T00:59:59.000Z')
    expect(at('Europe/Berlin', '2024-03-31 03:00:00')).toBe('2024-03-31T01:00:00.000Z')
    expect(at('Europe/Berlin', '2024-10-27 01:59:59')).toBe('2024-10-26T23:59:59.000Z')
    expect(at('Europe/Berlin', '2024-10-27 03:00:00')).toBe('2024-10-27T02:00:00.000Z')
    expect(at('America/New_York', '2024-11-03 00:30')).toBe('2024-11-03T04:30:00.000Z')
    expect(at('America/New_York', '2024-11-03 02:30')).toBe('2024-11-03T07:30:00.000Z')
    expect(at('Australia/Lord_Howe', '2024-10-06 02:30')).toBe('2024-10-05T15:30:00.000Z')
  })

  test('a time that exists twice is the first, one that does not exist moves forward', () => {
    expect(at('Europe/Berlin', '2024-10-27 02:30:00')).toBe('2024-10-27T00:30:00.000Z')
    expect(at('Europe/Berlin', '2024-03-31 02:30:00')).toBe('2024-03-31T01:30:00.000Z')
    expect(at('America/New_York', '2024-11-03 01:30')).toBe('2024-11-03T05:30:00.000Z')
  })

  test('zones with half hours, the date line and UTC itself are right', () => {
    expect(at('Asia/Kolkata', '2024-01-01 00:00')).toBe('2023-12-31T18:30:00.000Z')
    expect(at('Pacific/Kiritimati', '2024-01-01 00:00')).toBe('2023-12-31T10:00:00.000Z')
    expect(at('UTC', '2024-01-01 00:00:00.5')).toBe('2024-01-01T00:00:00.500Z')
    expect(localTimeOf('Mars/Olympus')).toBeUndefined()
  })
})

describe('times as text', () => {
  test('agree with the engine over the whole calendar', () => {
    for (const text of [
      '1970-01-01T00:00:00Z',
      '2000-02-29T23:59:59.999Z',
      '1600-03-01T00:00:00Z',
      '9999-12-31T00:00:00Z',
      '0001-01-01T00:00:00Z',
    ]) {
      expect(parseIsoTime(text)).toBe(Date.parse(text))
    }
  })

  test.each([
    '',
    '2024',
    '2024-13-01',
    '2023-02-29',
    '2024-01-01T25:00',
    '2024-01-01T10:60',
    '2024-01-01T10:00:00+25:00',
    '2024-01-01 10:00 nonsense',
    '2024-01-01T10:00:00.Z',
    '20240101',
  ])('%j is no time', (text) => {
    expect(parseIsoTime(text)).toBeUndefined()
  })

  test('a leap second is the next minute', () => {
    expect(parseIsoTime('2016-12-31T23:59:60Z')).toBe(Date.UTC(2017, 0, 1))
  })

  test('seconds with decimals keep every millisecond, as text and as a number', () => {
    for (let ms = 0; ms < 1_000; ms++) {
      const text = `1700000000.${String(ms).padStart(3, '0')}`
      expect(numericTimeText(text, 's')).toBe(1_700_000_000_000 + ms)
      expect(numericTime(Number(text), 's')).toBe(1_700_000_000_000 + ms)
    }
  })

  test('units are guessed by size, and long numbers lose nothing', () => {
    expect([1.7e18, 1.7e15, 1.7e12, 1.7e9, 1.7e7].map(guessTimeUnit)).toEqual(['ns', 'us', 'ms', 's', undefined])
    expect(numericTimeText('1700000000000999999', 'ns')).toBe(1_700_000_000_000)
    expect(numericTimeText('1.5', 'min')).toBe(90_000)
    expect(numericTimeText('1.1', 'min')).toBe(66_000)
    expect(numericTimeText('1e3', 's')).toBe(1_000_000)
    expect(numericTimeText('-0.0001', 's')).toBe(-1)
    expect(numericTimeText('1700000000000.999999', 'ms')).toBe(1_700_000_000_000)
    expect(numericTimeText('999', 'ns')).toBe(0)
    expect(numericTimeText('9'.repeat(40), 's')).toBeUndefined()
    expect(numericTimeText('0x10', 's')).toBeUndefined()
  })
})

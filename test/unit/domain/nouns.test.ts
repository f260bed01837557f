import { expect, test } from 'vitest'
import { alarmId, labelFingerprint } from '../../../src/domain/alarm.ts'
import { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { parseQuality, Quality, qualityName } from '../../../src/domain/quality.ts'
import { defaultSpec, refused, SensorCatalog } from '../../../src/domain/sensor.ts'

test('a frame refuses the row beyond its capacity and can be filled again', () => {
  const frame = new Frame(2)
  expect([frame.push(0, 1, 2, 0, 3), frame.push(1, 1, 2, 0, 3), frame.push(0, 2, 2, 0, 3)]).toEqual([true, true, false])
  frame.clear()
  expect(frame.push(5, 9, 8, 0, 7)).toBe(true)
  expect([frame.count, frame.slot[0], frame.timeMs[0]]).toEqual([1, 5, 9])
})

test('an outcome frame copies whole rows', () => {
  const from = new OutcomeFrame(1)
  from.count = 1
  from.score[0] = 0.7
  from.quality[0] = Quality.uncertain
  const to = new OutcomeFrame(1)
  expect([to.append(from, 0), to.append(from, 0)]).toEqual([true, false])
  expect([to.count, to.score[0], to.quality[0]]).toEqual([1, 0.7, Quality.uncertain])
})

test('quality words and OPC numbers are understood, an unknown word is uncertain', () => {
  expect([parseQuality('GOOD'), parseQuality(undefined), parseQuality(192)]).toEqual([0, 0, 0])
  expect([parseQuality('hm'), parseQuality(64), parseQuality('bad'), parseQuality(0)]).toEqual([1, 1, 2, 2])
  expect(qualityName(Quality.late)).toBe('late')
})

test('the catalog interns once, refuses beyond its limit, and reuses a freed slot', () => {
  const catalog = new SensorCatalog(2, (id, labels) => ({ ...defaultSpec(id, labels), unit: 'bar' }))
  expect([catalog.intern('a'), catalog.intern('b'), catalog.intern('a'), catalog.intern('c')]).toEqual([
    0,
    1,
    0,
    refused.full,
  ])
  expect([catalog.intern(''), catalog.intern('é'.repeat(129))]).toEqual([refused.badId, refused.badId])
  expect(catalog.remove('a')).toEqual({ slot: 0, key: 'a' })
  expect([catalog.has(0), catalog.intern('c'), catalog.spec(0).id, catalog.spec(0).unit]).toEqual([
    false,
    0,
    'c',
    'bar',
  ])
  expect([...catalog.ids()]).toEqual([
    ['c', 0],
    ['b', 1],
  ])
})

test('an occurrence and a label set have stable names', () => {
  expect(alarmId('s', 'process', 5)).toBe(alarmId('s', 'process', 5))
  expect(alarmId('s', 'process', 5)).not.toBe(alarmId('s', 'instrument', 5))
  expect(labelFingerprint({ b: '1', a: '2' })).toBe(labelFingerprint({ a: '2', b: '1' }))
})

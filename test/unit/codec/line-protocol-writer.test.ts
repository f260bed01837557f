import { expect, test } from 'vitest'
import { LineProtocolDecoder } from '../../../src/codec/line-protocol.ts'
import { encodeAlarms, encodeScores } from '../../../src/codec/line-protocol-writer.ts'
import type { AlarmTransition } from '../../../src/domain/alarm.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { Quality } from '../../../src/domain/quality.ts'
import { SensorCatalog } from '../../../src/domain/sensor.ts'
import { collect } from './collect.ts'

function one(id: string, labels: Record<string, string> = {}) {
  const catalog = new SensorCatalog(4)
  const frame = new OutcomeFrame(1)
  frame.slot[0] = catalog.intern(id, labels)
  frame.timeMs[0] = 1_700_000_000_123
  frame.value[0] = 1e21
  for (const column of ['expected', 'lower', 'upper', 'residual'] as const) frame[column][0] = Number.NaN
  frame.quality[0] = Quality.late
  frame.count = 1
  return { catalog, frame }
}

test('tags are sorted and escaped, empty ones and unknown numbers left out', () => {
  const { catalog, frame } = one('a b,c=d', { zone: '', area: 'x\ny', asset: 'p\\' })
  expect(encodeScores(frame, catalog, 'north', 'ms')).toBe(
    'residua_score,area=x\\ y,asset=p,plant=north,sensor=a\\ b\\,c\\=d value=1e+21,score=0,quality="late" 1700000000123\n',
  )
})

test('what is written is read back', () => {
  const { catalog, frame } = one('ü = "x", y', { area: 'a,b' })
  const found = collect(new LineProtocolDecoder({ precision: 'ns' }), encodeScores(frame, catalog, '', 'ns'))
  expect(found.readings[0]?.slice(0, 3)).toEqual(['ü = "x", y', 1_700_000_000_123, 1e21])
  expect(found.labels[0]).toEqual({ area: 'a,b' })
})

test('the plant of another writer is not remembered', () => {
  const { catalog, frame } = one('a')
  expect(encodeScores(frame, catalog, 'one', 'ns')).toContain('plant=one')
  expect(encodeScores(frame, catalog, 'two', 'ns')).toContain('plant=two')
  expect(encodeScores(frame, catalog, '', 'ns')).not.toContain('plant')
})

test('an alarm has the same tags and its priority, its message on one line', () => {
  const { catalog } = one('a', { area: 'hall' })
  const alarm = {
    id: 'i',
    fingerprint: 'f',
    plant: 'north',
    sensor: 'a',
    asset: null,
    class: 'process',
    state: 'unack',
    priority: 'high',
    eventTime: 0,
    detectedTime: 9,
    value: 1,
    expected: null,
    lower: null,
    upper: null,
    score: 0.5,
    message: 'say "hi" \\\nthere',
  } as const
  const transition: AlarmTransition = { transitionId: 't', from: 'normal', raisedTime: 0, alarm }
  expect(encodeAlarms([transition], catalog, 'north', 'ns')).toBe(
    'residua_alarm,area=hall,plant=north,priority=high,sensor=a ' +
      'id="i",state="unack",score=0.5,message="say \\"hi\\" \\\\ there" 0\n',
  )
})

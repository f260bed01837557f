import { describe, expect, test } from 'vitest'
import { OneSensor, startMs, stepMs } from './one-sensor.ts'

describe('readings that are not scored', () => {
  test('a duplicate and a late reading say so, with the last score and nothing expected, and change nothing', () => {
    const sensor = new OneSensor()
    const last = sensor.run(600)
    const before = sensor.pipeline.snapshot(0)
    const duplicate = sensor.read(1e6, { timeMs: sensor.timeMs })
    const late = sensor.read(1e6, { timeMs: sensor.timeMs - 1 })
    expect(duplicate).toMatchObject({ quality: 'duplicate', score: last.score, alarm: 0, residual: Number.NaN })
    expect(late).toMatchObject({ quality: 'late', expected: Number.NaN, lower: Number.NaN, upper: Number.NaN })
    const twin = new OneSensor()
    twin.pipeline.restore(0, before)
    twin.timeMs = sensor.timeMs
    expect(twin.read(51).score).toBe(sensor.read(51).score)
  })

  test('lateness lets a reading through that is late by less', () => {
    const sensor = new OneSensor({ latenessMs: 60_000 })
    sensor.run(600)
    expect(sensor.read(50, { timeMs: sensor.timeMs - 30_000 }).quality).toBe('good')
    expect(sensor.read(50, { timeMs: sensor.timeMs - 61_000 }).quality).toBe('late')
  })

  test('bad, NaN and infinite values are bad; a single one is no alarm, three near each other are one', () => {
    const sensor = new OneSensor()
    sensor.run(600)
    expect(sensor.read(50, { quality: 2 }).quality).toBe('bad')
    sensor.run(15)
    expect(sensor.read(Number.NaN).quality).toBe('bad')
    expect(sensor.transitions).toEqual([])
    sensor.run(3)
    sensor.read(Infinity)
    sensor.run(3)
    sensor.read(Number.NaN)
    expect(sensor.pipeline.sensorState(0)).toBe('fault')
    sensor.run(3)
    sensor.read(Number.NaN)
    sensor.run(300)
    expect(sensor.steps('instrument')).toEqual(['normal>unack', 'unack>rtn_unack', 'rtn_unack>normal'])
    expect(sensor.steps('process')).toEqual([])
  })

  test('values outside the physical range and impossible changes are faults, never learned from', () => {
    const sensor = new OneSensor({ low: 0, high: 100, rateMax: 2 })
    sensor.run(600)
    expect(sensor.read(101).quality).toBe('range')
    expect(sensor.read(90).quality).toBe('rate')
    expect(sensor.read(sensor.healthy()).quality).toBe('good')
    expect(sensor.steps('process')).toEqual([])
  })

  test('live, a reading from 1970 or from tomorrow is a clock fault and advances nothing', () => {
    const sensor = new OneSensor({}, { quarantine: true })
    sensor.run(600)
    const now = sensor.timeMs
    expect(sensor.read(50, { timeMs: 1000, arrivalMs: now }).quality).toBe('clock')
    expect(sensor.read(50, { timeMs: now + 86_400_000, arrivalMs: now }).quality).toBe('clock')
    expect(sensor.read(50).quality).toBe('good')
    const replayed = new OneSensor()
    expect(replayed.read(50, { timeMs: 1000, arrivalMs: 1000 }).quality).toBe('learning')
  })
})

describe('a stuck sensor', () => {
  test('is found when its value stays far longer than it ever did, and works again when it moves', () => {
    const sensor = new OneSensor()
    sensor.run(600)
    const rows = Array.from({ length: 60 }, () => sensor.read(50))
    const stuckFrom = rows.findIndex((row) => row.quality === 'stuck')
    expect(stuckFrom).toBeGreaterThanOrEqual(29)
    expect(rows.slice(stuckFrom).every((row) => row.quality === 'stuck')).toBe(true)
    expect(sensor.pipeline.sensorState(0)).toBe('fault')
    sensor.run(20)
    expect(sensor.steps('instrument')).toEqual(['normal>unack', 'unack>rtn_unack'])
    expect(sensor.transitions.find(({ alarm }) => alarm.class === 'instrument')!.alarm.message).toBe(
      'temperature 50: instrument fault, stuck at one value',
    )
  })

  test('is not one that repeats its values by habit', () => {
    const sensor = new OneSensor()
    for (let i = 0; i < 700; i++) sensor.read(Math.floor(i / 40) % 2)
    for (let i = 0; i < 300; i++) expect(sensor.read(1).quality).toBe('good')
  })
})

describe('silence', () => {
  test('is declared by a tick after the sensor’s own rhythm, once, and ends with the next reading', () => {
    const sensor = new OneSensor()
    sensor.run(600)
    const last = sensor.timeMs
    expect(sensor.tick(last + 19 * stepMs)).toEqual([])
    expect(sensor.tick(last + 21 * stepMs)).toHaveLength(1)
    expect(sensor.tick(last + 22 * stepMs)).toEqual([])
    expect(sensor.pipeline.sensorState(0)).toBe('silent')
    sensor.timeMs = last + 29 * stepMs
    sensor.run(1)
    expect(sensor.steps('instrument')).toEqual(['normal>unack', 'unack>rtn_unack'])
    expect(sensor.transitions[0]!.alarm).toMatchObject({
      eventTime: last + 20 * stepMs,
      detectedTime: last + 21 * stepMs,
    })
    expect(sensor.transitions[0]!.alarm.message).toBe('temperature: instrument fault, no data')
  })

  test('is counted from when somebody began to listen, so that a restart is not taken for silence', () => {
    const sensor = new OneSensor()
    sensor.run(600)
    const heardAgain = sensor.timeMs + 500 * stepMs
    expect(sensor.tick(heardAgain + 10 * stepMs, heardAgain)).toEqual([])
    expect(sensor.tick(heardAgain + 21 * stepMs, heardAgain)).toHaveLength(1)
  })

  test('found by the reading that ends it has the same ids as when a tick declared it', () => {
    const live = new OneSensor()
    const replay = new OneSensor()
    for (const sensor of [live, replay]) sensor.run(600)
    live.tick(live.timeMs + 25 * stepMs)
    for (const sensor of [live, replay]) {
      sensor.timeMs += 50 * stepMs
      sensor.run(300)
    }
    const ids = (sensor: OneSensor) => sensor.transitions.map(({ transitionId }) => transitionId)
    expect(ids(replay)).toEqual(ids(live))
    expect(ids(live)).toHaveLength(3)
  })

  test('is never declared when the configuration says so, or before the rhythm is known', () => {
    const never = new OneSensor({ silentAfterMs: Infinity })
    never.run(600)
    expect(never.tick(never.timeMs + 1e9)).toEqual([])
    const young = new OneSensor()
    young.run(5)
    expect(young.tick(startMs + 1e9)).toEqual([])
    const fixed = new OneSensor({ silentAfterMs: 60_000 })
    fixed.run(5)
    expect(fixed.tick(fixed.timeMs + 60_001)).toHaveLength(1)
  })
})

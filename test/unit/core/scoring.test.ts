import { describe, expect, test } from 'vitest'
import { squash } from '../../../src/core/score.ts'
import { OneSensor, startMs, stepMs } from './one-sensor.ts'

describe('learning', () => {
  test('a new sensor warms up for 500 readings: score 0, quality warmup, nothing expected', () => {
    const sensor = new OneSensor({}, {})
    expect(sensor.run(499)).toMatchObject({ score: 0, alarm: 0, quality: 'warmup', expected: Number.NaN })
    expect(sensor.pipeline.progress(0)).toEqual({ seen: 499, needed: 500 })
    expect(sensor.pipeline.sensorState(0)).toBe('warmup')
    expect(sensor.run(1).quality).toBe('warmup')
    expect(sensor.pipeline.progress(0)).toBeNull()
    expect(sensor.run(1)).toMatchObject({ quality: 'good' })
    expect(sensor.pipeline.sensorState(0)).toBe('normal')
  })

  test('rows that are declared normal are learning, and the one after them is scored', () => {
    const sensor = new OneSensor({}, { learn: { rows: 300 } })
    expect(sensor.run(300).quality).toBe('learning')
    expect(sensor.run(1).quality).toBe('good')
  })

  test('learning until a time splits by time and scores from that time on', () => {
    const sensor = new OneSensor({}, { learn: { untilMs: startMs + 400 * stepMs } })
    expect(sensor.run(400).quality).toBe('learning')
    expect(sensor.run(1).quality).toBe('good')
    const late = new OneSensor({}, { learn: { untilMs: startMs + 10 * stepMs } })
    expect(late.run(10).quality).toBe('learning')
    expect(late.run(190).quality).toBe('warmup')
    expect(late.run(1).quality).toBe('good')
    const never = new OneSensor({}, { learn: { untilMs: startMs - 1 } })
    expect(never.run(500).quality).toBe('warmup')
    expect(never.run(1).quality).toBe('good')
  })

  test('too few learning rows are a configuration error', () => {
    expect(() => new OneSensor({}, { learn: { rows: 50 } })).toThrow('--learn-rows: a whole number of at least 200')
  })

  test('an absurd reading while learning is left out', () => {
    const sensor = new OneSensor()
    sensor.run(200)
    expect(sensor.read(1e9).quality).toBe('learning')
    sensor.run(299)
    const row = sensor.run(10)
    expect(row.quality).toBe('good')
    expect(row.upper - row.lower).toBeLessThan(10)
    expect(Math.abs(row.residual)).toBeLessThan(5)
  })
})

describe('scoring', () => {
  test('a healthy sensor is expected within its band and raises nothing in 3,000 readings', () => {
    const sensor = new OneSensor()
    sensor.run(3500)
    expect(sensor.transitions).toEqual([])
    const scored = sensor.rows.slice(500)
    const inside = scored.filter((row) => row.value >= row.lower && row.value <= row.upper).length
    expect(inside / scored.length).toBeGreaterThan(0.95)
    expect(scored.every((row) => row.score < 0.5)).toBe(true)
  })

  test('a value beyond all that was seen is an alarm at once, in words', () => {
    const sensor = new OneSensor({ unit: 'celsius' })
    sensor.run(600)
    const row = sensor.read(70)
    expect(row).toMatchObject({ alarm: 1, quality: 'good' })
    expect(row.score).toBeGreaterThan(0.5)
    const { alarm, from, raisedTime, transitionId } = sensor.transitions[0]!
    expect(alarm).toMatchObject({
      class: 'process',
      state: 'unack',
      sensor: 'plant/pump/temperature',
      asset: 'pump',
      plant: 'north',
    })
    expect(alarm.message).toMatch(/^temperature 70 °C, expected \d\d\.?\d* \(.* … .*\): higher than ever seen$/)
    expect([from, raisedTime, transitionId]).toEqual(['normal', row.timeMs, `${alarm.id}-1`])
  })

  test('a drift beyond all that was seen is found although each reading is only a little beyond the one before', () => {
    const sensor = new OneSensor()
    sensor.run(900)
    let rows = 0
    while (rows < 200 && sensor.run(1, (value) => value + 0.08 * rows).alarm === 0) rows++
    expect(rows).toBeLessThan(150)
    expect(sensor.transitions[0]!.alarm.message).toContain('higher than ever seen')
  })

  test('a machine that fails hot stays in alarm while it is hot, and the new level is learned in the end', () => {
    const sensor = new OneSensor()
    sensor.run(600)
    let rows = 0
    while (sensor.run(1, (value) => value + 40).alarm === 1) rows++
    expect(rows).toBeGreaterThan(300)
    expect(rows).toBeLessThan(3000)
  })

  test.each([1e9, -1e9, 1e300])(
    'a reading of %s is one anomaly; scoring then goes on and the sensor is not blind',
    (glitch) => {
      const sensor = new OneSensor()
      sensor.run(600)
      expect(sensor.read(glitch)).toMatchObject({ alarm: 1, quality: 'good' })
      expect(sensor.run(150)).toMatchObject({ alarm: 0 })
      const after = sensor.run(200)
      expect(after.score).toBeLessThan(0.1)
      expect(Math.abs(after.residual)).toBeLessThan(5)
      expect(sensor.steps('process').filter((step) => step === 'normal>unack')).toHaveLength(1)
      expect(sensor.read(90).score).toBeGreaterThan(0.5)
    },
  )

  test('more noise than usual is found although every value was seen before', () => {
    const sensor = new OneSensor()
    sensor.run(700)
    sensor.run(60, (value) => value + 2 * sensor.random.normal())
    expect(sensor.steps('process')[0]).toBe('normal>unack')
  })

  test('nothing alarms in the first 150 readings after a gap', () => {
    const sensor = new OneSensor({ silentAfterMs: Infinity })
    sensor.run(600)
    sensor.timeMs += 100 * stepMs
    const rows = Array.from({ length: 150 }, () => sensor.read(sensor.healthy() + 3 * sensor.random.normal()))
    expect(rows.every((row) => row.alarm === 0 && row.score < 0.5)).toBe(true)
    expect(sensor.read(90).alarm).toBe(1)
  })

  test('a sensor that reports by exception is not blind after each pause it is used to', () => {
    const sensor = new OneSensor({ silentAfterMs: Infinity })
    for (let i = 0; i < 700; i++) {
      if (i % 40 === 39) sensor.timeMs += 30 * stepMs
      sensor.run(1)
    }
    expect(sensor.read(90).alarm).toBe(1)
  })

  test('an uncertain reading is scored but not learned from', () => {
    const sensor = new OneSensor()
    sensor.run(600)
    const first = sensor.read(70, { quality: 1 })
    expect(first.quality).toBe('uncertain')
    expect(first.alarm).toBe(1)
    sensor.run(400)
    expect(sensor.read(70).score).toBeGreaterThan(0.5)
  })

  test('a constant sensor neither alarms nor divides by zero, and a change of it is seen', () => {
    const sensor = new OneSensor()
    for (let i = 0; i < 800; i++) sensor.read(5)
    expect(sensor.transitions).toEqual([])
    expect(sensor.rows.at(-1)).toMatchObject({ quality: 'good', score: 0, expected: expect.closeTo(5, 2) })
    expect(sensor.read(6).alarm).toBe(1)
  })

  test('the squashing has no NaN at its ends and is half at one', () => {
    expect([squash(0), squash(1), squash(Infinity)]).toEqual([0, 0.5, 1])
  })
})

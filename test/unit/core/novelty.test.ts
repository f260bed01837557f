import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { countOf, meanOf, packMean } from '../../../src/core/novelty/packed-mean.ts'
import type { SensorSpec } from '../../../src/domain/sensor.ts'
import { OneSensor, stepMs } from './one-sensor.ts'

/** A sensor of which nothing was declared. */
function stranger(spec: Partial<SensorSpec> = {}): OneSensor {
  return new OneSensor(spec, {})
}

describe('a sensor that nobody trained for', () => {
  test('warms up for 500 readings, with high sensitivity for 200, and says how many are left', () => {
    const sensor = stranger({ sensitivity: 'high' })
    expect(sensor.run(199)).toMatchObject({ score: 0, alarm: 0, quality: 'warmup', expected: Number.NaN })
    expect(sensor.pipeline.progress(0)).toEqual({ seen: 199, needed: 200 })
    sensor.run(1)
    expect(sensor.run(1)).toMatchObject({ quality: 'good' })
    expect(sensor.pipeline.progress(0)).toBeNull()
  })

  test('raises nothing in 3,000 healthy readings and is expected within its band', () => {
    const sensor = stranger()
    sensor.run(3500)
    expect(sensor.transitions).toEqual([])
    const scored = sensor.rows.slice(1500)
    const inside = scored.filter((row) => row.value >= row.lower && row.value <= row.upper).length
    expect(inside / scored.length).toBeGreaterThan(0.97)
    expect(inside / scored.length).toBeLessThan(1)
    expect(scored.every((row) => row.score < 0.5)).toBe(true)
  })

  test('a value beyond all that was seen is an alarm at once, in words', () => {
    const sensor = stranger({ unit: 'celsius' })
    sensor.run(600)
    const row = sensor.read(70)
    expect(row).toMatchObject({ alarm: 1, quality: 'good' })
    expect(row.score).toBeGreaterThan(0.5)
    expect(sensor.transitions[0]!.alarm.message).toMatch(
      /^temperature 70 °C, expected \d\d\.?\d* \(.* … .*\): higher than it has ever been/,
    )
    expect(sensor.run(30).alarm).toBe(0)
  })

  test('a level within all that was seen is found, and the alarm says what is new about it', () => {
    const sensor = stranger()
    sensor.run(900)
    let rows = 0
    while (rows < 300 && sensor.read(53.5 + 0.4 * sensor.random.normal()).alarm === 0) rows++
    expect(rows).toBeLessThan(200)
    expect(sensor.transitions[0]!.alarm.message).toMatch(
      /not been seen before|above what this weekday and hour|higher than it has ever been/,
    )
  })

  test('stays in alarm while it is hot, and the new level is accepted after a thousand readings', () => {
    const sensor = stranger()
    sensor.run(600)
    let rows = 0
    while (sensor.run(1, (value) => value + 40).alarm === 1) rows++
    expect(rows).toBeGreaterThan(900)
    expect(rows).toBeLessThan(1100)
    expect(sensor.steps('process')).toEqual(['normal>unack', 'unack>rtn_unack'])
    expect(Math.abs(sensor.run(1, (value) => value + 40).residual)).toBeLessThan(10)
  })

  test('an alarm ends when the level comes back, long before it would be accepted', () => {
    const sensor = stranger()
    sensor.run(600)
    for (let i = 0; i < 100; i++) expect(sensor.run(1, (value) => value + 40).alarm).toBe(1)
    expect(sensor.run(80).alarm).toBe(0)
  })

  test('waits for its delay although a record is new for one reading only', () => {
    const sensor = stranger({ alarm: { direction: 'both', delayOnMs: 20 * stepMs, delayOffMs: 0 } })
    sensor.run(600)
    expect(sensor.read(90).alarm).toBe(0)
    sensor.run(60)
    expect(sensor.transitions).toEqual([])
    const rows = Array.from({ length: 30 }, () => sensor.run(1, (value) => value + 40).alarm)
    expect(rows.indexOf(1)).toBe(20)
  })

  test.each([1e9, -1e9, 1e300])('a reading of %s is one anomaly and does not blind the sensor', (glitch) => {
    const sensor = stranger()
    sensor.run(600)
    expect(sensor.read(glitch)).toMatchObject({ alarm: 1, quality: 'good' })
    expect(sensor.run(100).alarm).toBe(0)
    const after = sensor.run(300)
    expect(after.score).toBeLessThan(0.2)
    expect(Math.abs(after.residual)).toBeLessThan(5)
    expect(sensor.steps('process').filter((step) => step === 'normal>unack')).toHaveLength(1)
    expect(sensor.read(90).score).toBeGreaterThan(0.5)
  })

  test('an absurd reading while it warms up is left out', () => {
    const sensor = stranger()
    sensor.run(100)
    sensor.read(1e9)
    sensor.run(500)
    expect(sensor.read(75).alarm).toBe(1)
  })

  test('a constant sensor neither alarms nor divides by zero, and a change of it is seen', () => {
    for (const sensitivity of ['low', 'normal', 'high'] as const) {
      const sensor = stranger({ sensitivity })
      for (let i = 0; i < 800; i++) sensor.read(5)
      expect(sensor.transitions).toEqual([])
      expect(sensor.rows.at(-1)).toMatchObject({ quality: 'good', expected: expect.closeTo(5, 2) })
      expect(sensor.rows.at(-1)!.score).toBeLessThan(0.3)
      expect(sensor.read(6).alarm).toBe(1)
    }
  })

  test('a snapshot in the middle of the warm-up and after it goes on bit for bit', () => {
    for (const rows of [150, 300, 900]) {
      const one = stranger()
      one.run(rows)
      const two = stranger()
      two.run(1)
      two.pipeline.restore(0, one.pipeline.snapshot(0))
      two.timeMs = one.timeMs
      for (let i = 0; i < 400; i++) {
        const value = one.healthy() + (i > 300 ? 12 : 0)
        expect(two.read(value)).toEqual(one.read(value))
      }
      expect(two.pipeline.snapshot(0)).toEqual(one.pipeline.snapshot(0))
    }
  })
})

test('a packed mean keeps a thousandth of its size, its sign and its count', () => {
  const random = createPrng(3)
  for (let i = 0; i < 2000; i++) {
    const mean = random.normal() * 10 ** (5 * random.uniform() - 2)
    const count = i % 4
    const cell = packMean(mean, count)
    expect(Math.abs(meanOf(cell) - mean)).toBeLessThanOrEqual(Math.max(2 ** -11, Math.abs(mean) * 2 ** -10))
    expect(countOf(cell)).toBe(count)
    expect(packMean(meanOf(cell), count)).toBe(cell)
  }
  expect([meanOf(0), countOf(0)]).toEqual([0, 0])
})

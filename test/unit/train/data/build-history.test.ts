import { describe, expect, test } from 'vitest'
import {
  buildHistories,
  cleanHistories,
  type SensorReadings,
  withoutAbsurd,
} from '../../../../src/train/data/build-history.ts'
import { waves } from './series.ts'

const options = { as: 'sensors', asset: 'press', context: [], periodMs: null, maxAgeMs: null, value: 'last' } as const
const sensor = (name: string, times: readonly number[], value: ArrayLike<number>): SensorReadings => ({
  sensor: name,
  timeMs: Float64Array.from(times),
  value: Float64Array.from(value),
})
const minutes = (rows: number): number[] => Array.from({ length: rows }, (_, row) => 60_000 * row)

describe('withoutAbsurd()', () => {
  test('leaves out a reading of 10⁹ among twenties, and only that', () => {
    const value = waves(400)
    value[123] = 1e9
    const kept = withoutAbsurd(sensor('a', minutes(400), value), Infinity)
    expect(kept.value).toHaveLength(399)
    expect(Array.from(kept.timeMs)).not.toContain(60_000 * 123)
    expect(Math.max(...Array.from(kept.value))).toBeLessThan(30)
  })

  test('keeps a fault of the size that machines have', () => {
    const value = waves(400)
    for (let row = 200; row < 204; row++) value[row] = 120
    const readings = sensor('a', minutes(400), value)
    expect(withoutAbsurd(readings, Infinity)).toBe(readings)
  })

  test('keeps what is far off so often that it is the way of the sensor', () => {
    const value = waves(400)
    for (let row = 0; row < 400; row += 50) value[row] = 1e9
    const readings = sensor('a', minutes(400), value)
    expect(withoutAbsurd(readings, Infinity)).toBe(readings)
  })

  test('changes nothing of a constant sensor, and nothing of none', () => {
    for (const readings of [sensor('a', minutes(50), new Float64Array(50).fill(4)), sensor('a', [], [])]) {
      expect(withoutAbsurd(readings, Infinity)).toBe(readings)
    }
  })

  test('finds the one of a short series, too', () => {
    const value = waves(40)
    value[17] = 1e9
    const kept = withoutAbsurd(sensor('a', minutes(40), value), Infinity)
    expect(kept.value).toHaveLength(39)
    expect(Math.max(...Array.from(kept.value))).toBeLessThan(30)
  })

  test('what comes behind the training part is held against it, and changes nothing of the limit', () => {
    // The second half is wild: a limit of all the readings would take the 900 of the first half for usual.
    const value = waves(400)
    value[60] = 900
    for (let row = 200; row < 400; row++) value[row] = 20 + 500 * Math.sin(row)
    value[300] = 1e9
    const kept = withoutAbsurd(sensor('a', minutes(400), value), 60_000 * 200)
    expect(Array.from(kept.timeMs)).not.toContain(60_000 * 60)
    expect(Array.from(withoutAbsurd(sensor('a', minutes(400), value), Infinity).timeMs)).toContain(60_000 * 60)
    // Behind the cut far more than one in a hundred is far off: it is another regime there, and all of it stays.
    expect(kept.value).toHaveLength(399)
  })
})

describe('cleanHistories()', () => {
  const clean = { ...options, fitShare: 0.7, cut: 'common' } as const

  test('the training part is bit for bit the same whatever comes behind it, and so is the usual step', () => {
    const value = waves(400)
    value[60] = 900
    const slow = minutes(400).map((at, row) => (row < 280 ? at : at + 600_000 * (row - 280)))
    const wild = value.map((now, row) => (row < 280 ? now : 1e6 * Math.sin(row)))
    const [one] = cleanHistories([sensor('a', minutes(400), value)], clean).histories
    const [other] = cleanHistories([sensor('a', slow, wild)], clean).histories
    expect(one!.values.subarray(0, 279)).toEqual(other!.values.subarray(0, 279))
    expect(one!.timeMs).toHaveLength(399)
    expect([one!.stepMs, other!.stepMs]).toEqual([60_000, 60_000])
    const late = slow.map((at, row) => (row < 150 ? at : at + 600_000 * (row - 150)))
    expect(cleanHistories([sensor('a', late, wild)], { ...clean, fitShare: 0.3 }).histories[0]!.stepMs).toBe(60_000)
  })

  test('each sensor has its own cut where it is judged alone', () => {
    const [a, b] = [waves(100), waves(100, 1)]
    a[10] = 1e9
    b[10] = 1e9
    const late = minutes(100).map((at) => at + 60_000 * 1_000)
    const readings = [sensor('a', minutes(100), a), sensor('b', late, b)]
    expect(cleanHistories(readings, { ...clean, fitShare: 0.5, cut: 'own' }).absurd).toBe(2)
    expect(cleanHistories(readings, { ...clean, fitShare: 0.5 }).absurd).toBe(1)
  })
})

describe('buildHistories()', () => {
  test('a sensor keeps its own times, and a gap is where more than ten of its steps are missing', () => {
    const times = minutes(100).map((at, row) => (row < 60 ? at : at + 3_600_000))
    const [history] = buildHistories([sensor('a', times, waves(100))], options)
    expect(history).toMatchObject({ name: 'a', channels: ['a'], context: [], stepMs: 60_000 })
    expect([...history!.timeMs]).toEqual(times)
    expect([...history!.gapBefore].flatMap((gap, row) => (gap === 1 ? [row] : []))).toEqual([0, 60])
  })

  test('an asset is one history; a channel without a reading at a shared tick is masked', () => {
    const times = minutes(200)
    const b = times.filter((_, row) => row !== 50)
    const [history, ...more] = buildHistories([sensor('a', times, waves(200)), sensor('b', b, waves(199, 1))], {
      ...options,
      as: 'asset',
    })
    expect(more).toEqual([])
    expect(history).toMatchObject({ name: 'press', channels: ['a', 'b'] })
    expect(history!.values[2 * 50]).toBe(waves(200)[50])
    expect(history!.values[2 * 50 + 1]).toBeNaN()
  })

  test('context stands behind the channels of every sensor, and a tick that has nothing else is left out', () => {
    const times = minutes(200)
    const readings = [
      sensor('load', times, waves(200, 2)),
      sensor('a', times.slice(1), waves(199)),
      sensor('b', times, waves(200, 1)),
    ]
    const histories = buildHistories(readings, { ...options, context: ['load'] })
    expect(histories.map(({ channels, context }) => [channels, context])).toEqual([
      [['a'], ['load']],
      [['b'], ['load']],
    ])
    expect(histories[0]!.timeMs).toHaveLength(199)
    expect(histories[0]!.values[1]).toBe(waves(200, 2)[1])
  })

  test('channels at their own times come on the grid of the slowest, or on the one asked for', () => {
    const quick = sensor(
      'a',
      Array.from({ length: 600 }, (_, row) => 10_000 * row),
      waves(600),
    )
    const slow = sensor(
      'b',
      minutes(100).map((at) => at + 7_000),
      waves(100, 1),
    )
    const asset = { ...options, as: 'asset' } as const
    expect(buildHistories([quick, slow], asset)[0]!.stepMs).toBe(60_000)
    expect(buildHistories([quick, slow], { ...asset, periodMs: 30_000 })[0]!.stepMs).toBe(30_000)
  })

  test('a context column that is not there is named with those that are', () => {
    const build = () => buildHistories([sensor('a', minutes(5), waves(5))], { ...options, context: ['laod'] })
    expect(build).toThrow(/no context column "laod"; there are a/)
    const only = () => buildHistories([sensor('a', minutes(5), waves(5))], { ...options, context: ['a'] })
    expect(only).toThrow(/no channel has a good reading/)
  })
})

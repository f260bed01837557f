import { describe, expect, test } from 'vitest'
import { alignChannels, gapsOf, medianStepOf, periodOf, sharedTicks } from '../../../src/core/align.ts'

const rowsOf = (values: Float64Array, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)])

describe('alignChannels()', () => {
  test('a tick sees the readings up to its own time and none later', () => {
    const one = { timeMs: [0, 9, 10, 11, 25], value: [1, 2, 3, 4, 5] }
    const { timeMs, values } = alignChannels([one], { periodMs: 10 })
    expect([...timeMs]).toEqual([0, 10, 20, 30])
    expect([...values]).toEqual([1, 3, 4, 5])
  })

  test('what comes later changes no tick before it', () => {
    const times = Array.from({ length: 200 }, (_, row) => 7 * row)
    const all = { timeMs: times, value: times.map((at) => at % 13) }
    const changed = { timeMs: times, value: times.map((at, row) => (row < 100 ? at % 13 : 1e9)) }
    for (const value of ['last', 'mean'] as const) {
      const before = alignChannels([all], { periodMs: 20, value })
      const after = alignChannels([changed], { periodMs: 20, value })
      const known = before.timeMs.findIndex((at) => at >= times[100]!)
      expect(after.values.slice(0, known)).toEqual(before.values.slice(0, known))
      expect(after.values[known]).not.toBe(before.values[known])
    }
  })

  test('the mean is of the readings since the tick before; without one the last reading stands', () => {
    const one = { timeMs: [10, 12, 18, 20, 41], value: [100, 1, 2, 6, 9] }
    const { timeMs, values } = alignChannels([one], { periodMs: 10, value: 'mean' })
    expect([...timeMs]).toEqual([10, 20, 30, 40, 50])
    expect([...values]).toEqual([100, 3, 6, 6, 9])
  })

  test('a channel is masked when its last reading is too old, others go on', () => {
    const steady = { timeMs: [0, 10, 20, 30, 40, 50, 60], value: [0, 1, 2, 3, 4, 5, 6] }
    const slow = { timeMs: [0, 60], value: [70, 80] }
    const usual = alignChannels([steady, slow], { periodMs: 10 })
    expect(rowsOf(usual.values, 2)).toEqual([
      [0, 70],
      [1, 70],
      [2, 70],
      [3, 70],
      [4, NaN],
      [5, NaN],
      [6, 80],
    ])
    const strict = alignChannels([steady, slow], { periodMs: 10, maxAgeMs: 0 })
    expect(rowsOf(strict.values, 2)[1]).toEqual([1, NaN])
  })

  test('a silence of years costs no ticks and leaves none behind', () => {
    const year = 365 * 86_400_000
    const one = { timeMs: [0, 1_000, year, year + 1_000], value: [1, 2, 3, 4] }
    const { timeMs, values } = alignChannels([one], { periodMs: 1_000, maxAgeMs: 0 })
    expect([...timeMs]).toEqual([0, 1_000, year, year + 1_000])
    expect([...values]).toEqual([1, 2, 3, 4])
  })

  test('no reading, no tick', () => {
    expect(alignChannels([{ timeMs: [], value: [] }], { periodMs: 10 }).timeMs).toHaveLength(0)
  })
})

describe('sharedTicks()', () => {
  test('channels of a wide file keep their own times, a missing cell is masked', () => {
    const times = Array.from({ length: 200 }, (_, row) => 1_000 + 37 * row)
    const a = { timeMs: times, value: times.map((_, row) => row) }
    const b = { timeMs: times.filter((_, row) => row !== 5), value: times.slice(1).map((_, row) => -row) }
    const ticks = sharedTicks([a, b])!
    expect([...ticks.timeMs]).toEqual(times)
    expect(rowsOf(ticks.values, 2)[5]).toEqual([5, NaN])
    expect(rowsOf(ticks.values, 2)[6]).toEqual([6, -5])
  })

  test('times are in order although one channel has the first of them', () => {
    const times = Array.from({ length: 200 }, (_, row) => 5 * row)
    const late = { timeMs: times.slice(1), value: times.slice(1) }
    const whole = { timeMs: times, value: times }
    expect([...sharedTicks([late, whole])!.timeMs]).toEqual(times)
  })

  test('channels that report at their own times share none', () => {
    expect(
      sharedTicks([
        { timeMs: [0, 10], value: [1, 2] },
        { timeMs: [1, 11], value: [1, 2] },
      ]),
    ).toBeNull()
  })
})

test('the period is the median step of the slowest channel, whatever gaps it has', () => {
  const quick = { timeMs: [0, 1, 2, 3], value: [0, 0, 0, 0] }
  const slow = { timeMs: [0, 60, 120, 9_000, 9_060], value: [0, 0, 0, 0, 0] }
  expect(periodOf([quick, slow])).toBe(60)
  expect(periodOf([{ timeMs: [5], value: [1] }])).toBe(1)
  expect(medianStepOf([5])).toBe(0)
})

test('a gap is more than ten median steps; the first row has one', () => {
  expect([...gapsOf([0, 1, 2, 12, 23, 24], 1)]).toEqual([1, 0, 0, 0, 1, 0])
})

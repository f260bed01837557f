import { describe, expect, test } from 'vitest'
import { TickFormer } from '../../../../src/core/asset/tick-former.ts'

/** A former of so many channels, and the ticks that it closed as `time: values`. */
function former(channels: number, periodMs = 0, maxAgeMs = 0) {
  const ticks: string[] = []
  const made = new TickFormer(
    (timeMs, values) => ticks.push(`${timeMs}: ${[...values].map((value) => (Number.isNaN(value) ? '-' : value))}`),
    periodMs,
    maxAgeMs,
  )
  for (let channel = 0; channel < channels; channel++) made.add()
  const take = (...readings: readonly (readonly [channel: number, timeMs: number, value: number])[]) => {
    for (const [channel, timeMs, value] of readings) made.take(channel, timeMs, value, timeMs)
    return ticks.splice(0)
  }
  return { made, take, ticks }
}

describe('ticks of equal times', () => {
  test('close when a later reading comes, a silent or faulty channel masked', () => {
    const { take, made, ticks } = former(2)
    expect(take([0, 10, 1], [1, 10, 2], [0, 20, 3])).toEqual(['10: 1,2'])
    expect(take([0, 30, 5], [1, 30, Number.NaN])).toEqual(['20: 3,-'])
    made.finish(0)
    expect(ticks).toEqual(['30: 5,-'])
    made.finish(0)
    expect(ticks).toHaveLength(1)
  })

  test('close at once when every channel that is required has spoken, and take nothing afterwards', () => {
    const { take, made } = former(3)
    made.require([0, 1])
    expect(take([0, 10, 1], [1, 10, Number.NaN])).toEqual(['10: 1,-,-'])
    expect(take([2, 10, 9], [0, 5, 9])).toEqual([])
    expect(take([1, 20, 4], [0, 20, 3])).toEqual(['20: 3,4,-'])
  })
})

describe('ticks on a grid', () => {
  test('see the last good reading up to their time, at most three periods old', () => {
    const { take } = former(2, 10)
    expect(take([0, 8, 1], [1, 9, 2], [0, 12, 3])).toEqual(['10: 1,2'])
    expect(take([1, 15, Number.NaN], [0, 21, 4], [0, 31, 5], [0, 41, 6])).toEqual(['20: 3,2', '30: 4,2', '40: 5,-'])
  })

  test('close when every required channel has spoken for their time or a later one', () => {
    const { take, made } = former(2, 10)
    made.require([0, 1])
    expect(take([0, 10, 1], [1, 10, 2])).toEqual(['10: 1,2'])
    expect(take([0, 20, 3])).toEqual([])
    expect(take([1, 23, 4])).toEqual(['20: 3,2'])
  })

  test('are left out where nobody spoke, however long', () => {
    const { take } = former(1, 10)
    const found = take([0, 10, 1], [0, 1e12 + 5, 2], [0, 1e12 + 11, 3])
    expect(found).toEqual(['10: 1', '20: 1', '30: 1', '40: 1', `${1e12 + 10}: 2`])
  })
})

test('a former goes on from its numbers as if nothing had been', () => {
  for (const period of [0, 10]) {
    const readings = Array.from({ length: 60 }, (_, at) => [at % 3, 7 * Math.floor(at / 3) + (at % 2), at] as const)
    const whole = former(3, period)
    const expected = whole.take(...readings)
    for (let cut = 0; cut < readings.length; cut++) {
      const first = former(3, period)
      const begun = first.take(...readings.slice(0, cut))
      const second = former(0, 99)
      second.made.numbers = first.made.numbers
      expect([...begun, ...second.take(...readings.slice(cut))]).toEqual(expected)
    }
  }
})

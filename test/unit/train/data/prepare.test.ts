import { describe, expect, test } from 'vitest'
import { inputCount, prepare, splitInTime } from '../../../../src/train/data/prepare.ts'
import { historyOf, waves } from './series.ts'

const options = { scaler: 'standard', calendar: [], inputClip: 8 } as const
const shares = { validation: 0.2, test: 0.2 }

describe('splitInTime()', () => {
  test('cuts one history into parts that follow each other', () => {
    expect(splitInTime([historyOf([waves(100)])], shares)).toEqual([
      { train: { from: 0, to: 60 }, validation: { from: 60, to: 80 }, test: { from: 80, to: 100 } },
    ])
  })

  test('for many sensors the cut is one moment: no sensor trains on what is later than the test of another', () => {
    const early = historyOf([waves(300)])
    const late = historyOf([waves(100, 1)], {
      timeMs: Float64Array.from({ length: 100 }, (_, row) => 150_007 * row + 9e6),
    })
    const splits = splitInTime([early, late], shares)
    const latest = (part: 'train' | 'validation'): number =>
      Math.max(...[early, late].map(({ timeMs }, at) => timeMs[splits[at]![part].to - 1] ?? -Infinity))
    const first = (part: 'validation' | 'test'): number =>
      Math.min(...[early, late].map(({ timeMs }, at) => timeMs[splits[at]![part].from] ?? Infinity))
    expect(latest('train')).toBeLessThan(first('validation'))
    expect(latest('validation')).toBeLessThan(first('test'))
  })

  test('a part without a share has no row', () => {
    const [none] = splitInTime([historyOf([waves(100)])], { validation: 0, test: 0 })
    expect(none!.train).toEqual({ from: 0, to: 100 })
    const [onlyTest] = splitInTime([historyOf([waves(100)])], { validation: 0, test: 0.5 })
    expect(onlyTest).toEqual({
      train: { from: 0, to: 50 },
      validation: { from: 50, to: 50 },
      test: { from: 50, to: 100 },
    })
  })
})

describe('prepare()', () => {
  const history = historyOf([waves(100), waves(100, 1)])
  const split = splitInTime([history], shares)[0]!

  test('fits scales on the training part alone: later values change no scale and no input before them', () => {
    for (const scaler of ['standard', 'robust', 'minmax'] as const) {
      const other = { ...history, values: history.values.map((value, at) => (at < 120 ? value : 1e6)) }
      const one = prepare(history, split, { ...options, scaler })
      const two = prepare(other, split, { ...options, scaler })
      expect(two.scales).toEqual(one.scales)
      expect(two.inputs.slice(0, 120)).toEqual(one.inputs.slice(0, 120))
      expect(two.inputs[120]).not.toBe(one.inputs[120])
    }
  })

  test('holds inputs within the clip, never what is predicted; what is missing is the mean', () => {
    const values = history.values.slice()
    values[0] = 1e6
    values[2] = Number.NaN
    const { inputs, scaled, scales } = prepare({ ...history, values }, split, { ...options, scaler: 'robust' })
    expect(inputs[0]).toBe(8)
    expect(scaled[0]).toBe((1e6 - scales[0]!.center) / scales[0]!.scale)
    expect(inputs[2]).toBe(0)
    expect(scaled[2]).toBeNaN()
  })

  test('the calendar stands behind channels and context', () => {
    const calendar = ['day', 'hour'] as const
    const joint = { ...history, channels: ['c0'], context: ['c1'] }
    const { inputs, scaled } = prepare(joint, split, { ...options, calendar: [...calendar] })
    expect(inputCount(joint, calendar)).toBe(6)
    expect(inputs).toHaveLength(600)
    expect(scaled).toHaveLength(100)
    // Row 15 is a quarter past midnight: sine 1 and cosine 0 of the hour.
    expect(inputs[15 * 6 + 4]).toBeCloseTo(1, 6)
    expect(inputs[15 * 6 + 5]).toBeCloseTo(0, 6)
  })

  test('takes scales that are known, and names a channel without a reading to fit one on', () => {
    const known = new Map([['c0', { center: 7, scale: 3 }]])
    expect(prepare(history, split, options, known).scales[0]).toEqual({ center: 7, scale: 3 })
    const empty = { ...history, values: history.values.map((value, at) => (at % 2 === 1 && at < 120 ? NaN : value)) }
    expect(() => prepare(empty, split, options)).toThrow(/c1: no good reading in the training part/)
  })
})

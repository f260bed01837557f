import { describe, expect, test } from 'vitest'
import { prepare, splitInTime } from '../../../../src/train/data/prepare.ts'
import { HistoryWindows, type WindowOptions } from '../../../../src/train/data/windows.ts'
import { historyOf } from './series.ts'

/** Row numbers as values, unscaled: a window then tells which rows it saw. */
const rows = (count: number, gaps: readonly number[] = []) => {
  const history = historyOf([Float64Array.from({ length: count }, (_, row) => row)])
  for (const row of gaps) history.gapBefore[row] = 1
  const split = splitInTime([history], { validation: 0.2, test: 0.2 })[0]!
  return prepare(history, split, { scaler: 'none', calendar: [], inputClip: 1e9 })
}
const usual: WindowOptions = { ticks: 4, stride: 1, horizons: 2, target: 'level', every: true }

const filled = (windows: HistoryWindows): { x: Float32Array; target: Float32Array } => {
  const x = new Float32Array(windows.count * windows.ticks * windows.inputs)
  const answers = windows.every ? windows.ticks : 1
  const target = new Float32Array(windows.count * answers * windows.targets)
  windows.fill(
    Int32Array.from({ length: windows.count }, (_, at) => at),
    x,
    target,
  )
  return { x, target }
}
const known = (values: Float32Array): number[] => [...values].filter((value) => !Number.isNaN(value))

describe('HistoryWindows', () => {
  test('no window of a part reaches behind its cut, and every target lies in its part', () => {
    const prepared = rows(100)
    for (const part of ['train', 'validation', 'test'] as const) {
      const range = prepared.split[part]
      const { x, target } = filled(new HistoryWindows([{ prepared, range }], usual))
      expect(Math.max(...x)).toBeLessThan(range.to - 1)
      expect(Math.min(...known(target))).toBe(part === 'train' ? 1 : range.from)
      expect(Math.max(...known(target))).toBe(range.to - 1)
    }
  })

  test('the first window of a part sees the last rows of the part before as inputs, and says the first row', () => {
    const prepared = rows(100)
    const { from, to } = prepared.split.validation
    const last = new HistoryWindows([{ prepared, range: { from, to } }], { ...usual, every: false, horizons: 1 })
    const { x, target } = filled(last)
    expect([...x.subarray(0, 4)]).toEqual([from - 4, from - 3, from - 2, from - 1])
    // Each row of the part is said once.
    expect([...target]).toEqual(Array.from({ length: to - from }, (_, row) => from + row))
    const { target: each } = filled(new HistoryWindows([{ prepared, range: { from, to } }], usual))
    const none = Number.NaN
    expect([...each.subarray(0, 8)]).toEqual([none, none, none, none, none, from, from, from + 1])
  })

  test('none looks back across a gap', () => {
    const prepared = rows(100, [58])
    const range = prepared.split.validation
    expect(range.from).toBe(60)
    const windows = new HistoryWindows([{ prepared, range }], usual)
    expect(windows.place(0).from).toBe(58)
    const cut = rows(100, [60])
    expect(new HistoryWindows([{ prepared: cut, range }], usual).place(0).from).toBe(60)
  })

  test('none crosses a gap, neither with inputs nor with targets', () => {
    const prepared = rows(30, [12])
    const windows = new HistoryWindows([{ prepared, range: { from: 0, to: 30 } }], usual)
    const { x, target } = filled(windows)
    for (let window = 0; window < windows.count; window++) {
      const all = [...x.subarray(window * 4, window * 4 + 4), ...known(target.subarray(window * 8, window * 8 + 8))]
      expect(new Set(all.map((row) => row < 12)).size).toBe(1)
    }
    expect(windows.count).toBe(12 - 4 + 18 - 4)
  })

  test('a target is the next value, or how far it is away, in the order horizon, channel', () => {
    const history = historyOf([Float64Array.of(1, 2, 4, 8, 16), Float64Array.of(0, 10, 20, 30, 50)])
    const split = splitInTime([history], { validation: 0, test: 0 })[0]!
    const prepared = prepare(history, split, { scaler: 'none', calendar: [], inputClip: 1e9 })
    const of = (options: Partial<WindowOptions>): number[] => {
      const all = { ...usual, ticks: 2, stride: 9, ...options }
      return [...filled(new HistoryWindows([{ prepared, range: split.train }], all)).target]
    }
    expect(of({})).toEqual([2, 10, 4, 20, 4, 20, 8, 30])
    expect(of({ target: 'change' })).toEqual([1, 10, 3, 20, 2, 10, 6, 20])
    expect(of({ every: false })).toEqual([4, 20, 8, 30])
  })

  test('a missing value is no target and makes no change', () => {
    const history = historyOf([Float64Array.of(1, Number.NaN, 4, 8)])
    const split = splitInTime([history], { validation: 0, test: 0 })[0]!
    const prepared = prepare(history, split, { scaler: 'none', calendar: [], inputClip: 1e9 })
    const windows = new HistoryWindows([{ prepared, range: split.train }], {
      ...usual,
      ...{ ticks: 3, horizons: 1, target: 'change' },
    })
    expect([...filled(windows).target]).toEqual([Number.NaN, Number.NaN, 4])
  })

  test('many histories give windows of each, and a window knows whose it is', () => {
    const [a, b] = [rows(20), rows(10)]
    const part = (prepared: typeof a) => ({ prepared, range: { from: 0, to: prepared.history.timeMs.length } })
    const windows = new HistoryWindows([part(a), part(b)], { ...usual, stride: 3 })
    expect(Array.from({ length: windows.count }, (_, at) => windows.place(at).prepared)).toEqual([
      ...new Array<typeof a>(6).fill(a),
      ...new Array<typeof b>(2).fill(b),
    ])
    expect(windows.place(7).from).toBe(3)
  })
})

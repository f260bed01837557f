import { describe, expect, it } from 'vitest'
import {
  append,
  appendHistory,
  columnsOf,
  leavesOut,
  medianStep,
  plotted,
  spans,
} from '../../../../src/server/ui/sensor/chart-data.ts'
import { sensor } from '../fixtures.ts'

function columns(time: readonly number[]) {
  return columnsOf({
    sensor: 's1',
    time,
    value: time.map(() => 1),
    expected: time.map(() => 1),
    lower: time.map(() => 0),
    upper: time.map(() => 2),
    score: time.map(() => 0.1),
    alarm: time.map(() => 0),
    quality: time.map(() => 'good' as const),
  })
}

describe('append', () => {
  it('takes a newer row and refuses one that is not newer or has no time', () => {
    const own = columns([1, 2])
    expect(append(own, sensor('s1', { time: 2 }))).toBe(false)
    expect(append(own, sensor('s1', { time: null }))).toBe(false)
    expect(append(own, sensor('s1', { time: 3, value: 9 }))).toBe(true)
    expect(own.time).toEqual([1, 2, 3])
    expect(own.value.at(-1)).toBe(9)
  })

  it('keeps a bounded number of rows, in columns of equal length', () => {
    const own = columns([])
    for (let time = 1; time <= 9_000; time++) append(own, sensor('s1', { time }))
    expect(own.time.length).toBeLessThanOrEqual(4_000)
    expect(own.time.at(-1)).toBe(9_000)
    expect(new Set(Object.values(own).map((column) => column.length)).size).toBe(1)
  })
})

describe('leavesOut', () => {
  it('tells a live row that skips others, not the next one', () => {
    const own = columns([10, 20, 30])
    expect(leavesOut(own, sensor('s1', { time: 40 }))).toBe(false)
    expect(leavesOut(own, sensor('s1', { time: 60 }))).toBe(true)
    expect(leavesOut(columns([]), sensor('s1', { time: 60 }))).toBe(false)
  })

  it('is over once the history has filled in', () => {
    const own = columns([10, 20, 30])
    appendHistory(own, { sensor: 's1', ...columns([20, 30, 40, 50]) })
    expect(own.time).toEqual([10, 20, 30, 40, 50])
    expect(leavesOut(own, sensor('s1', { time: 60 }))).toBe(false)
  })
})

describe('plotted', () => {
  it('breaks the lines where a gap has more than 10 median steps', () => {
    const out = plotted(columns([0, 1, 2, 12, 23]))
    expect(out.time).toEqual([0, 1, 2, 12, 23])
    const broken = plotted(columns([0, 1, 2, 3, 14]))
    expect(broken.time).toEqual([0, 1, 2, 3, 8.5, 14])
    expect(broken.value[4]).toBeNull()
    expect(broken.row).toEqual([0, 1, 2, 3, -1, 4])
  })

  it('draws nothing of nothing', () => {
    expect(plotted(columns([])).time).toEqual([])
    expect(medianStep([5])).toBe(0)
  })
})

describe('spans', () => {
  it('joins neighbours with the same word, up to the row that ends them', () => {
    const words = [null, 'a', 'a', 'b', null, 'a']
    expect(spans([0, 1, 2, 3, 4, 5], (row) => words[row] ?? null)).toEqual([
      { fromMs: 1, toMs: 3, what: 'a' },
      { fromMs: 3, toMs: 4, what: 'b' },
      { fromMs: 5, toMs: 5, what: 'a' },
    ])
  })
})

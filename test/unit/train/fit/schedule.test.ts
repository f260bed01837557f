import { describe, expect, it } from 'vitest'
import { rateAt, type Schedule, scheduleProblems } from '../../../../src/train/fit/schedule.ts'

const updatesPerEpoch = 4

/** The rate at the first update of each of six epochs, at a rate of 1. */
function rates(schedule: Schedule, losses: readonly number[] = []): number[] {
  return Array.from({ length: 6 }, (_, epoch) => {
    const moment = { update: epoch * updatesPerEpoch, updatesPerEpoch, epochs: 6, losses: losses.slice(0, epoch) }
    return Math.round(rateAt(1, schedule, moment) * 1e6) / 1e6
  })
}

describe('rateAt()', () => {
  it('stays, falls in steps, or by a factor an epoch', () => {
    expect(rates({ kind: 'constant' })).toEqual([1, 1, 1, 1, 1, 1])
    expect(rates({ kind: 'step', every: 2, factor: 0.1 })).toEqual([1, 1, 0.1, 0.1, 0.01, 0.01])
    expect(rates({ kind: 'exponential', factor: 0.5 })).toEqual([1, 0.5, 0.25, 0.125, 0.0625, 0.03125])
  })

  it('falls along half a cosine to its lowest', () => {
    const half = rates({ kind: 'cosine', lowest: 0.2 })
    expect(half[0]).toBe(1)
    expect(half[3]).toBeCloseTo(0.6, 6)
    expect(half.every((rate, n) => n === 0 || rate < half[n - 1]!)).toBe(true)
    expect(rateAt(1, { kind: 'cosine' }, { update: 24, updatesPerEpoch, epochs: 6, losses: [] })).toBeCloseTo(0, 12)
  })

  it('rises and falls in one cycle', () => {
    const all = Array.from({ length: 24 }, (_, update) =>
      rateAt(1, { kind: 'one-cycle' }, { update, updatesPerEpoch, epochs: 6, losses: [] }),
    )
    // 15 % of 24 updates are three.
    expect(all.indexOf(Math.max(...all))).toBe(2)
    expect(all[0]).toBeCloseTo(1 / 3, 12)
    expect(all[23]).toBeLessThan(0.02)
  })

  it('halves after so many epochs without a lower loss, and counts anew', () => {
    expect(rates({ kind: 'plateau', patience: 2 }, [3, 2, 2, 2, 1, 1])).toEqual([1, 1, 1, 1, 0.5, 0.5])
    expect(rates({ kind: 'plateau', patience: 1, factor: 0.1 }, [1, 2, 3, 0, 4])).toEqual([
      1, 1, 0.1, 0.01, 0.01, 0.001,
    ])
  })

  it('warms up before any of them', () => {
    const moment = { updatesPerEpoch, epochs: 6, losses: [] }
    const warm = { kind: 'constant', warmUp: 1.5 } as const
    const first = Array.from({ length: 8 }, (_, update) => rateAt(6, warm, { ...moment, update }))
    expect(first).toEqual([1, 2, 3, 4, 5, 6, 6, 6])
  })
})

describe('scheduleProblems()', () => {
  it('finds what does not make sense, and nothing else', () => {
    const paths = (schedule: Schedule): string[] => scheduleProblems(schedule, 's').map(({ path }) => path)
    expect(paths({ kind: 'constant', warmUp: -1 })).toEqual(['s.warmUp'])
    expect(paths({ kind: 'exponential', factor: 0 })).toEqual(['s.factor'])
    expect(paths({ kind: 'plateau', patience: 0.5, factor: 2 })).toEqual(['s.factor', 's.patience'])
    expect(paths({ kind: 'cosine', lowest: 2 })).toEqual(['s.lowest'])
    expect(paths({ kind: 'step', every: 0, factor: 0.5 })).toEqual(['s.every'])
    expect(paths({ kind: 'plateau', patience: 3 })).toEqual([])
    expect(paths({ kind: 'one-cycle', warmUp: 1 })).toEqual([])
  })
})

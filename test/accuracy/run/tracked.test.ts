import { describe, expect, test } from 'vitest'
import { compare, storedResults } from './tracked.mjs'

const stored = {
  f1: { value: 0.7, tolerance: 0.01, better: 'higher' },
  falsePerMonth: { value: 1, tolerance: 0.05, better: 'lower' },
} as const
const verdictOf = (name: string, value: number): string => compare({ [name]: value }, stored)[0]!.verdict

describe('a stored figure', () => {
  test('may fall by its tolerance, and not further', () => {
    expect([0.7, 0.691, 0.709, 0.72, 0.68].map((value) => verdictOf('f1', value))).toEqual([
      'same',
      'same',
      'same',
      'better',
      'worse',
    ])
  })

  test('of alarms is better when it is lower', () => {
    expect([1.04, 1.06, 0.9].map((value) => verdictOf('falsePerMonth', value))).toEqual(['same', 'worse', 'better'])
  })

  test('that is no number any more is worse, and one that nobody stored is new', () => {
    expect(verdictOf('f1', Number.NaN)).toBe('worse')
    expect(verdictOf('delay', 3)).toBe('new')
  })

  test('is there with a tolerance and a direction', () => {
    const results = Object.values(storedResults())
    expect(results.length).toBeGreaterThan(20)
    for (const { value, tolerance, better } of results) {
      expect(Number.isFinite(value)).toBe(true)
      expect(tolerance).toBeGreaterThanOrEqual(0)
      expect(['higher', 'lower']).toContain(better)
    }
  })
})

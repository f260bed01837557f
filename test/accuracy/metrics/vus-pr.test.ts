import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { vusPr } from './vus-pr.mjs'

describe('VUS-PR', () => {
  test('without a buffer is average precision', () => {
    // Ranked rows 3 (labelled), 0 (not), 4 (labelled), …: precision 1 at recall 1/2, 2/3 at recall 1.
    expect(vusPr([0.8, 0, 0.1, 0.9, 0.7, 0.2], [[3, 4]], [0])).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12)
  })

  test('weighs recall by the share of windows that are found at all', () => {
    // Row 1 alone: recall 1/2 × half of the windows; then both: 1. Precision is 1 at both.
    expect(
      vusPr(
        [0, 0.9, 0, 0.8, 0],
        [
          [1, 1],
          [3, 3],
        ],
        [0],
      ),
    ).toBeCloseTo(0.25 + 0.75, 12)
    // A wrong row between them: the second threshold has precision 1/2 and brings no recall.
    expect(
      vusPr(
        [0.85, 0.9, 0, 0.8, 0],
        [
          [1, 1],
          [3, 3],
        ],
        [0],
      ),
    ).toBeCloseTo(0.25 + 0.75 * (2 / 3), 12)
  })

  test('lets a detection beside a label count by the height of its shoulder', () => {
    // Buffer 4: the row one away is worth √(3/4). Row 4 first: 1 away from the window 5…5.
    const score = [0, 0, 0, 0, 0.9, 0.8, 0, 0, 0, 0, 0, 0]
    const one = Math.sqrt(0.75)
    const first = one / (1 + one / 2)
    const second = Math.min(1, (1 + one) / (1 + one / 2))
    expect(second).toBe(1)
    expect(vusPr(score, [[5, 5]], [4])).toBeCloseTo(first * one + (second - first) * ((1 + one) / 2), 12)
  })

  test('is 1 for a perfect ranking, and about the labelled share for noise', () => {
    const windows = [
      [200, 299],
      [600, 699],
    ] as const
    const inWindow = (row: number): boolean => windows.some(([first, last]) => row >= first && row <= last)
    const perfect = Float64Array.from({ length: 1000 }, (_, row) => (inWindow(row) ? 1 : 0))
    expect(vusPr(perfect, windows, [0])).toBe(1)
    const random = createPrng(1)
    const noise = Float64Array.from({ length: 1000 }, () => random.uniform())
    expect(vusPr(noise, windows, [0])).toBeGreaterThan(0.15)
    expect(vusPr(noise, windows, [0])).toBeLessThan(0.25)
    expect(vusPr(perfect, windows)).toBeGreaterThan(vusPr(noise, windows) + 0.5)
  })

  test('gives equal scores one threshold: a constant is worth the labelled share whatever the order', () => {
    expect(vusPr(new Float64Array(100), [[10, 19]], [0])).toBeCloseTo(0.1, 12)
  })

  test('says nothing of a series without labels', () => {
    expect(() => vusPr([0, 1], [])).toThrow(RangeError)
  })
})

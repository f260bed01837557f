import { expect, test } from 'vitest'
import { sampleOf, seedsOf, storedSample } from './sample.mjs'

test('the halves have no seed in common, and together are what is stored', () => {
  const [choose, report] = (['choose', 'report'] as const).map((half) => seedsOf(sampleOf(half, 1), 2))
  expect([choose, report]).toEqual([
    [0, 2],
    [1, 3],
  ])
  expect(seedsOf(storedSample, 2)).toEqual([0, 1, 2, 3])
  expect(sampleOf(undefined, 1)).toEqual(storedSample)
  expect(seedsOf(sampleOf('report', 3), 1)).toEqual([1, 3, 5])
})

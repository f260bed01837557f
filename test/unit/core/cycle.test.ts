import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { N, noveltyWidth, tableBytes } from '../../../src/core/novelty/layout.ts'
import { Novelty } from '../../../src/core/novelty/novelty.ts'

/** What recipe U finds of a signal, and the size of its errors in the last thousand readings, in deviations. */
function errorsOf(signal: (row: number) => number, rows = 4000) {
  const f = new Float64Array(noveltyWidth + tableBytes / 8)
  const recipe = new Novelty(f)
  let sum = 0
  for (let row = 0; row < rows; row++) {
    const value = signal(row)
    const isFound = recipe.observe(0, noveltyWidth, value, Math.floor(row / 60) % 10_080, 1_000, 'normal')
    if (isFound && row >= rows - 1000) sum += Math.abs(value - recipe.found.expected) / 1000
  }
  return { mean: sum / f[N.deviation]!, length: f[N.cycleLength]!, share: f[N.cycleError]! / f[N.otherError]! }
}

/** Batches of `rows` readings, each up to `jitter` shorter or longer: heat up, hold, cool down, wait. */
function batches(rows: number, jitter: number, noise = 0.02) {
  const random = createPrng(rows)
  let [left, length] = [0, rows]
  return () => {
    if (left <= 0) {
      length = rows * (1 + jitter * (2 * random.uniform() - 1))
      left += length
    }
    const part = 1 - left-- / length
    const level = part < 0.25 ? 4 * part : part < 0.6 ? 1 : part < 0.8 ? 5 * (0.8 - part) : 0
    return 20 + 100 * (level + noise * random.normal())
  }
}

describe('a machine with a cycle of its own', () => {
  test.each([
    [37, 0],
    [37, 0.1],
    [140, 0.05],
    [600, 0.05],
  ])('of %s readings, each up to %s longer or shorter, is expected to go on with it', (rows, jitter) => {
    const { mean, length, share } = errorsOf(batches(rows, jitter), 4000 + 4 * rows)
    expect(length).toBeGreaterThan(0.9 * rows)
    expect(length).toBeLessThan(1.1 * rows)
    expect(share).toBeLessThan(0.5)
    expect(mean).toBeLessThan(0.35)
  })

  test('noise has none: nothing else is expected of it than without', () => {
    const random = createPrng(5)
    expect(errorsOf(() => random.normal()).share).toBeGreaterThan(0.9)
  })

  test('a batch that stays away is missed at once', () => {
    const next = batches(90, 0.03)
    const usual = errorsOf(next, 4000).mean
    const missed = errorsOf((row) => (row < 3900 ? next() : 20), 4000).mean
    // A hundred of the last thousand readings are of the batch that did not come.
    expect(missed).toBeGreaterThan(usual + 0.06)
  })
})

import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { decimate, pathOf } from '../../../../src/train/report/decimate.ts'
import { bandPath } from '../../../../src/train/report/svg-band.ts'

const width = 600

/** x of count points over 600 pixels. */
const evenly = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => (i * width) / count)

describe('decimate()', () => {
  it('keeps at most four points a pixel, and every spike', () => {
    const random = createPrng(1)
    const count = 200_000
    const y = Float64Array.from({ length: count }, () => 100 + random.normal())
    y[77_777] = 3
    y[150_001] = 190
    const [piece, ...more] = decimate(evenly(count), y)
    expect(more).toEqual([])
    expect(piece!.length).toBeLessThanOrEqual(2 * 4 * width)
    expect(piece).toContain(3)
    expect(piece).toContain(190)
  })
  it('covers in each column of pixels exactly what all points cover', () => {
    const random = createPrng(2)
    const x = evenly(5_000)
    const y = Float64Array.from(x, () => random.normal())
    const extent = (points: readonly (readonly [number, number])[]): Map<number, [number, number]> => {
      const columns = new Map<number, [number, number]>()
      for (const [px, py] of points) {
        const [low, high] = columns.get(Math.floor(px)) ?? [py, py]
        columns.set(Math.floor(px), [Math.min(low, py), Math.max(high, py)])
      }
      return columns
    }
    const [piece] = decimate(x, y)
    const kept = Array.from({ length: piece!.length / 2 }, (_, k) => [piece![2 * k]!, piece![2 * k + 1]!] as const)
    expect(extent(kept)).toEqual(extent(Array.from(x, (px, i) => [px, y[i]!] as const)))
  })
  it('leaves few points as they are', () => {
    expect(decimate([0, 5, 9], [1, 2, 3])).toEqual([[0, 1, 5, 2, 9, 3]])
  })
  it('cuts the line at a gap, and draws a lonely point as a dot', () => {
    const pieces = decimate([0, 5, 10, 15, 20], [1, Number.NaN, 2, Number.NEGATIVE_INFINITY, 3])
    expect(pieces).toEqual([
      [0, 1],
      [10, 2],
      [20, 3],
    ])
    expect(pathOf(pieces)).toBe('M0 1h0M10 2h0M20 3h0')
  })
  it('does not draw a gap within one pixel, so that gaps cannot make the picture large', () => {
    const y = Float64Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? 1 : Number.NaN))
    expect(decimate(evenly(100_000), y)).toHaveLength(1)
  })
  it('gives nothing for nothing', () => {
    expect(pathOf(decimate([], []))).toBe('')
    expect(pathOf(decimate([1, 2], [Number.NaN, Number.NaN]))).toBe('')
  })
})

describe('bandPath()', () => {
  it('goes there along the top and back along the bottom', () => {
    expect(bandPath([0, 10], [1, 2], [5, 6])).toBe('M0 1L10 2L10 6L0 5Z')
  })
  it('is cut at a gap of either line, and a single edge has a width', () => {
    expect(bandPath([0, 10, 20], [1, Number.NaN, 3], [5, 6, 7])).toBe('M0 1L1 1L1 5L0 5ZM20 3L21 3L21 7L20 7Z')
  })
  it('keeps the widest extent of each pixel', () => {
    expect(bandPath([0.1, 0.5, 4], [3, 1, 2], [5, 6, 7])).toBe('M0.1 1L4 2L4 7L0.1 6Z')
  })
})

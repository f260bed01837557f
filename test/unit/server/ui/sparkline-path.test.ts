import { describe, expect, it } from 'vitest'
import { sparklineBox, sparklinePath } from '../../../../src/server/ui/overview/sparkline-path.ts'

const heights = (d: string) => [...d.matchAll(/[\d.]+ ([\d.]+)/g)].map((match) => Number(match[1]))

describe('sparklinePath', () => {
  it('draws nothing without values', () => {
    expect(sparklinePath([], 1)).toEqual({ d: '', endY: null })
    expect(sparklinePath([null, null], 1)).toEqual({ d: '', endY: null })
  })

  it('breaks the line at a missing value', () => {
    expect(sparklinePath([1, 2, null, 3, 4], 0).d.match(/M/g)).toHaveLength(2)
    expect(sparklinePath([1, null], 0).endY).toBeNull()
  })

  it('uses the whole height for a signal wider than its band, little for a calm one, the middle for a flat one', () => {
    const spread = (values: number[], band: number) => {
      const found = heights(sparklinePath(values, band).d)
      return Math.max(...found) - Math.min(...found)
    }
    expect(spread([0, 10], 1)).toBe(sparklineBox.height - 2 * sparklineBox.inset)
    expect(spread([0, 1], 10)).toBeLessThan(3)
    expect(sparklinePath([5, 5], 0).endY).toBe(sparklineBox.height / 2)
  })
})

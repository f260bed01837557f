import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../src/base/errors.ts'
import { rollingOrigin } from '../../../../src/train/evaluate/rolling-origin.ts'

describe('rollingOrigin()', () => {
  it('grows the fit part and tests on what follows, to the last row', () => {
    expect(rollingOrigin(100, 4)).toEqual([
      { fit: { from: 0, to: 20 }, test: { from: 20, to: 40 } },
      { fit: { from: 0, to: 40 }, test: { from: 40, to: 60 } },
      { fit: { from: 0, to: 60 }, test: { from: 60, to: 80 } },
      { fit: { from: 0, to: 80 }, test: { from: 80, to: 100 } },
    ])
  })
  it('gives rows that do not divide to the first fit part', () => {
    expect(rollingOrigin(103, 2, { minimumFit: 50 })).toEqual([
      { fit: { from: 0, to: 51 }, test: { from: 51, to: 77 } },
      { fit: { from: 0, to: 77 }, test: { from: 77, to: 103 } },
    ])
  })
  it('leaves out a gap, and still fits on as many rows as it must', () => {
    for (const { fit, test } of rollingOrigin(100, 3, { minimumFit: 40, gap: 6 })) {
      expect(test.from - fit.to).toBe(6)
      expect(fit.to).toBeGreaterThanOrEqual(40)
    }
  })
  it('refuses more folds than there are rows for', () => {
    expect(() => rollingOrigin(5, 5)).toThrow(ConfigurationError)
    expect(() => rollingOrigin(100, 0)).toThrow(ConfigurationError)
    expect(() => rollingOrigin(100, 1.5)).toThrow(ConfigurationError)
    expect(() => rollingOrigin(100, 2, { minimumFit: 99 })).toThrow('at least one row')
    expect(() => rollingOrigin(100, 2, { gap: -1 })).toThrow(ConfigurationError)
  })
})

import { describe, expect, test } from 'vitest'
import {
  addCorrection,
  linearForecast,
  linearMemorySize,
  linearWidth,
  rememberInputs,
  usesNetwork,
  writeFeatures,
} from '../../../src/model/linear.ts'

const shape = { lags: 3, contextLags: [1, 2], averages: [0.5], context: 1 }

/** Features after these rows of value and context. */
function featuresOf(rows: readonly (readonly [number, number])[]): number[] {
  const memory = new Float32Array(2 + linearMemorySize(shape))
  for (const row of rows) rememberInputs(shape, memory, 2, Float32Array.of(9, ...row), 1)
  const features = new Float64Array(linearWidth(shape))
  writeFeatures(shape, memory, 2, features)
  return [...features]
}

describe('the features of a linear part', () => {
  test('are a 1, the last values newest first, and of a context column its value, its lags and its averages', () => {
    const features = featuresOf([
      [1, 10],
      [2, 20],
      [3, 40],
      [4, 0],
    ])
    // Average with weight ½: 10, 15, 27.5, 13.75.
    expect(features).toEqual([1, 4, 3, 2, 0, 40, 20, 13.75])
  })

  test('take the first row for all before it', () => {
    expect(featuresOf([[5, 7]])).toEqual([1, 5, 5, 5, 7, 7, 7, 7])
  })

  test('without context are a 1 and the lags', () => {
    const alone = { ...shape, context: 0 }
    expect(linearWidth(alone)).toBe(4)
    expect(linearMemorySize(alone)).toBe(4)
  })
})

describe('a linear forecast', () => {
  const part = {
    ...{ lags: 1, contextLags: [], averages: [], context: 0 },
    weights: Float32Array.of(0.5, 2, -1, 1),
    scale: Float32Array.of(4, 1),
    gates: Float32Array.of(0.25, 0),
  }

  test('is the sum of weighted features, and of the network what gate and unit make of it', () => {
    const y = new Float32Array(3)
    linearForecast(part, Float64Array.of(1, 3), y, 1)
    expect([...y]).toEqual([0, 6.5, 2])
    addCorrection(part, Float32Array.of(9, 2, 5), 1, y, 1)
    expect([...y]).toEqual([0, 8.5, 2])
  })

  test('uses the network where any gate is open', () => {
    expect(usesNetwork(part)).toBe(true)
    expect(usesNetwork({ ...part, gates: new Float32Array(2) })).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import type { Model } from '../../../../src/model/model.ts'
import { type InitialSettings, initialModel } from '../../../../src/train/fit/initial-weights.ts'

type Module = Readonly<Record<string, unknown>>

const modules: readonly Module[] = [
  { name: 'a', type: 'LSTM', input_size: 7, hidden_size: 16, num_layers: 2, layer_norm: true },
  { name: 'b', type: 'GRU', input_size: 16, hidden_size: 9, bidirectional: true },
  { name: 'n', type: 'BatchNorm1d', num_features: 18 },
  { name: 'm', type: 'MultiheadAttention', embed_dim: 18, num_heads: 2 },
  { name: 'p', type: 'AdditiveAttention', in_features: 18, attention_size: 10, query: true, window: 5 },
  { name: 'head', type: 'Linear', in_features: 18, out_features: 40 },
]

const modelOf = (settings: InitialSettings, given = modules): Model =>
  initialModel(parseArchitecture({ modules: given }), settings)
const dataOf = (model: Model, name: string): Float32Array => model.tensors.get(name)!.data
const largest = (values: Float32Array): number => values.reduce((most, w) => Math.max(most, Math.abs(w)), 0)

/** Uniform numbers within a bound: none beyond, and of so many the largest close to it. */
function expectBound(model: Model, name: string, bound: number): void {
  const values = dataOf(model, name)
  expect(largest(values), name).toBeLessThanOrEqual(Math.fround(bound))
  // None of n numbers lies above 1 − 7/n of the bound with a probability of e^−7.
  expect(largest(values), name).toBeGreaterThan(bound * Math.max(0, 1 - 7 / values.length))
  expect(values.some((w) => w > 0) && values.some((w) => w < 0), name).toBe(true)
}

describe('initialModel()', () => {
  it('gives the same bits for a seed, and others for another', () => {
    const [one, same, other] = [1, 1, 2].map((seed) => modelOf({ seed }).fingerprint)
    expect(same).toBe(one)
    expect(other).not.toBe(one)
  })

  it('draws as PyTorch does', () => {
    const model = modelOf({ seed: 1 })
    for (const part of ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0', 'weight_ih_l1']) {
      expectBound(model, `a.${part}`, 1 / 4)
    }
    expectBound(model, 'b.weight_hh_l0_reverse', 1 / 3)
    expectBound(model, 'm.in_proj_weight', Math.sqrt(6 / (18 + 54)))
    expectBound(model, 'm.out_proj.weight', 1 / Math.sqrt(18))
    expectBound(model, 'p.proj.weight', 1 / Math.sqrt(18))
    expectBound(model, 'p.score.weight', 1 / Math.sqrt(10))
    expectBound(model, 'head.weight', 1 / Math.sqrt(18))
    expectBound(model, 'head.bias', 1 / Math.sqrt(18))
    for (const name of ['m.in_proj_bias', 'm.out_proj.bias']) expect(largest(dataOf(model, name))).toBe(0)
  })

  it.each(['pytorch', 'keras'] as const)('begins with norms that change nothing: %s', (init) => {
    const model = modelOf({ seed: 1, init })
    const values = (name: string): number[] => [...new Set(dataOf(model, name))]
    for (const name of ['a.layer_norm_l0.weight', 'n.weight', 'n.running_var']) expect(values(name)).toEqual([1])
    for (const name of ['a.layer_norm_l0.bias', 'n.bias', 'n.running_mean']) expect(values(name)).toEqual([0])
  })

  it('draws as Keras does', () => {
    const model = modelOf({ seed: 1, init: 'keras' })
    expectBound(model, 'a.weight_ih_l0', Math.sqrt(6 / (7 + 64)))
    expectBound(model, 'head.weight', Math.sqrt(6 / (18 + 40)))
    const forget = [...dataOf(model, 'a.bias_ih_l0')]
    expect(forget).toEqual([...Array(16).fill(0), ...Array(16).fill(1), ...Array(32).fill(0)])
    for (const name of ['a.bias_hh_l0', 'b.bias_ih_l0', 'b.bias_hh_l0', 'head.bias']) {
      expect(largest(dataOf(model, name)), name).toBe(0)
    }
  })

  it.each([
    ['a.weight_hh_l0', 64, 16],
    ['b.weight_hh_l0', 27, 9],
  ] as const)('makes the columns of %s orthogonal and of length 1, as Keras', (name, rows, columns) => {
    const w = dataOf(modelOf({ seed: 1, init: 'keras' }), name)
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j <= i; j++) {
        let product = 0
        for (let row = 0; row < rows; row++) product += w[row * columns + i]! * w[row * columns + j]!
        // Rounded to float32: each of the products is off by up to 1e-8.
        expect(product).toBeCloseTo(i === j ? 1 : 0, 6)
      }
    }
  })

  it('draws a projection, and shares what modules share', () => {
    const projected = modelOf({ seed: 1, init: 'keras' }, [
      { name: 'a', type: 'LSTM', input_size: 2, hidden_size: 8, proj_size: 3 },
    ])
    expectBound(projected, 'a.weight_hr_l0', Math.sqrt(6 / 11))
    const cell = { name: 'a', type: 'GRU', input_size: 4, hidden_size: 4 }
    const shared = modelOf({ seed: 1 }, [cell, { ...cell, id: 'again' }])
    expect(dataOf(shared, 'a.weight_ih_l0')).toEqual(dataOf(modelOf({ seed: 1 }, [cell]), 'a.weight_ih_l0'))
  })
})

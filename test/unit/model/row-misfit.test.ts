import { describe, expect, test } from 'vitest'
import { createKernel, kernelNames } from '../../../src/model/create-kernel.ts'
import { rowMisfit } from '../../../src/model/row-misfit.ts'
import { randomModel } from './random-model.ts'

const pair = ['wasm', 'reference'] as const
const cell = { name: 'a', input_size: 2, hidden_size: 8 }
const head = { name: 'b', type: 'Linear', in_features: 8, out_features: 3 }
const attention = { name: 'm', type: 'DotAttention', window: 4 }

const misfits = (modules: readonly Record<string, unknown>[]): (string | null)[] => {
  const model = randomModel(modules)
  return pair.map((name, at) => {
    const written = createKernel(model, 1, { kernel: pair[1 - at]! })
    return rowMisfit(model, createKernel(model, 1, { kernel: name }), written.name)
  })
}

describe('rows that one kernel wrote', () => {
  test.each([
    [[{ ...cell, type: 'GRU', num_layers: 3 }, head]],
    [[{ ...cell, type: 'LSTM', num_layers: 2 }, head]],
    [[{ ...cell, type: 'LSTM', hidden_size: 12, proj_size: 8 }, head]],
    [
      [
        { ...cell, type: 'GRU', hidden_size: 8 },
        { ...cell, name: 'c', type: 'LSTM', input_size: 8, hidden_size: 4 },
      ],
    ],
  ])('of a multiple of four units are read by the other: %o', (modules) => {
    expect(misfits(modules)).toEqual([null, null])
    const model = randomModel(modules)
    const [wasm, reference] = [createKernel(model, 3), createKernel(model, 3, { kernel: 'reference' })]
    const step = (kernel: typeof wasm, tick: number): Float32Array => {
      const y = new Float32Array(2 * kernel.outputSize)
      kernel.step(Int32Array.of(2, 0), 2, Float32Array.of(1, -1, tick / 10, 0.3), y)
      return y
    }
    for (let tick = 0; tick < 10; tick++) step(reference, tick)
    wasm.state.set(reference.state)
    const [got, want] = [step(wasm, 10), step(reference, 10)]
    for (const [at, value] of want.entries()) expect(Math.abs(got[at]! - value)).toBeLessThan(2e-6)
  })

  test.each([
    [[{ ...cell, type: 'GRU', hidden_size: 7 }]],
    [[{ ...cell, type: 'LSTM', hidden_size: 9, proj_size: 8 }]],
    [[{ ...cell, type: 'GRU' }, attention, head]],
  ])('of other sizes, or with the ring of an attention, are not: %o', (modules) => {
    expect(misfits(modules)).toEqual([
      expect.stringMatching(/a row of reference-1 is \d+ numbers, and one of wasm-1 is \d+/),
      expect.stringMatching(/a row of wasm-1 is \d+ numbers, and one of reference-1 is \d+/),
    ])
  })

  test('of relaxed SIMD are laid out as those of wasm; of a kernel that is not known, nobody can tell', () => {
    const model = randomModel([{ ...cell, type: 'GRU', hidden_size: 7 }, attention])
    expect(rowMisfit(model, createKernel(model, 1), 'wasm-1-relaxed')).toBe(null)
    expect(rowMisfit(model, createKernel(model, 1), 'wasm-0')).toBe('this program has no kernel wasm-0')
  })

  test('of every kernel are known by the name that it writes', () => {
    const model = randomModel([{ ...cell, type: 'GRU' }])
    for (const name of kernelNames) {
      const isBuilt = name !== 'wasm-relaxed' || Number(process.versions.node.split('.')[0]) >= 22
      if (isBuilt)
        expect(rowMisfit(model, createKernel(model, 1), createKernel(model, 1, { kernel: name }).name)).toBe(null)
      else expect(() => createKernel(model, 1, { kernel: name })).toThrow(/relaxed SIMD.*use Node ≥ 22/)
    }
  })
})

import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { createKernel } from '../../../src/model/create-kernel.ts'
import { guardLimit } from '../../../src/model/guard.ts'
import { openStream } from '../../../src/model/recurrent.ts'
import { kernelNames } from '../../golden/kernels.ts'
import { randomModel, streamable } from './random-model.ts'

const nan = Number.NaN
const poisons: Readonly<Record<string, readonly [number, number]>> = {
  NaN: [nan, nan],
  'one NaN': [nan, 0.5],
  '+inf': [Infinity, Infinity],
  '−inf beside a number': [-Infinity, 1],
  '1e30': [1e30, -1e30],
  '3e38': [3e38, 3e38],
  denormals: [1e-40, -1e-40],
}
const rows = Int32Array.of(2, 0, 1)

/** Inputs (3,2) of a tick, the same for every run. */
function inputs(tick: number): Float32Array {
  const random = createPrng(tick + 1)
  return Float32Array.from({ length: 6 }, () => random.normal())
}

describe.each(kernelNames)('a guarded step of the %s kernel', (kernel) => {
  describe.each(Object.entries(streamable))('%s', (_name, modules) => {
    const model = randomModel(modules)

    test.each(Object.entries(poisons))('%s in one row changes no other row, and does not stay', (_poison, values) => {
      const clean = openStream(model, { slots: 4, kernel })
      const hurt = openStream(model, { slots: 4, kernel })
      for (let tick = 0; tick < 300; tick++) {
        const x = inputs(tick)
        const want = clean.step(rows, x)
        if (tick > 3 && tick < 8) x.set(values, 2)
        const got = hurt.step(rows, x)
        const outputs = want.length / 3
        expect(got.subarray(0, outputs)).toEqual(want.subarray(0, outputs))
        expect(got.subarray(2 * outputs)).toEqual(want.subarray(2 * outputs))
        const state = new Float32Array(hurt.snapshot(0).buffer)
        expect(state.every(Number.isFinite)).toBe(true)
        if (tick < 299) continue
        expect(hurt.snapshot(2)).toEqual(clean.snapshot(2))
        expect(hurt.snapshot(1)).toEqual(clean.snapshot(1))
        // The weights forget: what the poison left behind is gone.
        for (let o = 0; o < outputs; o++) expect(got[outputs + o]!).toBeCloseTo(want[outputs + o]!, 5)
      }
    })

    test('a row without any input keeps its state and gives its last output again', () => {
      const stream = openStream(model, { slots: 4, kernel })
      let y: Float32Array = new Float32Array(0)
      for (let tick = 0; tick < 7; tick++) y = stream.step(rows, inputs(tick))
      const before = stream.snapshot(0)
      const x = inputs(7)
      x.set([nan, Infinity], 2)
      const again = stream.step(rows, x)
      const outputs = y.length / 3
      expect(stream.snapshot(0)).toEqual(before)
      expect(again.subarray(outputs, 2 * outputs)).toEqual(y.subarray(outputs, 2 * outputs))
      expect(again.subarray(0, outputs)).not.toEqual(y.subarray(0, outputs))
    })

    test('a masked input is a NaN, and one missing channel is 0', () => {
      const [byMask, byNan, byZero] = Array.from({ length: 3 }, () => openStream(model, { slots: 4, kernel }))
      for (let tick = 0; tick < 5; tick++) {
        const x = inputs(tick)
        const mask = new Uint8Array(6).fill(1)
        if (tick === 2) mask[2] = 0
        const y = byMask!.step(rows, x, { mask })
        expect(
          byNan!.step(
            rows,
            x.map((value, i) => (mask[i] ? value : nan)),
          ),
        ).toEqual(y)
        expect(
          byZero!.step(
            rows,
            x.map((value, i) => (mask[i] ? value : 0)),
          ),
        ).toEqual(y)
      }
      expect(byNan!.snapshot(0)).toEqual(byMask!.snapshot(0))
    })
  })

  test('a first reading that is missing leaves zeros', () => {
    for (const modules of Object.values(streamable)) {
      const stream = openStream(randomModel(modules), { slots: 1, kernel })
      const y = stream.step(Int32Array.of(0), Float32Array.of(nan, nan))
      expect(y.every(Number.isFinite)).toBe(true)
      expect(stream.snapshot(0).every((byte) => byte === 0)).toBe(true)
    }
  })

  test('a relu-RNN that grows without end stays finite, as do its head and its neighbours', () => {
    const head = { name: 'h', type: 'Linear', in_features: 3, out_features: 1 }
    const model = randomModel([{ name: 'a', type: 'RNN', input_size: 1, hidden_size: 3, nonlinearity: 'relu' }, head])
    for (const value of model.tensors.get('a.weight_hh_l0')!.data.keys()) {
      model.tensors.get('a.weight_hh_l0')!.data[value] = 2
    }
    const limit = guardLimit(model)
    const stream = openStream(model, { slots: 2, kernel })
    let largest = 0
    for (let tick = 0; tick < 200; tick++) {
      const y = stream.step(Int32Array.of(0, 1), Float32Array.of(tick === 0 ? 3e38 : 1, nan))
      expect(y.every(Number.isFinite)).toBe(true)
      largest = Math.max(...stream.hidden([0]).h)
    }
    expect(largest).toBe(limit)
    expect(stream.hidden([1]).h.every((value) => value === 0)).toBe(true)
  })

  test('an exponential in the graph stays finite too', () => {
    const grows = [
      { name: 'c', type: 'Linear', in_features: 1, out_features: 2, activation: 'exp' },
      { name: 'a', type: 'GRU', input_size: 2, hidden_size: 3 },
    ]
    const stream = openStream(randomModel(grows, 5, 2), { slots: 1, kernel })
    for (const value of [1, 1e30, -1e30, 300, 1]) stream.step(Int32Array.of(0), Float32Array.of(value))
    expect(stream.hidden([0]).h.every(Number.isFinite)).toBe(true)
  })

  test('an unguarded step takes numbers as they are', () => {
    const model = randomModel(streamable['GRU and head']!)
    const plain = createKernel(model, 2, { kernel, guarded: false })
    const y = new Float32Array(6)
    plain.step(Int32Array.of(0, 1), 2, Float32Array.of(nan, 1, 1, 1), y)
    expect(y.subarray(0, 3).every(Number.isNaN)).toBe(true)
    expect(y.subarray(3).every(Number.isFinite)).toBe(true)
  })
})

test('the limit is 1e30 unless a sum could overflow, and weights that overflow anyway are refused', () => {
  const modules = [{ name: 'a', type: 'RNN', input_size: 1, hidden_size: 2, nonlinearity: 'relu' }]
  expect(guardLimit(randomModel(modules))).toBe(Math.fround(1e30))
  expect(guardLimit(randomModel(modules, 1, 1e12))).toBeLessThan(1e27)
  // Squares of a layer norm.
  expect(guardLimit(randomModel([...modules, { name: 'n', type: 'LayerNorm', normalized_shape: 2 }]))).toBeLessThan(
    1e19,
  )
  expect(() => guardLimit(randomModel(modules, 1, 3e38))).toThrow(/so large that a sum may overflow/)
  const broken = randomModel(modules)
  broken.tensors.get('a.weight_ih_l0')!.data[0] = nan
  expect(() => openStream(broken, { slots: 1 })).toThrow(/not finite/)
})

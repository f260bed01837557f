import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { createKernel } from '../../../src/model/create-kernel.ts'
import { inputWidth } from '../../../src/model/graph.ts'
import { createModel } from '../../../src/model/model.ts'
import { forward, openStream } from '../../../src/model/recurrent.ts'
import { p2Reset, p2Update, p2Value, p2Width } from '../../../src/model/stats/p2-quantile.ts'
import type { Tensor } from '../../../src/model/tensor.ts'
import { largestDifference } from '../../golden/golden-case.ts'
import { kernelNames } from '../../golden/kernels.ts'
import { randomModel, streamable } from './random-model.ts'

const base = loadModelFiles('base')
const models = Object.entries(streamable).map(([name, modules]) => [name, randomModel(modules)] as const)

function noise(length: number, seed: number): Float32Array {
  const random = createPrng(seed)
  return Float32Array.from({ length }, () => random.normal())
}

describe.each(kernelNames)('the %s kernel', (kernel) => {
  test.each([['base', base] as const, ...models])(
    '%s: a row has the same bits whatever batch it is stepped in',
    (_name, model) => {
      const inputs = inputWidth(model.graph)
      const together = createKernel(model, 8, { kernel })
      const alone = createKernel(model, 8, { kernel })
      const slots = Int32Array.of(5, 0, 7)
      for (let tick = 0; tick < 20; tick++) {
        const x = noise(3 * inputs, tick)
        const y = new Float32Array(3 * together.outputSize)
        together.step(slots, 3, x, y)
        for (let b = 2; b >= 0; b--) {
          const own = new Float32Array(together.outputSize)
          alone.step(slots.subarray(b), 1, x.subarray(b * inputs), own)
          expect(own).toEqual(y.subarray(b * own.length, (b + 1) * own.length))
        }
      }
      expect(alone.state).toEqual(together.state)
    },
  )

  test.each(models)(
    '%s: a stream gives the bits of a window, and a restored row goes on as if nothing happened',
    (_name, model) => {
      const ticks = 12
      const x = noise(ticks * 2, 9)
      const whole = forward(model, x, { batch: 1, ticks, kernel })
      let stream = openStream(model, { slots: 3, kernel })
      const pieces: number[] = []
      for (let t = 0; t < ticks; t++) {
        const bytes = stream.snapshot(1)
        stream = openStream(model, { slots: 3, kernel })
        stream.restore(1, bytes)
        pieces.push(...stream.step(Int32Array.of(1), x.subarray(t * 2, t * 2 + 2)))
      }
      const got = Float32Array.from(pieces).subarray(pieces.length - whole.output.length)
      expect(got).toEqual(whole.output)
      expect(stream.hidden([1])).toEqual(whole.state)
    },
  )

  test('forward takes (T,B,I) as well and carries a state on', () => {
    const x = Float32Array.from({ length: 12 }, (_, i) => i / 6 - 1)
    const whole = forward(base, x, { batch: 2, ticks: 6, kernel })
    const turned = Float32Array.from({ length: 12 }, (_, i) => x[(i % 2) * 6 + Math.floor(i / 2)]!)
    const ticksFirst = forward(base, turned, { batch: 2, ticks: 6, batchFirst: false, kernel })
    expect(ticksFirst.state).toEqual(whole.state)
    const first = forward(base, turned.subarray(0, 4), { batch: 2, ticks: 2, batchFirst: false, kernel })
    const from = { batch: 2, ticks: 4, batchFirst: false, state: first.state, kernel }
    const rest = forward(base, turned.subarray(4), from)
    expect(rest.state).toEqual(whole.state)
    const stream = openStream(base, { slots: 5, kernel })
    stream.setHidden([4, 1], first.state)
    for (let t = 2; t < 6; t++) stream.step(Int32Array.of(4, 1), turned.subarray(2 * t, 2 * t + 2))
    expect(stream.hidden([4, 1])).toEqual(whole.state)
    expect(() => forward(base, x, { batch: 5, ticks: 6, kernel })).toThrow(/x must hold/)
    expect(() => forward(base, x, { ...from, ticks: 6, state: { h: new Float32Array(3) } })).toThrow(
      /state.h must hold 64/,
    )
  })

  test('a step refuses a slot that comes twice, or that is not there, by its number, and then goes on', () => {
    const stream = openStream(base, { slots: 4, kernel })
    const x = Float32Array.of(1, 2, 3)
    expect(() => stream.step(Int32Array.of(3, 1, 3), x)).toThrow('row 3 comes twice in one step')
    expect(() => stream.step(Int32Array.of(0, 4, 1), x)).toThrow('row 4 is outside the 4 slots')
    expect(() => stream.step(Int32Array.of(0, -1, 1), x)).toThrow('row -1 is outside the 4 slots')
    expect(() => stream.step(Int32Array.of(0, 1), x)).toThrow('x must be (2, 1)')
    expect(() => stream.step(Int32Array.of(0, 1, 2), x, { mask: new Uint8Array(2) })).toThrow('mask must be (3, 1)')
    expect(() => stream.snapshot(4)).toThrow('row 4 is outside')
    expect(() => stream.restore(0, new Uint8Array(3))).toThrow(/a snapshot has 128 bytes, not 3/)
    expect(stream.step(Int32Array.of(3, 1, 0), x)).toHaveLength(30)
  })

  // The textbook's z is the complement of PyTorch's: σ(−a) = 1 − σ(a), so negating the rows of z exchanges the forms.
  test('a GRU of the textbook is one with reset before whose update gate is the complement', () => {
    const [textbook, before] = ['textbook', 'reset_before'].map((convention) =>
      randomModel([{ type: 'GRU', input_size: 2, hidden_size: 5, num_layers: 2, convention }], 4, 0.8),
    )
    const complement = new Map([...textbook!.tensors].map(([name, tensor]) => [name, withNegatedUpdate(tensor)]))
    const turned = createModel('turned', textbook!.architecture, complement)
    const x = noise(2 * 30 * 2, 3)
    const want = forward(before!, x, { batch: 2, ticks: 30, kernel }).output
    const got = forward(turned, x, { batch: 2, ticks: 30, kernel }).output
    expect(largestDifference(got, want)).toBeLessThan(1e-6)
    expect(forward(textbook!, x, { batch: 2, ticks: 30, kernel }).output).not.toEqual(want)
  })

  // Where W_hn is diagonal and b_hn is 0, W (r·h) = r·(W h): both orders of the reset are PyTorch's.
  test('a GRU with reset before is PyTorch’s where the order makes no difference', () => {
    const modules = (convention: string) => [{ type: 'GRU', input_size: 2, hidden_size: 5, convention }]
    const after = randomModel(modules('reset_after'), 6, 0.8)
    const weight = after.tensors.get('weight_hh_l0')!.data
    for (let j = 0; j < 5; j++) for (let k = 0; k < 5; k++) if (j !== k) weight[(10 + j) * 5 + k] = 0
    after.tensors.get('bias_hh_l0')!.data.fill(0, 10)
    const before = createModel('before', randomModel(modules('reset_before')).architecture, after.tensors)
    const x = noise(40, 3)
    const want = forward(after, x, { batch: 1, ticks: 20, kernel }).output
    const got = forward(before, x, { batch: 1, ticks: 20, kernel }).output
    expect(largestDifference(got, want)).toBeLessThan(1e-6)
  })
})

function withNegatedUpdate({ shape, data }: Tensor): Tensor {
  const third = data.length / 3
  return { shape, data: data.map((value, at) => (at >= third && at < 2 * third ? -value : value)) }
}

test('the P² sketch finds quantiles of many values in eleven numbers', () => {
  const random = createPrng(4)
  const f = new Float64Array(2 * p2Width)
  expect(p2Value(f, 0, 0.5)).toBeNaN()
  const values = Array.from({ length: 5000 }, () => random.normal() ** 2)
  for (const value of values) {
    p2Update(f, 0, 0.5, value)
    p2Update(f, p2Width, 0.99, value)
  }
  values.sort((a, b) => a - b)
  expect(p2Value(f, 0, 0.5)).toBeCloseTo(values[2500]!, 1)
  expect(Math.abs(p2Value(f, p2Width, 0.99) / values[4950]! - 1)).toBeLessThan(0.1)
  p2Reset(f, 0)
  for (const value of [3, 1, 2]) p2Update(f, 0, 0.5, value)
  expect(p2Value(f, 0, 0.5)).toBe(2)
})

test('a kernel that does not exist is refused by name', () => {
  const model = randomModel([{ name: 'a', type: 'GRU', input_size: 1, hidden_size: 2 }])
  const kernel = 'fast' as 'wasm'
  expect(() => createKernel(model, 1, { kernel })).toThrow('there is no kernel "fast"; there are wasm, reference')
})

import { expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { createReferenceKernel } from '../../../src/model/kernel-reference.ts'
import { forward } from '../../../src/model/recurrent.ts'
import { p2Reset, p2Update, p2Value, p2Width } from '../../../src/model/stats/p2-quantile.ts'

const model = loadModelFiles('base')

test('a row has the same bits whatever batch it is stepped in', () => {
  const random = createPrng(3)
  const together = createReferenceKernel(model, 8)
  const alone = createReferenceKernel(model, 8)
  const slots = Int32Array.of(5, 0, 7)
  for (let tick = 0; tick < 20; tick++) {
    const x = Float32Array.from(slots, () => random.normal())
    const y = new Float32Array(30)
    together.step(slots, 3, x, y)
    for (let b = 2; b >= 0; b--) {
      const own = new Float32Array(10)
      alone.step(slots.subarray(b), 1, x.subarray(b), own)
      expect(own).toEqual(y.subarray(b * 10, b * 10 + 10))
    }
  }
  expect(alone.state).toEqual(together.state)
})

test('a NaN makes its own row NaN and no other', () => {
  const kernel = createReferenceKernel(model, 2)
  const y = new Float32Array(20)
  kernel.step(Int32Array.of(0, 1), 2, Float32Array.of(Number.NaN, 1), y)
  expect(y.subarray(0, 10).every(Number.isNaN)).toBe(true)
  expect(y.subarray(10).some(Number.isNaN)).toBe(false)
})

test('forward takes (T,B,I) as well and carries a state on', () => {
  const x = Float32Array.from({ length: 12 }, (_, i) => i / 6 - 1)
  const whole = forward(model, x, { batch: 2, ticks: 6 })
  const turned = Float32Array.from({ length: 12 }, (_, i) => x[(i % 2) * 6 + Math.floor(i / 2)]!)
  const ticksFirst = forward(model, turned, { batch: 2, ticks: 6, batchFirst: false })
  expect(ticksFirst.state).toEqual(whole.state)
  const first = forward(model, turned.subarray(0, 4), { batch: 2, ticks: 2, batchFirst: false })
  const rest = forward(model, turned.subarray(4), { batch: 2, ticks: 4, batchFirst: false, state: first.state })
  expect(rest.state).toEqual(whole.state)
  expect(() => forward(model, x, { batch: 5, ticks: 6 })).toThrow(/x must hold/)
})

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

import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { createKernel, type KernelName } from '../../../../src/model/create-kernel.ts'
import { inputWidth } from '../../../../src/model/graph.ts'
import { openStream } from '../../../../src/model/recurrent.ts'
import { largestDifference } from '../../../golden/golden-case.ts'
import { randomModel } from '../random-model.ts'

const cells = [
  { type: 'RNN', nonlinearity: 'tanh' },
  { type: 'RNN', nonlinearity: 'relu' },
  { type: 'LSTM' },
  { type: 'GRU', convention: 'reset_after' },
  { type: 'GRU', convention: 'reset_before' },
  { type: 'GRU', convention: 'textbook' },
]
const gru = { name: 'a', type: 'GRU', input_size: 1, hidden_size: 32 }

/** What a step gives on both kernels, from the same states, over some ticks: the largest difference. */
function differenceOver(
  ticks: number,
  modules: readonly Record<string, unknown>[],
  scale: number,
  kernel: KernelName = 'wasm',
): number {
  const model = randomModel(modules, 5, scale)
  const [wasm, reference] = [
    openStream(model, { slots: 5, kernel }),
    openStream(model, { slots: 5, kernel: 'reference' }),
  ]
  const random = createPrng(1)
  const rows = Int32Array.of(4, 0, 3, 1, 2)
  let largest = 0
  for (let tick = 0; tick < ticks; tick++) {
    const x = Float32Array.from({ length: 5 * inputWidth(model.graph) }, () => random.normal())
    wasm.setHidden(rows, reference.hidden(rows))
    const want = reference.step(rows, x)
    largest = Math.max(largest, largestDifference(wasm.step(rows, x), want))
    largest = Math.max(largest, largestDifference(wasm.hidden(rows).h, reference.hidden(rows).h))
  }
  return largest
}

describe.each(cells)('the WASM kernel of %o', (cell) => {
  test.each([1, 3, 33, 512])('steps %d hidden units as the reference does', (hidden_size) => {
    const head = { name: 'b', type: 'Linear', in_features: hidden_size, out_features: 2 }
    const modules = [{ ...cell, name: 'a', input_size: 3, hidden_size }, head]
    expect(differenceOver(hidden_size > 100 ? 3 : 20, modules, 1 / Math.sqrt(hidden_size))).toBeLessThanOrEqual(2e-6)
  })

  test('reads 256 inputs', () => {
    const modules = [{ ...cell, input_size: 256, hidden_size: 9 }]
    expect(differenceOver(10, modules, 1 / 16)).toBeLessThanOrEqual(2e-6)
  })

  test('goes through 8 layers', () => {
    const modules = [{ ...cell, input_size: 2, hidden_size: 13, num_layers: 8 }]
    expect(differenceOver(20, modules, 0.28)).toBeLessThanOrEqual(2e-6)
  })
})

test('relaxed SIMD rounds otherwise, but no worse, and a batch may still be cut; without it, it is refused', () => {
  const open = () => openStream(randomModel([{ ...gru, hidden_size: 33 }]), { slots: 20, kernel: 'wasm-relaxed' })
  if (Number(process.versions.node.split('.')[0]) < 22) {
    expect(open).toThrow(
      'the kernel wasm-relaxed needs relaxed SIMD, which this Node does not have: use Node ≥ 22, or the kernel wasm',
    )
    return
  }
  for (const cell of cells) {
    const modules = [{ ...cell, input_size: 3, hidden_size: 33 }]
    expect(differenceOver(20, modules, 0.2, 'wasm-relaxed')).toBeLessThanOrEqual(2e-6)
  }
  const rows = Int32Array.from({ length: 20 }, (_, at) => at)
  const x = Float32Array.from(rows, (row) => row / 7 - 1)
  const [whole, cut] = [open(), open()]
  const y = whole.step(rows, x)
  expect(cut.step(rows.subarray(7), x.subarray(7))).toEqual(y.subarray(7 * 33))
  expect(cut.step(rows.subarray(0, 7), x.subarray(0, 7))).toEqual(y.subarray(0, 7 * 33))
})

describe('the memory of a stream', () => {
  test('is known when it opens: too many slots are refused with what they would need', () => {
    const model = randomModel([gru])
    expect(() => openStream(model, { slots: 40_000_000 })).toThrow(
      'random: 40000000 slots of 128 bytes need 4.77 GiB; one process has at most 4 GiB: use fewer slots',
    )
  })

  test.each([
    ['GRU', 128],
    ['LSTM', 256],
  ])('is a row of at most 320 bytes for a %s of 32 units', (type, bytes) => {
    const kernel = createKernel(randomModel([{ ...gru, type }]), 1)
    expect(kernel.stateSize * 4).toBe(bytes)
    expect(bytes).toBeLessThanOrEqual(320)
  })

  test('of four million slots is reserved, and only what is stepped is used', () => {
    const before = process.memoryUsage.rss()
    const slots = 4_000_000
    const stream = openStream(randomModel([gru]), { slots })
    const rows = Int32Array.of(0, 1_999_999, slots - 1)
    const y = stream.step(rows, Float32Array.of(1, 1, 1))
    expect(y.subarray(64)).toEqual(y.subarray(0, 32))
    expect(new Float32Array(stream.snapshot(slots - 1).buffer)).toEqual(y.subarray(64))
    // 512 MB of states and 4 MB of marks; a machine that touched them all would show it.
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6)
  })
})

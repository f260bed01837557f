import { describe, expect, test } from 'vitest'
import { forward } from '../../../src/model/recurrent.ts'
import { kernelNames } from '../../golden/kernels.ts'
import { randomModel } from './random-model.ts'

const tanh = { name: 'a', type: 'RNN', input_size: 1, hidden_size: 2 }
const x = Float32Array.of(0.5, -1, 2, 0.25, 1, -0.5)
const shape = { batch: 2, ticks: 3 }

/** What the RNN gives alone, (2,3,2), and with more modules behind it: the same weights, the same seed. */
function run(kernel: (typeof kernelNames)[number], ...modules: Record<string, unknown>[]): Float32Array {
  return forward(randomModel([tanh, ...modules]), x, { ...shape, kernel }).output
}

describe.each(kernelNames)('windows on the %s kernel', (kernel) => {
  const h = run(kernel, { type: 'Identity' })
  const at = (b: number, t: number, j: number): number => h[(b * 3 + t) * 2 + j]!
  const rows = [0, 1].flatMap((b) => [0, 1].map((j) => [b, j] as const))
  const near = (got: Float32Array, want: readonly number[]): void => {
    expect(got).toHaveLength(want.length)
    want.forEach((value, i) => {
      expect(got[i]!).toBeCloseTo(value, 6)
    })
  }

  test('Last, mean, maximum and Flatten', () => {
    near(
      run(kernel, { type: 'Last' }),
      rows.map(([b, j]) => at(b, 2, j)),
    )
    near(
      run(kernel, { type: 'Pool', how: 'mean' }),
      rows.map(([b, j]) => (at(b, 0, j) + at(b, 1, j) + at(b, 2, j)) / 3),
    )
    near(
      run(kernel, { type: 'Pool', how: 'maximum' }),
      rows.map(([b, j]) => Math.max(at(b, 0, j), at(b, 1, j), at(b, 2, j))),
    )
    near(run(kernel, { type: 'Flatten', ticks: 3 }), [...h])
    expect(() => run(kernel, { type: 'Flatten', ticks: 4 })).toThrow(/3 ticks side by side: 6 features, .* for 8/)
  })

  test('Repeat gives as many ticks as the input has, or its own number', () => {
    const vector = [0, 1].map((b) => [at(b, 2, 0), at(b, 2, 1)])
    near(
      run(kernel, { type: 'Last' }, { type: 'Repeat' }),
      vector.flatMap((v) => [...v, ...v, ...v]),
    )
    near(
      run(kernel, { type: 'Last' }, { type: 'Repeat', ticks: 2 }),
      vector.flatMap((v) => [...v, ...v]),
    )
  })

  test('merges', () => {
    const parts = { inputs: ['a', 'b'] }
    const square = { type: 'Activation', id: 'b', function: 'softsign' }
    const s = (v: number): number => v / (1 + Math.abs(v))
    near(
      run(kernel, square, { type: 'Add', ...parts }),
      [...h].map((v) => v + s(v)),
    )
    near(
      run(kernel, square, { type: 'Multiply', ...parts }),
      [...h].map((v) => v * s(v)),
    )
    near(
      run(kernel, square, { type: 'Average', ...parts }),
      [...h].map((v) => (v + s(v)) / 2),
    )
    near(
      run(kernel, square, { type: 'Maximum', ...parts }),
      [...h].map((v) => Math.max(v, s(v))),
    )
    const pairs = Array.from({ length: 6 }, (_, row) => [h[2 * row]!, h[2 * row + 1]!])
    near(
      run(kernel, square, { type: 'Concat', ...parts }),
      pairs.flatMap((pair) => [...pair, ...pair.map(s)]),
    )
  })

  test('a reversed layer is the same layer on the reversed sequence, and ends at the first tick', () => {
    const turned = Float32Array.of(2, -1, 0.5, -0.5, 1, 0.25)
    const forwards = forward(randomModel([tanh]), turned, { ...shape, kernel })
    const backwards = forward(randomModel([{ ...tanh, go_backwards: true }]), x, { ...shape, kernel })
    const ends = forward(randomModel([{ ...tanh, go_backwards: true, on: 'last' }]), x, { ...shape, kernel })
    const flipped = [0, 1].flatMap((b) =>
      [2, 1, 0].flatMap((t) => [0, 1].map((j) => forwards.output[(b * 3 + t) * 2 + j]!)),
    )
    // What cannot be stepped may run on another kernel, so this is no matter of bits.
    near(backwards.output, flipped)
    near(backwards.state.h, [...forwards.state.h])
    near(ends.output, [...forwards.state.h])
  })

  test('a window of attention looks back so far and no further', () => {
    const dot = (window: number) => run(kernel, { type: 'DotAttention', window, scale: 2 })
    near(dot(1), [...h])
    const causal = run(kernel, { type: 'DotAttention', causal: true, scale: 2 })
    near(dot(3), [...causal])
    near(dot(2).subarray(0, 4), [...causal.subarray(0, 4)])
    expect(dot(2).subarray(4, 6)).not.toEqual(causal.subarray(4, 6))
    const all = run(kernel, { type: 'DotAttention', scale: 2 })
    near(all.subarray(4, 6), [...causal.subarray(4, 6)])
    expect(all.subarray(0, 2)).not.toEqual(causal.subarray(0, 2))
  })

  /** Softmax of the scores of all three ticks, times the values: what an attention gives at tick t of row b. */
  const attended = (b: number, score: (tick: number) => number): number[] => {
    const weights = [0, 1, 2].map((tick) => Math.exp(score(tick)))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return [0, 1].map((j) => [0, 1, 2].reduce((total, tick) => total + (weights[tick]! / sum) * at(b, tick, j), 0))
  }
  const places = [0, 1].flatMap((b) => [0, 1, 2].map((t) => [b, t] as const))

  test('dot attention weighs by scale · q·k', () => {
    const score = (b: number, t: number) => (tick: number) =>
      2 * (at(b, t, 0) * at(b, tick, 0) + at(b, t, 1) * at(b, tick, 1))
    const got = run(kernel, { type: 'DotAttention', scale: 2 })
    near(
      got,
      places.flatMap(([b, t]) => attended(b, score(b, t))),
    )
  })

  test('additive attention with a query weighs by v·tanh(W_k h_i + b + W_q h_t)', () => {
    const attention = { name: 'm', type: 'AdditiveAttention', in_features: 2, attention_size: 3, query: true }
    const model = randomModel([tanh, attention], 1, 2)
    const alone = randomModel([tanh], 1, 2)
    expect(model.tensors.get('a.weight_hh_l0')).toEqual(alone.tensors.get('a.weight_hh_l0'))
    const values = forward(alone, x, { ...shape, kernel }).output
    const [wKey, bKey, wScore, wQuery] = ['proj.weight', 'proj.bias', 'score.weight', 'query.weight'].map(
      (name) => model.tensors.get(`m.${name}`)!.data,
    )
    const v = (b: number, t: number, j: number): number => values[(b * 3 + t) * 2 + j]!
    const product = (w: Float32Array, k: number, b: number, t: number): number =>
      w[2 * k]! * v(b, t, 0) + w[2 * k + 1]! * v(b, t, 1)
    const want = places.flatMap(([b, t]) => {
      const weights = [0, 1, 2].map((tick) => {
        const parts = [0, 1, 2].map(
          (k) => wScore![k]! * Math.tanh(product(wKey!, k, b, tick) + bKey![k]! + product(wQuery!, k, b, t)),
        )
        return Math.exp(parts[0]! + parts[1]! + parts[2]!)
      })
      const sum = weights[0]! + weights[1]! + weights[2]!
      return [0, 1].map((j) => [0, 1, 2].reduce((total, tick) => total + (weights[tick]! / sum) * v(b, tick, j), 0))
    })
    near(forward(model, x, { ...shape, kernel }).output, want)
  })

  test('activations of gates and cells other than the usual', () => {
    const lstm = {
      type: 'LSTM',
      input_size: 1,
      hidden_size: 1,
      gate_activation: 'hard_sigmoid_keras2',
      cell_activation: 'relu',
    }
    const model = randomModel([lstm], 8, 1)
    const w = (name: string): Float32Array => model.tensors.get(name)!.data
    const relu = (v: number): number => Math.max(0, v)
    const hard = (v: number): number => Math.min(1, Math.max(0, 0.2 * v + 0.5))
    let h1 = 0
    let c = 0
    const want = [0.5, -1, 2].map((value) => {
      const sum = (k: number): number =>
        w('weight_ih_l0')[k]! * value + w('bias_ih_l0')[k]! + w('weight_hh_l0')[k]! * h1 + w('bias_hh_l0')[k]!
      c = hard(sum(1)) * c + hard(sum(0)) * relu(sum(2))
      h1 = hard(sum(3)) * relu(c)
      return h1
    })
    near(forward(model, x.subarray(0, 3), { batch: 1, ticks: 3, kernel }).output, want)
  })
})

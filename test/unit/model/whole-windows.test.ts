import { expect, test } from 'vitest'
import { forward } from '../../../src/model/recurrent.ts'
import { randomModel } from './random-model.ts'

const model = randomModel([
  { name: 'a', type: 'LSTM', input_size: 1, hidden_size: 64, bidirectional: true },
  { name: 'b', type: 'Linear', in_features: 128, out_features: 2, on: 'last' },
])
const ticks = 256

test('a batch that is cut into pieces gives every sequence the bits and the state it has alone', () => {
  const batch = 200
  const x = Float32Array.from({ length: batch * ticks }, (_, at) => ((at * 7919) % 200) / 100 - 1)
  const start = {
    h: Float32Array.from({ length: 2 * batch * 64 }, (_, at) => ((at * 31) % 17) / 20),
    c: Float32Array.from({ length: 2 * batch * 64 }, (_, at) => ((at * 13) % 11) / 10),
  }
  const all = forward(model, x, { batch, ticks, state: start })
  const row = (values: Float32Array, direction: number, b: number): Float32Array =>
    values.slice((direction * batch + b) * 64, (direction * batch + b + 1) * 64)
  for (const b of [0, 1, 84, 85, 86, 150, 199]) {
    const both = (values: Float32Array): Float32Array => Float32Array.of(...row(values, 0, b), ...row(values, 1, b))
    const state = { h: both(start.h), c: both(start.c) }
    const alone = forward(model, x.subarray(b * ticks, (b + 1) * ticks), { batch: 1, ticks, state })
    expect(all.output.subarray(b * 2, b * 2 + 2)).toEqual(alone.output)
    expect(both(all.state.h)).toEqual(alone.state.h)
    expect(both(all.state.c!)).toEqual(alone.state.c)
  }
})

import { beforeAll, describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { activationNames } from '../../../../src/model/activation.ts'
import { inputWidth } from '../../../../src/model/graph.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { loadTensorFlow, type TensorFlow } from '../../../../src/train/tfjs/load-tensorflow.ts'
import { graphValue } from '../../../../src/train/tfjs/tfjs-graph.ts'
import { randomModel } from '../../model/random-model.ts'
import { ticks } from '../../model/windowed-models.ts'
import { architectures, batch } from './architectures.ts'

let tf: TensorFlow

beforeAll(async () => {
  const warnings: string[] = []
  const loaded = await loadTensorFlow((text) => warnings.push(text))
  tf = loaded.tf
  // A peer that is not installed is no reason to warn.
  expect(warnings).toEqual([])
  expect(loaded.backend).toMatch(/^tfjs-(wasm|node) \d+\.\d+\.\d+$/)
})

/** What TensorFlow and our own forward pass give for windows of values between ±scale. */
function outputsOf(modules: readonly Record<string, unknown>[], scale = 1.5) {
  const model = randomModel(modules, 2, scale > 2 ? 1 : 0.3)
  const random = createPrng(5)
  const x = Float32Array.from({ length: batch * ticks * inputWidth(model.graph) }, () => random.between(-scale, scale))
  const found = tf.tidy(() => {
    const weights = new Map([...model.tensors].map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]))
    const run = { tf, graph: model.graph, weight: (name: string) => weights.get(name)!, mask: () => null }
    return graphValue(run, tf.tensor(x, [batch, ticks, inputWidth(model.graph)]))
      .dataSync()
      .slice()
  })
  return { found, wanted: forward(model, x, { batch, ticks }).output }
}

/** Both compute in float32 with sums in other orders: some units of 6e-8 times the number of operations in a row. */
function expectAlike({ found, wanted }: ReturnType<typeof outputsOf>): void {
  expect(found).toHaveLength(wanted.length)
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  for (const [n, value] of wanted.entries()) expect(Math.abs(found[n]! - value)).toBeLessThan(1e-5 * largest)
}

describe('graphValue() gives what our own forward pass gives', () => {
  it.each(Object.entries(architectures))('%s', (_, modules) => expectAlike(outputsOf(modules)))
  it.each(activationNames)('a function behind values of both signs: %s', (name) => {
    const modules = [
      { name: 'l', type: 'Linear', in_features: 2, out_features: 9 },
      { type: 'Activation', function: name },
      { name: 'o', type: 'Linear', in_features: 9, out_features: 2 },
    ]
    expectAlike(outputsOf(modules, 3))
  })
  it.each(activationNames.filter((name) => name !== 'softmax' && name !== 'exp'))('a cell with gates of %s', (gate) => {
    const odd = { name: 'a', input_size: 2, hidden_size: 5, gate_activation: gate, cell_activation: 'softsign' }
    for (const type of ['LSTM', 'GRU']) expectAlike(outputsOf([{ ...odd, type }]))
  })
})

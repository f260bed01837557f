import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createPrng } from '../../src/base/prng.ts'
import { createKernel } from '../../src/model/create-kernel.ts'
import { inputWidth } from '../../src/model/graph.ts'
import { randomModel, streamable } from '../unit/model/random-model.ts'
import { kernelNames } from './kernels.ts'

const cells = {
  'GRU 32': { type: 'GRU', input_size: 1, hidden_size: 32 },
  'GRU 17 of 9 inputs, two layers': { type: 'GRU', input_size: 9, hidden_size: 17, num_layers: 2 },
  'GRU 30, reset before': { type: 'GRU', input_size: 3, hidden_size: 30, convention: 'reset_before' },
  'LSTM 33': { type: 'LSTM', input_size: 2, hidden_size: 33 },
  'LSTM 64 projected to 20': { type: 'LSTM', input_size: 4, hidden_size: 64, proj_size: 20, num_layers: 2 },
  'RNN 128': { type: 'RNN', input_size: 1, hidden_size: 128 },
}
const functions = [
  'gelu',
  'gelu_tanh',
  'silu',
  'elu',
  'leaky_relu',
  'softplus',
  'hard_sigmoid',
  'hard_sigmoid_keras2',
  'hard_tanh',
  'mish',
  'selu',
  'log_sigmoid',
  'softsign',
  'exp',
  'softmax',
]
const models: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  ...streamable,
  ...Object.fromEntries(Object.entries(cells).map(([name, module]) => [name, [module]])),
  'every activation': [
    { name: 'a', type: 'GRU', input_size: 2, hidden_size: 7 },
    ...functions.map((activation, at) => {
      return { name: `f${at}`, type: 'Linear', in_features: 7, out_features: 7, activation, input: 'a' }
    }),
    { type: 'Concat', inputs: functions.map((_, at) => `f${at}`) },
  ],
}

/** SHA-256 over the outputs of 64 ticks of 21 rows, then over all states; bad numbers among the inputs. */
function hashOf(modules: readonly Record<string, unknown>[], kernel: (typeof kernelNames)[number]): string {
  const model = randomModel(modules, 12)
  const inputs = inputWidth(model.graph)
  const engine = createKernel(model, 24, { kernel })
  const random = createPrng(99)
  const bad = [Number.NaN, Infinity, -Infinity, 1e30, -3e38, 1e-40]
  const hash = createHash('sha256')
  const rows = Int32Array.from({ length: 21 }, (_, at) => (at * 5) % 24)
  const y = new Float32Array(21 * engine.outputSize)
  for (let tick = 0; tick < 64; tick++) {
    const draw = (): number => (random.uniform() < 0.02 ? bad[random.integer(bad.length)]! : 2 * random.normal())
    engine.step(rows, 21, Float32Array.from({ length: 21 * inputs }, draw), y)
    hash.update(Buffer.from(y.buffer))
  }
  hash.update(Buffer.from(engine.state.slice().buffer))
  return hash.digest('hex').slice(0, 16)
}

/**
 * What one machine computed once: every Node version and every CPU is held to it.
 *
 * A change of a kernel's arithmetic changes these, and then `Kernel.name` must change, too: checkpoints carry it.
 */
const expected: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'GRU and head': { reference: '8fa5714be7d34e9f', wasm: '180fb92972beb742' },
  'GRU, reset before': { reference: '290ae975bd52c1c8', wasm: 'a09fc4203a6ff5c3' },
  'GRU of the textbook': { reference: 'd6a5a43535e5f0fe', wasm: 'b2968553673efcd8' },
  LSTM: { reference: '7502e7504e26a723', wasm: 'bd59b9ccca559ef6' },
  'LSTM with projection and head': { reference: '4bdbbe66195dd33b', wasm: '28a4149d30d604c8' },
  'RNN, tanh': { reference: '3e99e012844a8858', wasm: '345560a9268a02a7' },
  'RNN, relu, and head': { reference: 'b04cbbc1477fbded', wasm: '18041f9df667cce5' },
  'three layers with norms and sums': { reference: '8eaca448a062c775', wasm: '9e69714fc964fe14' },
  'two modules and a dense head': { reference: '3e2189aabd920c3c', wasm: '03bde69ebeff7c38' },
  'multi-head attention': { reference: 'bf0e41c1f6ea5b07', wasm: 'f3e3817788d2b7e9' },
  'additive attention': { reference: '9bda6b95e0279ff5', wasm: '6f1d3d578b62e07c' },
  'dot attention on the last': { reference: 'cf05aefe50b1ccbb', wasm: '8b3585528a6fed76' },
  'a merge of two ways': { reference: '200d47c72cbc6aca', wasm: 'be4121feb3a5f9e5' },
  'GRU 32': { reference: '98f89be3fd38ac71', wasm: 'd405960e184b56f4' },
  'GRU 17 of 9 inputs, two layers': { reference: '99c9be60b2567d8b', wasm: '7cb97bc2e7851846' },
  'GRU 30, reset before': { reference: '0ff620823df90f1a', wasm: '6c6aa89228553d7f' },
  'LSTM 33': { reference: '92cd18ea64caf394', wasm: '9a6d884804ff1108' },
  'LSTM 64 projected to 20': { reference: '6fc7a8e44830c3f1', wasm: '29b438153e2ac575' },
  'RNN 128': { reference: '63e4ba8522f3cfff', wasm: '56f227e66cfaa4cc' },
  'every activation': { reference: 'b4c2832c5bb01bde', wasm: '379fd74e3c3912ea' },
}

describe.each(kernelNames)('the bits of the %s kernel are the committed ones', (kernel) => {
  test.each(Object.entries(models))('%s', (name, modules) => {
    expect(hashOf(modules, kernel)).toBe(expected[name]?.[kernel])
  })
})

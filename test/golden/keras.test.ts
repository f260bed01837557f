import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type HiddenState, type LoadedModel, loadModel } from '../../src/index.ts'
import { largestDifference, readTensors } from './golden-case.ts'
import { kernelNames } from './kernels.ts'

const root = join(import.meta.dirname, 'keras')
const bar = 2e-6

/** Cases that cannot be expressed here, with the words of their refusal. */
const refused: Readonly<Record<string, RegExp>> = {
  masking: /masking \(Masking\): the layer Masking is not built; .* leave Masking out/,
  'return-state-encoder-decoder': /lstm_1 \(LSTM\): it begins with initial_state of another layer; .* leave/,
}

const names = readdirSync(root).filter((name) => name !== 'README.md')
const files = names.flatMap((name) =>
  readdirSync(join(root, name))
    .filter((file) => /^model\.(keras|h5)$/.test(file))
    .map((file) => `${name}/${file}`),
)

interface Golden {
  readonly io: ReadonlyMap<string, Float64Array>
  readonly batch: number
  readonly ticks: number
}

function readGolden(name: string): Golden {
  const json = JSON.parse(readFileSync(join(root, name, 'case.json'), 'utf8')) as { input_shape: [number, number] }
  return { io: readTensors(join(root, name, 'io.safetensors')), batch: json.input_shape[0], ticks: json.input_shape[1] }
}

/** Runs one input and compares; gives the states for the next. */
function compare(
  { io, batch, ticks }: Golden,
  loaded: LoadedModel,
  kernel: (typeof kernelNames)[number],
  input: string,
  output: string,
  state?: HiddenState,
): HiddenState {
  const result = loaded.forward(Float32Array.from(io.get(input)!), { batch, ticks, kernel, ...(state && { state }) })
  expect(largestDifference(result.output, io.get(`${output}.f64`)!), output).toBeLessThanOrEqual(bar)
  return result.state
}

describe.each(kernelNames)('the %s kernel computes what Keras computes', (kernel) => {
  const plain = files.filter((file) => refused[file.split('/')[0]!] === undefined && !file.startsWith('stateful'))

  test.each(plain)('%s within 2e-6', async (file) => {
    const golden = readGolden(file.split('/')[0]!)
    const loaded = await loadModel(join(root, file))
    compare(golden, loaded, kernel, 'x', golden.io.has('y.f64') ? 'y' : 'y0')
  })

  test('a stateful model goes on from the state that the last window left', async () => {
    const golden = readGolden('stateful-lstm')
    const loaded = await loadModel(join(root, 'stateful-lstm/model.keras'))
    const state = compare(golden, loaded, kernel, 'x', 'y.first')
    compare(golden, loaded, kernel, 'x2', 'y.second', state)
    compare(golden, loaded, kernel, 'x2', 'y.after_reset')
  })
})

describe('loading what Keras saved', () => {
  test.each(Object.entries(refused))('%s is refused by layer, with what to do', async (name, words) => {
    await expect(loadModel(join(root, name, 'model.keras'))).rejects.toThrow(words)
  })

  test('both formats give the same weights, and optimizer variables are left out', async () => {
    for (const name of ['compiled-with-optimizer', 'bidirectional-lstm', 'mha-after-lstm', 'k2-gru']) {
      const [archive, legacy] = await Promise.all(
        ['model.keras', 'model.h5'].map((file) => loadModel(join(root, name, file))),
      )
      expect(legacy!.model.fingerprint, name).toBe(archive!.model.fingerprint)
    }
    const { model } = await loadModel(join(root, 'compiled-with-optimizer/model.keras'))
    const names = [...model.tensors.keys()].filter((name) => !name.startsWith('gru.') && !name.startsWith('dense.'))
    expect(names).toEqual([])
  })

  test('the card says where the model came from, which GRU it is, and what is not computed', async () => {
    const after = await loadModel(join(root, 'gru-reset-after-true/model.keras'))
    expect(after.model.card?.summary).toBe('Imported from Keras 3.12.0 (.keras)')
    expect(after.model.card?.settings['GRU gru']).toContain('as PyTorch and cuDNN')
    const before = await loadModel(join(root, 'gru-reset-after-false/model.keras'))
    expect(before.model.card?.settings['GRU gru']).toContain('as Keras reset_after=False')
    const attention = await loadModel(join(root, 'mha-after-lstm/model.keras'))
    expect(attention.model.card?.settings['outputs_not_computed']).toBe('multi_head_attention, output 1')
  })

  test('weights without their model are refused', async () => {
    const path = join(root, 'gru-reset-after-true/model.weights.h5')
    await expect(loadModel(path)).rejects.toThrow(/holds weights without their model: save it with model\.save/)
  })
})

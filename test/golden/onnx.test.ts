import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModel } from '../../src/index.ts'
import { largestDifference, readTensors } from './golden-case.ts'
import { kernelNames } from './kernels.ts'

const root = join(import.meta.dirname, 'onnx')
const bar = 2e-6

/** Cases that cannot be expressed here, with the words of their refusal. */
const refused: Readonly<Record<string, RegExp>> = {
  'op-gru-bi-lens': /GRU Y: sequence_lens is not built; give the model windows of one length/,
  'op-gru-clip': /GRU Y: clip is not built; export the model without it/,
  'op-lstm-peephole': /LSTM Y: peepholes are not built; use an LSTM without them/,
}

const names = readdirSync(root).filter((name) => name !== 'README.md')

interface Case {
  readonly io: ReadonlyMap<string, Float64Array>
  /** As the graph has it: an exported model (B,T,I), a single operator (T,B,I). */
  readonly shape: { readonly batch: number; readonly ticks: number; readonly batchFirst: boolean }
  readonly directions: number
}

function readCase(name: string): Case {
  const io = readTensors(join(root, name, 'io.safetensors'))
  const json = JSON.parse(readFileSync(join(root, name, 'case.json'), 'utf8')) as Record<string, number>
  if (io.has('X')) {
    const [batch, ticks] = [json['batch']!, json['steps']!]
    const directions = io.get('Y')!.length / batch / ticks / json['hidden_size']!
    return { io, shape: { batch, ticks, batchFirst: false }, directions }
  }
  const batch = io.get('y')!.length
  return { io, shape: { batch, ticks: io.get('x')!.length / batch / 2, batchFirst: true }, directions: 1 }
}

/** Y of an operator, (T,D,B,H), as this engine gives it: (T,B,D·H). */
function sideBySide(y: Float64Array, { shape, directions }: Case): Float64Array {
  const { ticks, batch } = shape
  const hidden = y.length / ticks / directions / batch
  const out = new Float64Array(y.length)
  for (let index = 0; index < y.length; index++) {
    const h = index % hidden
    const b = Math.floor(index / hidden) % batch
    const d = Math.floor(index / hidden / batch) % directions
    const t = Math.floor(index / hidden / batch / directions)
    out[((t * batch + b) * directions + d) * hidden + h] = y[index]!
  }
  return out
}

function floats(values: Float64Array | undefined): Float32Array | undefined {
  return values && Float32Array.from(values)
}

describe.each(kernelNames)('the %s kernel computes what onnxruntime computes', (kernel) => {
  test.each(names.filter((name) => refused[name] === undefined))('%s within 2e-6', async (name) => {
    const golden = readCase(name)
    const { io, shape } = golden
    const loaded = await loadModel(join(root, name, 'model.onnx'))
    const h = floats(io.get('initial_h') ?? io.get('h'))
    const c = floats(io.get('initial_c'))
    const state = h && { state: { h, ...(c && { c }) } }
    const got = loaded.forward(floats(io.get('X') ?? io.get('x'))!, { ...shape, kernel, ...state })
    const wanted = [
      ['output', got.output, io.has('Y') ? sideBySide(io.get('Y')!, golden) : io.get('y')],
      ['torch.y', got.output, io.get('torch.y')],
      ['state h', got.state.h, io.get('Y_h') ?? io.get('hn')],
      ['state c', got.state.c, io.get('Y_c')],
    ] as const
    for (const [what, values, want] of wanted) {
      if (want !== undefined) expect(largestDifference(values!, want), what).toBeLessThanOrEqual(bar)
    }
  })
})

describe('loading what was exported as ONNX', () => {
  test.each(Object.entries(refused))('%s is refused by operator, with what to do', async (name, words) => {
    await expect(loadModel(join(root, name, 'model.onnx'))).rejects.toThrow(words)
  })

  test('the two exporters give the same network', async () => {
    for (const name of ['small-gru', 'small-lstm', 'small-gru-bi', 'small-lstm-bi']) {
      const [old, newer] = await Promise.all(
        [name, `${name}-dynamo`].map((one) => loadModel(join(root, one, 'model.onnx'))),
      )
      expect(newer!.model.fingerprint, name).toBe(old!.model.fingerprint)
    }
  })

  test('the card says which GRU it is, the order of dimensions, and where states come from', async () => {
    const before = await loadModel(join(root, 'op-gru-lbr0/model.onnx'))
    expect(before.model.card?.settings).toMatchObject({
      input: 'X (time, batch, features)',
      output: 'Y (time, direction, batch, features)',
      initial_state_h: 'initial_h',
      'GRU gru': expect.stringContaining('as Keras reset_after=False'),
    })
    const carry = await loadModel(join(root, 'carry-gru/model.onnx'))
    expect(carry.model.card?.settings).toMatchObject({
      input: 'x (batch, time, features)',
      initial_state_h: 'h',
      'GRU gru_1': expect.stringContaining('as PyTorch and cuDNN'),
    })
    expect(carry.model.card?.settings).not.toHaveProperty('outputs_not_computed')
  })

  test('an exported step with its state carries it from tick to tick, as a stream does', async () => {
    const golden = readCase('carry-gru')
    const loaded = await loadModel(join(root, 'carry-gru/model.onnx'))
    const { batch } = golden.shape
    const stream = loaded.open({ slots: batch, kernel: 'reference' })
    const rows = Int32Array.from({ length: batch }, (_, row) => row)
    stream.setHidden(rows, { h: floats(golden.io.get('h'))! })
    const y = stream.step(rows, floats(golden.io.get('x'))!)
    expect(largestDifference(y, golden.io.get('y')!)).toBeLessThanOrEqual(bar)
    expect(largestDifference(stream.hidden(rows).h, golden.io.get('hn')!)).toBeLessThanOrEqual(bar)
  })
})

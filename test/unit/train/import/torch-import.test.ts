import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { parseSafetensors } from '../../../../src/model/safetensors.ts'
import { importTorch, readTorchState } from '../../../../src/train/import/torch-import.ts'
import { readTorchPickle } from '../../../../src/train/import/torch-pickle.ts'
import { largestDifference, readTensors } from '../../../golden/golden-case.ts'

const folder = join(import.meta.dirname, '../../../golden/pytorch/small-gru-files')
const fileOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)))
const architecture = parseArchitecture({
  modules: [
    { name: 'gru', type: 'GRU', input_size: 2, hidden_size: 8 },
    { name: 'fc', type: 'Linear', in_features: 8, out_features: 1, on: 'last' },
  ],
})

/** A file of torch.save with another pickle in it. */
function withPickle(pickle: string | Uint8Array): Uint8Array {
  const bytes = typeof pickle === 'string' ? new TextEncoder().encode(pickle) : pickle
  return zipSync({ 'archive/data.pkl': bytes, 'archive/byteorder': new TextEncoder().encode('little') }, { level: 0 })
}

describe('a state dict of torch.save', () => {
  const wanted = parseSafetensors(fileOf('weights.safetensors')).tensors

  test.each([
    ['state_dict.pt', ''],
    ['checkpoint.pt', 'model_state_dict'],
  ])('%s has the weights of the same model in safetensors, bit by bit', (file, entry) => {
    const state = readTorchState(fileOf(file))
    expect(state.entry).toBe(entry)
    expect(new Map([...state.tensors].sort())).toEqual(new Map([...wanted].sort()))
  })

  test('computes what PyTorch computes, within 1e-6, and the card says where the weights came from', () => {
    const model = importTorch(fileOf('checkpoint.pt'), 'small', architecture)
    const io = readTensors(join(folder, 'io.safetensors'))
    const [x, want] = [io.get('x')!, io.get('y.f64')!]
    const batch = want.length
    const { output } = forward(model, Float32Array.from(x), { batch, ticks: x.length / batch / 2 })
    expect(largestDifference(output, want)).toBeLessThanOrEqual(1e-6)
    expect(model.card?.settings['state_dict']).toBe('the entry "model_state_dict"')
    expect(model.card?.settings['GRU gru']).toMatch(/as PyTorch and cuDNN/)
  })

  test('is refused, cut anywhere', () => {
    const whole = fileOf('state_dict.pt')
    for (let part = 0; part < 40; part++) {
      const cut = whole.slice(0, Math.floor((whole.length * part) / 40))
      expect(() => readTorchState(cut)).toThrow(/cut off|no file of torch\.save/)
    }
  })

  test('is read or refused with bytes changed in its pickle, never a crash of another kind', () => {
    const parts = unzipSync(fileOf('state_dict.pt'))
    const name = Object.keys(parts).find((one) => one.endsWith('data.pkl'))!
    for (let at = 0; at < parts[name]!.length; at++) {
      const pickle = parts[name]!.slice()
      pickle[at] = pickle[at]! ^ 0x5a
      let refusal: unknown = null
      try {
        readTorchState(zipSync({ ...parts, [name]: pickle }, { level: 0 }))
      } catch (error) {
        refusal = error
      }
      if (refusal !== null) expect(refusal).toMatchObject({ code: 'model' })
    }
  })
})

describe('what is no state dict is refused by name, with what to do', () => {
  test.each([
    ['legacy.pt', /before 1\.6: save the weights alone with torch\.save\(model\.state_dict/],
    ['scripted.pt', /TorchScript.*torch\.save\(model\.state_dict/],
  ])('%s', (file, words) => {
    expect(() => readTorchState(fileOf(file))).toThrow(words)
  })

  test.each([
    ['os.system', 'cos\nsystem\n(S"true"\ntR.'],
    ['builtins.eval', 'cbuiltins\neval\n(S"1"\ntR.'],
    ['torch.load', 'ctorch\nload\n.'],
    ['collections.Counter', 'ccollections\nCounter\n.'],
    ['torch._utils.__builtins__', 'ctorch._utils\n__builtins__\n.'],
  ])('a pickle that names %s', (name, pickle) => {
    expect(() => readTorchState(withPickle(pickle))).toThrow(`it names ${name}, which is not among what weights need`)
  })

  test('a storage class is a name: calling it fails', () => {
    expect(() => readTorchPickle(new TextEncoder().encode('ctorch\nFloatStorage\n(tR.'))).toThrow(/torch\.save/)
  })

  test('two state dicts in one file', () => {
    const pickle = new TextEncoder().encode(
      "(dS'model'\n(dS'w'\nctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI1\ntQI0\n(I1\nt(I1\ntI00\nNtRssS'ema'\n(dS'w'\nctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI1\ntQI0\n(I1\nt(I1\ntI00\nNtRss.",
    )
    expect(() => readTorchState(withPickle(pickle))).toThrow(/model, ema are each a state dict/)
  })
})

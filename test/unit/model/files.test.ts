import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { loadModel } from '../../../src/index.ts'
import { parseArchitecture } from '../../../src/model/architecture.ts'
import { createModel } from '../../../src/model/model.ts'
import { parseSafetensors, writeSafetensors } from '../../../src/model/safetensors.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tiny = { name: 'gru', type: 'GRU', input_size: 1, hidden_size: 2 }

describe('safetensors', () => {
  const tensors = new Map([
    ['b', { shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 1e-40) }],
    ['a', { shape: [1], data: Float32Array.of(7) }],
  ])

  test('what is written is read, and the same tensors give the same bytes', () => {
    const bytes = writeSafetensors(tensors, { format: 'pt' })
    const file = parseSafetensors(bytes)
    expect([...file.tensors.keys()]).toEqual(['a', 'b'])
    expect(file.tensors.get('b')).toEqual(tensors.get('b'))
    expect(file.metadata).toEqual({ format: 'pt' })
    expect(writeSafetensors(new Map([...tensors].reverse()), { format: 'pt' })).toEqual(bytes)
  })

  test('counters of PyTorch are read as numbers', () => {
    const header = JSON.stringify({ n: { dtype: 'I64', shape: [], data_offsets: [0, 8] } })
    const bytes = Buffer.alloc(16 + header.length)
    bytes.writeBigUInt64LE(BigInt(header.length), 0)
    bytes.write(header, 8)
    bytes.writeBigInt64LE(-5n, 8 + header.length)
    expect(parseSafetensors(bytes).tensors.get('n')).toEqual({ shape: [], data: Float32Array.of(-5) })
  })

  test('a torn, short or foreign file is refused with what is wrong', () => {
    const bytes = writeSafetensors(tensors)
    expect(() => parseSafetensors(bytes.subarray(0, bytes.length - 1))).toThrow(/lies outside the file/)
    expect(() => parseSafetensors(bytes.subarray(0, 5))).toThrow(/too short/)
    expect(() => parseSafetensors(new TextEncoder().encode('{"hello":"world, this is JSON"}'))).toThrow(/too short/)
    const text = Buffer.from(bytes).toString('latin1').replace('"F32"', '"C64"')
    expect(() => parseSafetensors(Buffer.from(text, 'latin1'))).toThrow(/element type "C64"/)
  })
})

describe('loading', () => {
  test('the model that ships forecasts ten readings and names its data, seed and losses', () => {
    const base = loadModelFiles('base')
    expect(base.forecast).toEqual({ horizons: 10, inputClip: 8 })
    expect(base.card?.seed).toBe(20261123)
    expect(base.fingerprint).toBe('83faae43693dae6b')
    expect(base.card!.losses['unseen']!).toBeLessThan(base.card!.losses['unseenPersistence']!)
  })

  test('a file of no known kind is refused with the kinds that are known', async () => {
    const path = join(folder, 'model.pkl')
    writeFileSync(path, '')
    await expect(loadModel(path)).rejects.toThrow(/nor a file of a known kind: \.safetensors, \.pt, \.pth, \.keras/)
  })

  test('a missing model, a missing architecture and a torn file say what to do', async () => {
    await expect(loadModel(join(folder, 'nothing'))).rejects.toThrow(/model\.json does not exist/)
    const path = join(folder, 'w.safetensors')
    await expect(loadModel(path)).rejects.toThrow(/needs \{ architecture \}/)
    await expect(loadModel(path, { architecture: { modules: [tiny] } })).rejects.toThrow(/cannot be read/)
    writeFileSync(path, 'torn')
    await expect(loadModel(path, { architecture: { modules: [tiny] } })).rejects.toThrow(/too short/)
  })

  test('a tensor that is missing, of another shape or of no module is named', () => {
    const architecture = parseArchitecture({ modules: [{ ...tiny, bias: false }] })
    const wIn = { shape: [6, 1], data: new Float32Array(6) }
    const wHidden = { shape: [6, 2], data: new Float32Array(12) }
    const all = new Map([
      ['gru.weight_ih_l0', wIn],
      ['gru.weight_hh_l0', wHidden],
    ])
    expect(createModel('m', architecture, all).fingerprint).toMatch(/^[0-9a-f]{16}$/)
    expect(() => createModel('m', architecture, new Map([['gru.weight_ih_l0', wIn]]))).toThrow(
      /no tensor "gru.weight_hh_l0"/,
    )
    expect(() => createModel('m', architecture, new Map([...all, ['gru.weight_hh_l0', wIn]]))).toThrow(/is \[6,1\]/)
    expect(() => createModel('m', architecture, new Map([...all, ['fc.weight', wIn]]))).toThrow(/belongs to no module/)
    const counted = createModel('m', architecture, new Map([...all, ['bn.num_batches_tracked', wIn]]))
    expect([...counted.tensors.keys()]).toEqual([...all.keys()])
    expect(counted.fingerprint).toBe(createModel('m', architecture, all).fingerprint)
  })
})

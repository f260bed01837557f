import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { runProgram } from '../../../src/cli/program.ts'

const golden = join(import.meta.dirname, '../../golden')
const torch = join(golden, 'pytorch/small-gru-files')
const keras = join(golden, 'keras/k2-classic')

let folder = ''
let written = { out: '', error: '' }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-models-'))
  written = { out: '', error: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.error += String(text)
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
  rmSync(folder, { recursive: true, force: true })
})

function jsonFile(name: string, json: unknown): string {
  writeFileSync(join(folder, name), JSON.stringify(json))
  return join(folder, name)
}

const architecture = {
  modules: [
    { name: 'gru', type: 'GRU', input_size: 2, hidden_size: 8 },
    { name: 'fc', type: 'Linear', in_features: 8, out_features: 1, on: 'last' },
  ],
}

const imported = (...args: string[]): Promise<number> => runProgram(['models', 'import', ...args])
const out = (): string => join(folder, 'model')

describe('residua models import', () => {
  test('asks for the scaler and the period that no file has, and says why', async () => {
    expect(await imported(join(keras, 'tfjs/model.json'), '--out', out())).toBe(2)
    expect(written.error).toMatch(/holds a network, but not what its numbers mean/)
    expect(written.error).toMatch(/--scaler FILE .*"center":…,"scale":…/)
    expect(written.error).toMatch(/--period DURATION/)
    expect(await imported(join(keras, 'tfjs/model.json'), '--out', out(), '--scaler', 'warm-up')).toBe(2)
    expect(written.error.split('Give:')[2]).not.toMatch(/--scaler/)
  })

  test('writes scaler, period and card; the summary says which convention the GRU follows', async () => {
    const scales = { flow: { center: 3, scale: 2 }, heat: { center: 20, scale: 0.5 } }
    const scaler = jsonFile('scaler.json', { kind: 'standard', scales })
    const declared = ['--architecture', jsonFile('net.json', architecture)]
    const options = ['--out', out(), '--scaler', scaler, '--period', '5m', '--name', 'pump']
    expect(await imported(join(torch, 'checkpoint.pt'), ...declared, ...options), written.error).toBe(0)
    const model = loadModelFiles(out())
    expect(model.name).toBe('pump')
    expect(model.periodMs).toBe(300_000)
    expect(Object.fromEntries(model.scaler!.scales)).toEqual(scales)
    expect(model.forecast).toBeNull()
    expect(written.out).toMatch(/GRU gru +n = tanh\(W x \+ b \+ r·\(U h \+ c\)\).*as PyTorch and cuDNN/)
    expect(written.out).toMatch(/state_dict +the entry "model_state_dict"/)
    expect(await imported(join(torch, 'checkpoint.pt'), ...declared, ...options)).toBe(2)
    expect(written.error).toMatch(/has a model already.*--force/)
    expect(await imported(join(torch, 'checkpoint.pt'), ...declared, ...options, '--force')).toBe(0)
  })

  test('a forecast needs to be told what the outputs are', async () => {
    const base = ['base', '--out', out(), '--scaler', 'warm-up', '--period', 'any', '--horizons']
    expect(await imported(...base, '10')).toBe(2)
    expect(written.error).toMatch(/--horizons needs --target: level .* or change/)
    expect(await imported(...base, '9', '--target', 'change')).toBe(2)
    expect(written.error).toMatch(/10 outputs; 9 horizons of 1 channels are 9/)
    expect(await imported(...base, '10', '--target', 'change', '--input-clip', '8'), written.error).toBe(0)
    expect(loadModelFiles(out()).forecast).toEqual({ horizons: 10, inputClip: 8, target: 'change' })
  })

  test('names what is wrong: half a file, a layer that is not built, a folder that cannot be written', async () => {
    const half = join(folder, 'half.pt')
    const bytes = readFileSync(join(torch, 'state_dict.pt'))
    writeFileSync(half, bytes.subarray(0, bytes.length / 2))
    const options = ['--out', out(), '--scaler', 'warm-up', '--period', '1s']
    expect(await imported(half, '--architecture', jsonFile('net.json', architecture), ...options)).toBe(1)
    expect(written.error).toMatch(/half\.pt: the PyTorch archive is damaged or cut off/)
    expect(await imported(join(golden, 'keras/masking/model.keras'), ...options)).toBe(1)
    expect(written.error).toMatch(/masking \(Masking\): the layer Masking is not built/)
    writeFileSync(join(folder, 'file'), '')
    expect(await imported(join(keras, 'tfjs/model.json'), ...options, '--out', join(folder, 'file/model'))).toBe(1)
    expect(written.error).toMatch(/cannot be written/)
  })
})

describe('residua models export', () => {
  test('writes files, not over others, and names what a format cannot express', async () => {
    const to = join(folder, 'exported')
    const exported = (...args: string[]): Promise<number> => runProgram(['models', 'export', ...args, '--out', to])
    expect(await exported('base', '--format', 'onnx'), written.error).toBe(0)
    expect(written.out).toMatch(/model\.onnx {2}\d+ bytes/)
    expect(await exported('base', '--format', 'onnx')).toBe(2)
    expect(written.error).toMatch(/model\.onnx is there already/)
    expect(await exported('base', '--format', 'safetensors')).toBe(0)
    expect(await exported(join(golden, 'keras/k2-gru/model.h5'), '--format', 'tfjs')).toBe(1)
    expect(written.error).toMatch(/gru \(GRU\): a GRU of the convention reset_after/)
    expect(await exported('base', '--format', 'pickle')).toBe(2)
  })
})

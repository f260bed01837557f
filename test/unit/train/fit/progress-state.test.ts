import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseExactSafetensors, parseSafetensors, writeSafetensors } from '../../../../src/model/safetensors.ts'
import type { FitState } from '../../../../src/train/fit/fit.ts'
import { readFitState, writeFitState } from '../../../../src/train/fit/progress-state.ts'

const state: FitState = {
  history: [
    { epoch: 1, train: 0.1 + 0.2, validation: null, rate: 1e-3 },
    { epoch: 2, train: 1 / 3, validation: 2 ** -1074, rate: 1e-3 },
  ],
  weights: new Map([
    ['gru.weight_hh_l0', Float32Array.of(0.1, -0, 3e-45)],
    ['weights.bias', Float32Array.of(1)],
  ]),
  best: new Map([['gru.weight_hh_l0', Float32Array.of(0.2, 0, 1)]]),
  memory: new Map([
    ['optimizer.updates', Float64Array.of(2 ** 40 + 1)],
    ['optimizer.1.gru.weight_hh_l0', Float64Array.of(1 / 3, 5e-324, -0)],
  ]),
}

/** As a program that writes whole files of another kind would. */
function sealed(file: Uint8Array): Uint8Array {
  return Buffer.concat([createHash('sha256').update(file).digest(), file])
}

describe('a saved fit', () => {
  it('is read with the bits that it was written with', () => {
    expect(readFitState(writeFitState(state, 'a'), 'a')).toEqual(state)
  })

  it('has the same bytes for the same state', () => {
    expect(writeFitState(state, 'a')).toEqual(writeFitState(state, 'a'))
  })

  it('is refused by a training with other settings, with what to do', () => {
    const bytes = writeFitState(state, 'a')
    expect(() => readFitState(bytes, 'b')).toThrow(/other settings: .* start anew/)
  })

  it('says so wherever it is cut', () => {
    const bytes = writeFitState(state, 'a')
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readFitState(bytes.subarray(0, length), 'a')).toThrow('the saved training cannot be read')
    }
  })

  it('says so wherever a bit of it is flipped', () => {
    const bytes = writeFitState(state, 'a')
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => readFitState(flipped, 'a')).toThrow('the saved training cannot be read (it is cut or changed')
    }
  })

  it('is not confused with a model, another format, or a damaged history', () => {
    const model = writeSafetensors(new Map())
    expect(() => readFitState(model, 'a')).toThrow('of another version')
    expect(() => readFitState(sealed(model), 'a')).toThrow('no saved training of this version')
    const { tensors, metadata } = parseExactSafetensors(writeFitState(state, 'a').subarray(32))
    for (const history of ['[{', '7']) {
      const damaged = sealed(writeSafetensors(tensors, { ...metadata, history }))
      expect(() => readFitState(damaged, 'a')).toThrow('its history is damaged')
    }
  })
})

describe('parseExactSafetensors()', () => {
  it('keeps F64, which parseSafetensors rounds, and gives F32 alike', () => {
    const data = Float64Array.of(1 / 3)
    const bytes = writeSafetensors(
      new Map([
        ['a', { shape: [1], data: Float32Array.of(0.1) }],
        ['b', { shape: [1], data }],
      ]),
    )
    const exact = parseExactSafetensors(bytes).tensors
    expect(exact.get('b')!.data).toEqual(data)
    expect(exact.get('a')!.data).toEqual(Float32Array.of(0.1))
    expect(parseSafetensors(bytes).tensors.get('b')!.data).toEqual(Float32Array.of(1 / 3))
  })
})

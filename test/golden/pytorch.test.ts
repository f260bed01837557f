import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exp, sigmoid, tanh } from '../../src/base/math.ts'
import { loadModel } from '../../src/index.ts'
import { caseNames, type GoldenCase, largestDifference, readCase } from './golden-case.ts'

function architectureOf({ json }: GoldenCase, name = ''): { modules: Record<string, unknown>[] } {
  return {
    modules: [
      {
        name,
        type: String(json['kind']).startsWith('gru') ? 'GRU' : 'LSTM',
        input_size: json['input_size'],
        hidden_size: json['hidden_size'],
        num_layers: json['num_layers'] ?? 1,
        bias: json['bias'] ?? true,
      },
    ],
  }
}

async function runForward(golden: GoldenCase, bar: number): Promise<void> {
  const { json, io } = golden
  const loaded = await loadModel(golden.weightsPath, { architecture: architectureOf(golden) })
  const h0 = io.get('h0')
  const c0 = io.get('c0')
  const state = h0 && { h: Float32Array.from(h0), ...(c0 && { c: Float32Array.from(c0) }) }
  const got = loaded.forward(Float32Array.from(io.get('x')!), {
    batch: Number(json['batch']),
    ticks: Number(json['steps']),
    batchFirst: json['batch_first'] === true,
    ...(state && { state }),
  })
  for (const [name, values] of [
    ['y', got.output],
    ['hn', got.state.h],
    ['cn', got.state.c],
  ] as const) {
    const want = io.get(`${name}.f64`) ?? io.get(name)
    if (want === undefined || values === undefined) continue
    expect(largestDifference(values, want), `${golden.name} ${name}`).toBeLessThanOrEqual(bar)
  }
}

describe('the reference kernel computes what PyTorch computes', () => {
  test.each(caseNames(/^(gru|lstm)-(h\d|grid|layers)/))('%s within 1e-6', async (name) => {
    await runForward(readCase(name), 1e-6)
  })

  test.each(caseNames(/^(gru|lstm)-(saturated|extreme)/))(
    '%s within 1e-5, NaN and inf in the same places',
    async (name) => {
      await runForward(readCase(name), 1e-5)
    },
  )

  test.each(['article-gru', 'article-lstm', 'small-gru-files'])(
    '%s: recurrent layers and a linear head on the last step',
    async (name) => {
      const golden = readCase(name)
      const gate = name === 'article-lstm' ? 'lstm' : 'gru'
      const { modules } = architectureOf(golden, gate)
      const head = { name: 'fc', type: 'Linear', in_features: golden.json['hidden_size'], out_features: 1, on: 'last' }
      const architecture = { modules: [...modules, head] }
      const x = Float32Array.from(golden.io.get('x')!)
      const inputs = Number(golden.json['input_size'])
      const batch = golden.io.get('y.f64')!.length
      const shape = { batch, ticks: x.length / batch / inputs }
      const loaded = await loadModel(golden.weightsPath, { architecture })
      expect(largestDifference(loaded.forward(x, shape).output, golden.io.get('y.f64')!)).toBeLessThanOrEqual(1e-6)
      if (name !== 'small-gru-files') return
      for (const [file, bar] of [
        ['f16', 2e-3],
        ['bf16', 2e-2],
      ] as const) {
        const half = await loadModel(join(golden.weightsPath, '..', `${file}.safetensors`), { architecture })
        expect(largestDifference(half.forward(x, shape).output, golden.io.get('y.f64')!)).toBeLessThanOrEqual(bar)
      }
    },
  )

  test('a stream that is stepped, saved and restored gives the same as a whole sequence', async () => {
    const golden = readCase('gru-h3-l2-b1-t7-i4')
    const loaded = await loadModel(golden.weightsPath, { architecture: architectureOf(golden) })
    const x = Float32Array.from(golden.io.get('x')!)
    const whole = loaded.forward(x, { batch: 1, ticks: 7 }).output
    const pieces: number[] = []
    let stream = loaded.open({ slots: 4 })
    for (let t = 0; t < 7; t++) {
      const bytes = stream.snapshot(2)
      stream = loaded.open({ slots: 4 })
      stream.restore(2, bytes)
      pieces.push(...stream.step(Int32Array.of(2), x.subarray(t * 4, t * 4 + 4)))
    }
    expect(pieces).toEqual([...whole])
  })
})

describe('base/math computes what PyTorch computes in float64', () => {
  const { io } = readCase('functions')
  const x = io.get('x')!

  test.each(Object.entries({ exp, tanh, sigmoid }))('%s to 1e-14, relative where it is large', (name, compute) => {
    const want = io.get(`${name}.f64`)!
    const got = Array.from(x, (value) => compute(value))
    for (let i = 0; i < want.length; i++) {
      if (Number.isNaN(want[i]!)) expect(got[i]).toBeNaN()
      else if (!Number.isFinite(want[i]!)) expect(got[i]).toBe(want[i])
      else expect(Math.abs(got[i]! - want[i]!) / Math.max(1, Math.abs(want[i]!))).toBeLessThan(1e-14)
    }
  })
})

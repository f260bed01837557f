import { describe, expect, it } from 'vitest'
import { loadModelFiles } from '../../../../src/cli/model-files.ts'
import { traceTicks } from '../../../../src/core/arena.ts'
import { defaultSpec } from '../../../../src/domain/sensor.ts'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import type { Model } from '../../../../src/model/model.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { createLiveExplainer } from '../../../../src/train/explain/live-explainer.ts'
import { occlusion } from '../../../../src/train/explain/occlusion.ts'
import { initialModel } from '../../../../src/train/fit/initial-weights.ts'

const base = loadModelFiles('base')
const spec = { ...defaultSpec('north/pump/temperature', { measurement: 'temperature' }), unit: 'celsius' }
const [center, unit] = [60, 5]

function modelOf(recurrent: object, inputs: number, calendar: readonly 'day'[], target: 'level' | 'change'): Model {
  const [width] = [4]
  return initialModel(
    parseArchitecture({
      modules: [
        { name: 'net', input_size: inputs, hidden_size: width, ...recurrent },
        {
          type: 'Linear',
          name: 'head',
          in_features: 'bidirectional' in recurrent ? 2 * width : width,
          out_features: 1,
        },
      ],
    }),
    { seed: 5, name: 'small', forecast: { horizons: 1, inputClip: 8, calendar, target } },
  )
}

function windowOf(inputs: number): Float32Array {
  return Float32Array.from({ length: traceTicks * inputs }, (_, at) => Math.sin(at / 3) + 0.2 * ((at * 7) % 5))
}

function sum(parts: readonly { readonly contribution: number }[]): number {
  return parts.reduce((total, { contribution }) => total + contribution, 0)
}

describe('a reading of a running pipeline', () => {
  it.each([
    ['base', base, 1, 'last'],
    ['levels with a calendar', modelOf({ type: 'LSTM' }, 3, ['day'], 'level'), 3, 'usual'],
  ] as const)('of %s adds up', (_name, model, inputs, against) => {
    const reading = { model, spec, window: windowOf(inputs), center, unit, observed: 64, expected: 61.5 }
    const why = createLiveExplainer()(reading)!
    expect(why.residual).toBe(2.5)
    expect(why.against).toBe(against)
    expect(why.rest + sum(why.byChannel)).toBeCloseTo(2.5, 9)
    expect(why.rest + sum(why.byTick)).toBeCloseTo(2.5, 9)
    expect(why.byTick.map(({ ticksAgo }) => ticksAgo)).toEqual(
      Array.from({ length: traceTicks }, (_, at) => traceTicks - at),
    )
    expect(why.sentence).toMatch(/^temperature 2\.5 °C above the expected 61\.5 °C/)
    expect(why.byChannel.map(({ channel }) => channel).sort()).toEqual(
      inputs === 1 ? ['temperature'] : ['temperature', 'time of day and year'],
    )
    expect(createLiveExplainer()(reading)).toEqual(why)
  })

  it('contributes what the network loses without its past, for changes as for levels', () => {
    const window = windowOf(1)
    const why = createLiveExplainer()({ model: base, spec, window, center, unit, observed: 64, expected: 61.5 })!
    const { byChannel } = occlusion(base, { window, output: 0 })
    expect(-sum(why.byChannel)).toBeCloseTo(byChannel[0]! * unit, 4)
    const { output } = forward(base, window, { batch: 1, ticks: traceTicks })
    const horizons = base.forecast!.horizons
    const change = output[output.length - horizons]! * unit
    const atRest = forward(base, new Float32Array(traceTicks), { batch: 1, ticks: traceTicks }).output
    expect(-sum(why.byChannel)).toBeCloseTo(change - atRest[atRest.length - horizons]! * unit, 4)
  })

  it('of a quantile head is explained by the median', () => {
    const modules = [
      { type: 'GRU', name: 'net', input_size: 1, hidden_size: 4 },
      { type: 'Quantile', name: 'head', in_features: 4, out_features: 2, levels: [0.1, 0.5, 0.9] },
    ]
    const forecast = { horizons: 2, inputClip: 8 }
    const model = initialModel(parseArchitecture({ modules }), { seed: 5, name: 'spread', forecast })
    const window = windowOf(1)
    const why = createLiveExplainer()({ model, spec, window, center, unit, observed: 64, expected: 61.5 })!
    const { byChannel } = occlusion(model, { window, output: 2 })
    expect(-sum(why.byChannel)).toBeCloseTo(byChannel[0]! * unit, 4)
  })

  it('is explained from the ticks that there are', () => {
    const window = windowOf(1)
    window.fill(Number.NaN, 0, traceTicks - 2)
    const explain = createLiveExplainer()
    const why = explain({ model: base, spec, window, center, unit, observed: 64, expected: 61.5 })!
    expect(why.byTick.slice(0, -2).every(({ contribution }) => Math.abs(contribution) === 0)).toBe(true)
    expect(why.rest + sum(why.byTick)).toBeCloseTo(2.5, 9)
    window.fill(Number.NaN)
    expect(explain({ model: base, spec, window, center, unit, observed: 64, expected: 61.5 })).toBeNull()
    expect(
      explain({ model: base, spec, window: windowOf(1), center, unit, observed: 64, expected: Number.NaN }),
    ).toBeNull()
  })
})

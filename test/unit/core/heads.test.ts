import { describe, expect, it } from 'vitest'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { createPipeline } from '../../../src/core/live-pipeline.ts'
import type { PipelineOptions } from '../../../src/core/pipeline.ts'
import { recipe } from '../../../src/core/recipe.ts'
import { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { defaultSpec, SensorCatalog } from '../../../src/domain/sensor.ts'
import { parseArchitecture } from '../../../src/model/architecture.ts'
import { createModel, type Model } from '../../../src/model/model.ts'
import { prepare, splitInTime } from '../../../src/train/data/prepare.ts'
import { initialModel } from '../../../src/train/fit/initial-weights.ts'
import { forecastsOf } from '../../../src/train/forecasts.ts'
import { historyOf, waves } from '../train/data/series.ts'

const horizons = 3
const rows = 400
const ids = ['c0', 'c1', 'c2']
const values = ids.map((_, phase) => waves(rows, phase))
const scales = new Map(ids.map((id, phase) => [id, { center: 20 + phase, scale: 2 + phase }]))

function modelWith(head: object, target: 'level' | 'change'): Model {
  const modules = [
    { type: 'GRU', name: 'gru', input_size: 3, hidden_size: 6 },
    { name: 'head', in_features: 6, out_features: horizons, ...head },
  ]
  const forecast = { horizons, inputClip: 8, target, calendar: ['hour' as const] }
  const { architecture, tensors } = initialModel(parseArchitecture({ modules }), { seed: 5, name: 'm', forecast })
  return createModel('m', architecture, tensors, { forecast, scaler: { kind: 'standard', scales } })
}

function pipelineOf(models: Pick<PipelineOptions, 'model' | 'own'>) {
  const catalog = new SensorCatalog(ids.length, defaultSpec)
  for (const id of ids) catalog.intern(id)
  return createPipeline({ ...models, catalog, plant: 'p', quarantine: false, learn: { rows: 200 } })
}

/** What the pipeline expected of every row of every sensor: (T, sensors). */
function live(models: Pick<PipelineOptions, 'model' | 'own'>): Float64Array {
  const frame = new Frame(rows * ids.length)
  for (let row = 0; row < rows; row++) {
    for (const slot of ids.keys()) frame.push(slot, row * 60_000, values[slot]![row]!, 0, row * 60_000)
  }
  const out = new OutcomeFrame(frame.count)
  pipelineOf(models).step(frame, out)
  return out.expected
}

/** What training expects of every row, one ahead, from the reading on that the live network sees first. */
function trained(model: Model, sensor: number): Float64Array {
  const from = recipe.provisionalRows - 1
  const history = historyOf([values[sensor]!.subarray(from)], {
    channels: [ids[sensor]!],
    timeMs: Float64Array.from({ length: rows - from }, (_, row) => (row + from) * 60_000),
  })
  const split = splitInTime([history], { validation: 0, test: 0 })[0]!
  const prepared = prepare(history, split, { scaler: 'standard', calendar: ['hour'], inputClip: 8 }, scales)
  const { expected } = forecastsOf(model, prepared, { by: 'stream', window: 16 })
  const one = new Float64Array(rows).fill(Number.NaN)
  for (let row = 0; row + 1 < rows - from; row++) one[row + from + 1] = expected[row * horizons]!
  return one
}

const heads = [
  ['a plain head', { type: 'Linear' }],
  ['a Gaussian head', { type: 'Gaussian' }],
  ['a Quantile head', { type: 'Quantile', levels: [0.1, 0.5, 0.9] }],
] as const

describe('a pipeline whose model has', () => {
  for (const [name, head] of heads) {
    for (const target of ['level', 'change'] as const) {
      it(`${name} expects of the ${target} what training does`, () => {
        const model = modelWith(head, target)
        const own = new Map(ids.slice(1).map((id) => [id, model]))
        const [general, alone] = [live({ model }), live({ model: loadModelFiles('base'), own })]
        for (const sensor of ids.keys()) {
          const wanted = trained(model, sensor)
          for (let row = 200; row < rows; row++) {
            const close = expect.closeTo(wanted[row]!, 4)
            expect(general[row * ids.length + sensor]).toEqual(close)
            if (sensor > 0) expect(alone[row * ids.length + sensor]).toEqual(close)
          }
        }
      })
    }
  }

  it('a head that does not fit its horizons is refused, with what it would need', () => {
    const { architecture, tensors } = modelWith({ type: 'Gaussian' }, 'level')
    const forecast = { horizons: 2 * horizons, inputClip: 8, calendar: ['hour' as const] }
    const model = createModel('wide', architecture, tensors, { forecast })
    expect(() => pipelineOf({ model })).toThrow(
      'wide does not forecast a sensor: it needs 3 inputs (the value and its calendar), and a mean and a deviation a horizon',
    )
  })

  it('no median is refused by name, with its levels', () => {
    const model = modelWith({ type: 'Quantile', levels: [0.05, 0.4, 0.95] }, 'level')
    expect(() => pipelineOf({ model })).toThrow(
      'm has no median to forecast with: its levels are 0.05, 0.4, 0.95; train it with 0.5 among them',
    )
  })
})

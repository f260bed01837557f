import { describe, expect, it } from 'vitest'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { createPipeline } from '../../../src/core/live-pipeline.ts'
import type { Pipeline, PipelineOptions } from '../../../src/core/pipeline.ts'
import { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { defaultSpec, SensorCatalog } from '../../../src/domain/sensor.ts'
import { parseArchitecture } from '../../../src/model/architecture.ts'
import { createModel, type Forecast, type Model, type Scaler } from '../../../src/model/model.ts'

const base = loadModelFiles('base')
const stepMs = 60_000

/** A network that says the same of every reading: its head's bias. */
function constant(says: number, forecast: Partial<Forecast>, scaler: Scaler | null = null): Model {
  const inputs = 1 + 2 * (forecast.calendar?.length ?? 0)
  const architecture = parseArchitecture({
    modules: [
      { type: 'RNN', name: 'rnn', input_size: inputs, hidden_size: 1 },
      { type: 'Linear', name: 'head', in_features: 1, out_features: 1 },
    ],
  })
  const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) })
  const tensors = new Map([
    ['rnn.weight_ih_l0', zeros(1, inputs)],
    ['rnn.weight_hh_l0', zeros(1, 1)],
    ['rnn.bias_ih_l0', zeros(1)],
    ['rnn.bias_hh_l0', zeros(1)],
    ['head.weight', zeros(1, 1)],
    ['head.bias', { shape: [1], data: Float32Array.of(says) }],
  ])
  return createModel('constant', architecture, tensors, {
    forecast: { horizons: 1, inputClip: 8, ...forecast },
    scaler,
  })
}

function pipelineOf(models: Pick<PipelineOptions, 'model' | 'own'>, ids: readonly string[]): Pipeline {
  const catalog = new SensorCatalog(ids.length, defaultSpec)
  for (const id of ids) catalog.intern(id)
  return createPipeline({ ...models, catalog, plant: 'north', quarantine: false, learn: { rows: 200 } })
}

/** Feeds rows of all sensors; what was expected of the last row, by sensor. */
function expectedAfter(pipeline: Pipeline, sensors: number, rows: number, from = 0): number[] {
  let expected: number[] = []
  for (let row = from; row < from + rows; row++) {
    const frame = new Frame(sensors)
    for (let slot = 0; slot < sensors; slot++) {
      frame.push(slot, row * stepMs, 10 * (slot + 1) + Math.sin(row / 9 + slot), 0, row * stepMs)
    }
    const out = new OutcomeFrame(sensors)
    pipeline.step(frame, out)
    expected = [...out.expected]
  }
  return expected
}

describe('a pipeline with models of single sensors', () => {
  const scaler: Scaler = { kind: 'standard', scales: new Map([['b', { center: 100, scale: 4 }]]) }

  it('forecasts each sensor by its own model, in the scale that it was trained with, and others by the general one', () => {
    const own = new Map([['b', constant(2, { target: 'level' }, scaler)]])
    const alone = expectedAfter(pipelineOf({ model: base }, ['a', 'b', 'c']), 3, 260)
    const mixed = expectedAfter(pipelineOf({ model: base, own }, ['a', 'b', 'c']), 3, 260)
    expect(mixed[0]).toBe(alone[0])
    expect(mixed[2]).toBe(alone[2])
    expect(mixed[1]).toBe(108)
  })

  it('adds the change that a model of changes says to the reading before', () => {
    const own = new Map([['b', constant(0.5, {}, scaler)]])
    const pipeline = pipelineOf({ model: base, own }, ['a', 'b'])
    const before = 20 + Math.sin(258 / 9 + 1)
    expect(expectedAfter(pipeline, 2, 260)[1]).toBeCloseTo(before + 2, 9)
  })

  it('gives a network its calendar, which it was trained with', () => {
    const own = new Map([['b', constant(1, { target: 'level', calendar: ['day', 'week'] }, scaler)]])
    expect(expectedAfter(pipelineOf({ model: base, own }, ['a', 'b']), 2, 260)[1]).toBe(104)
  })

  it('restores the states of both kinds bit for bit', () => {
    const own = new Map([['b', constant(2, { target: 'level' }, scaler)]])
    const calm = pipelineOf({ model: base, own }, ['a', 'b'])
    expectedAfter(calm, 2, 260)
    const resumed = pipelineOf({ model: base, own }, ['b', 'a'])
    for (const slot of [0, 1]) resumed.restore(slot, calm.snapshot(1 - slot))
    for (const slot of [0, 1]) expect(resumed.snapshot(slot)).toEqual(calm.snapshot(1 - slot))
  })

  it('names the set of models in what a checkpoint must agree with', () => {
    const one = pipelineOf({ model: base, own: new Map([['b', constant(2, {})]]) }, ['b'])
    const other = pipelineOf({ model: base, own: new Map([['b', constant(3, {})]]) }, ['b'])
    expect(one.meta.model).not.toBe(other.meta.model)
    expect(pipelineOf({ model: base }, ['b']).meta.model).toBe(`base-${base.fingerprint}`)
  })

  it('refuses a model that does not forecast one sensor, by name', () => {
    const own = new Map([['b', constant(2, { horizons: 4 })]])
    expect(() => pipelineOf({ model: base, own }, ['b'])).toThrow(
      'constant does not forecast a sensor: it needs one input',
    )
  })
})

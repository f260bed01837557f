import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { createOptimizer, createTrainer, loadModel, losses } from '../../../../src/index.ts'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import { createModel } from '../../../../src/model/model.ts'
import {
  createReadingExplainer,
  type ExplainedInput,
  type ExplainedOutput,
} from '../../../../src/train/explain/explanation.ts'
import { randomModel } from '../../model/random-model.ts'

const ticks = 10

/**
 * A network that expects gain·load − 0.25·temperature, both scaled and of the last tick: relu units for either sign of
 * both make a linear function, so the truth is known.
 */
function plantModel(gain: number, forecast: { readonly horizons: number; readonly inputClip: number } | null = null) {
  const modules = [
    { name: 'a', type: 'RNN', input_size: 2, hidden_size: 4, nonlinearity: 'relu' },
    { name: 'head', type: 'Linear', in_features: 4, out_features: 1, on: 'last' },
  ]
  const tensors = new Map([
    ['a.weight_ih_l0', { shape: [4, 2], data: Float32Array.of(1, 0, -1, 0, 0, 1, 0, -1) }],
    ['a.weight_hh_l0', { shape: [4, 4], data: new Float32Array(16) }],
    ['a.bias_ih_l0', { shape: [4], data: new Float32Array(4) }],
    ['a.bias_hh_l0', { shape: [4], data: new Float32Array(4) }],
    ['head.weight', { shape: [1, 4], data: Float32Array.of(gain, -gain, -0.25, 0.25) }],
    ['head.bias', { shape: [1], data: Float32Array.of(0) }],
  ])
  return createModel('plant', parseArchitecture({ modules }), tensors, { forecast })
}

const inputs: readonly ExplainedInput[] = [
  { channel: 'load', unit: 'percent', center: 60, scale: 10 },
  { channel: 'outlet temperature', unit: 'celsius', center: 70, scale: 4 },
]
const output: ExplainedOutput = {
  index: 0,
  channel: 'outlet temperature',
  unit: 'celsius',
  center: 70,
  scale: 4,
  predicts: 'value',
  horizon: 1,
}

/** Load falls from 60 to 40, temperature stays at 70. */
const window = Float64Array.from({ length: ticks * 2 }, (_, at) =>
  at % 2 === 0 ? 60 - (20 * Math.floor(at / 2)) / (ticks - 1) : 70,
)

describe('createReadingExplainer()', () => {
  it('explains a residual in engineering units, and the sum is the residual', () => {
    const explainer = createReadingExplainer(plantModel(1), { ticks, inputs, output })
    const found = explainer.explain({ window, observed: 70.5 })
    // Load is two scales below its usual value: −2 of 4 °C each.
    expect(found.expected).toBeCloseTo(62, 5)
    expect(found.residual).toBeCloseTo(8.5, 5)
    expect(found.rest).toBeCloseTo(0.5, 5)
    expect(found.byChannel[0]!.channel).toBe('load')
    expect(found.byChannel[0]!.contribution).toBeCloseTo(8, 5)
    expect(found.byChannel[1]).toEqual({ channel: 'outlet temperature', contribution: 0 })
    expect(found.byTick.map(({ ticksAgo }) => ticksAgo)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(found.byTick.at(-1)!.contribution).toBeCloseTo(8, 5)
    expect(found.byTick[0]!.contribution).toBe(0)
    expect(found.sentence).toBe('outlet temperature 8.5 °C above the expected 62 °C while load fell')
  })

  it('adds a predicted change to the last value, which contributes by itself', () => {
    const change: ExplainedOutput = { ...output, predicts: { changeOf: 1 }, horizon: 3 }
    const explainer = createReadingExplainer(plantModel(1), { ticks, inputs, output: change })
    const warm = window.map((value, at) => (at % 2 === 1 ? 74 : value))
    const found = explainer.explain({ window: warm, observed: 74 })
    // 74 − 8 for the load − a quarter of the 4 °C above usual.
    expect(found.expected).toBeCloseTo(65, 5)
    const temperature = found.byChannel.find(({ channel }) => channel === 'outlet temperature')!
    expect(temperature.contribution).toBeCloseTo(-3, 5)
    const sum = found.byChannel.reduce((all, { contribution }) => all + contribution, found.rest)
    expect(sum).toBeCloseTo(found.residual, 10)
    expect(found.byTick.at(-1)!.ticksAgo).toBe(3)
  })

  it('sums inputs of one channel, and does not name the calendar', () => {
    const calendar = inputs.map((input) => ({ ...input, channel: 'hour', isCalendar: true }))
    const explainer = createReadingExplainer(plantModel(1), { ticks, inputs: calendar, output })
    const found = explainer.explain({ window, observed: 70 })
    expect(found.byChannel).toHaveLength(1)
    expect(found.byChannel[0]!.contribution).toBeCloseTo(8, 5)
    expect(found.sentence).toBe('outlet temperature 8 °C above the expected 62 °C')
  })

  it('clips inputs as the model is used to', () => {
    const model = plantModel(1, { horizons: 1, inputClip: 1.5 })
    const found = createReadingExplainer(model, { ticks, inputs, output }).explain({ window, observed: 70 })
    expect(found.expected).toBeCloseTo(64, 5)
  })

  it('takes missing inputs as usual', () => {
    const holes = window.map((value, at) => (at >= ticks * 2 - 2 ? Number.NaN : value))
    const explainer = createReadingExplainer(plantModel(1), { ticks, inputs, output })
    const found = explainer.explain({ window: holes, observed: 70 })
    expect(found.expected).toBe(70)
    expect(found.sentence).toBe('outlet temperature 70 °C, as expected')
  })

  it('refuses inputs that do not fit, and readings that were not scored', () => {
    const make = (options: Partial<Parameters<typeof createReadingExplainer>[1]>) =>
      createReadingExplainer(plantModel(1), { ticks, inputs, output, ...options })
    expect(() => make({ inputs: inputs.slice(1) })).toThrow('plant has 2 inputs, not 1')
    expect(() => make({}).explain({ window, observed: Number.NaN })).toThrow('only a reading that is a number')
    expect(() => make({ output: { ...output, index: 1 } }).explain({ window, observed: 1 })).toThrow(
      'plant gives 1 value',
    )
    const holes = window.map((value, at) => (at === ticks * 2 - 1 ? Number.NaN : value))
    const change = make({ output: { ...output, predicts: { changeOf: 1 } } })
    expect(() => change.explain({ window: holes, observed: 1 })).toThrow('which is missing')
  })
})

/** A machine whose temperature follows its load with a delay, 0.4 °C for each percent; flow does nothing. */
function machine(seed: number, rows: number): Float64Array {
  const random = createPrng(seed)
  const values = new Float64Array(rows * 3)
  let load = random.between(40, 80)
  let temperature = 46 + 0.4 * load
  for (let row = 0; row < rows; row++) {
    temperature += 0.3 * (46 + 0.4 * load - temperature) + 0.05 * random.normal()
    load = Math.min(80, Math.max(40, load + 4 * random.normal()))
    values.set([load, temperature, 20 + random.normal()], row * 3)
  }
  return values
}

it('finds the channel that matters in a trained network, and says so when the temperature stays where it should fall', () => {
  const scales: readonly ExplainedInput[] = [...inputs, { channel: 'flow', unit: 'm3/h', center: 20, scale: 1 }]
  const batch = 32
  const scaled = (row: Float64Array, t: number, i: number): number =>
    (row[t * 3 + i]! - scales[i]!.center) / scales[i]!.scale
  const model = randomModel([
    { name: 'a', type: 'GRU', input_size: 3, hidden_size: 12 },
    { name: 'head', type: 'Linear', in_features: 12, out_features: 1, on: 'last' },
  ])
  const trainer = createTrainer(model, { batch, ticks })
  const optimizer = createOptimizer({ kind: 'adam', rate: 0.01 })
  const x = new Float32Array(batch * ticks * 3)
  const target = new Float32Array(batch)
  const dy = new Float32Array(batch)
  let loss = 0
  for (let update = 0; update < 400; update++) {
    for (let b = 0; b < batch; b++) {
      const rows = machine(update * batch + b, ticks + 1)
      for (let at = 0; at < ticks * 3; at++) x[b * ticks * 3 + at] = scaled(rows, Math.floor(at / 3), at % 3)
      target[b] = scaled(rows, ticks, 1)
    }
    loss = losses.mse(trainer.forward(x), target, dy)
    optimizer.update(trainer.parameters, trainer.backward(dy).byName)
    trainer.repack()
  }
  expect(loss).toBeLessThan(0.02)
  const explainer = createReadingExplainer(trainer.toModel(), { ticks, inputs: scales, output })
  // Load falls from its usual 60 % to 40 % and the temperature with it; the next reading is 70 °C again.
  const rows = new Float64Array(ticks * 3)
  let temperature = 70
  for (let t = 0; t < ticks; t++) {
    const load = t < 4 ? 60 : Math.max(40, 60 - 10 * (t - 4))
    rows.set([load, temperature, 20.5], t * 3)
    temperature += 0.3 * (46 + 0.4 * load - temperature)
  }
  const found = explainer.explain({ window: rows, observed: 70 })
  expect(Math.abs(found.expected - temperature)).toBeLessThan(0.8)
  expect(found.byChannel.at(-1)!.channel).toBe('flow')
  expect(found.byChannel[0]!.channel).toBe('load')
  expect(found.sentence).toMatch(/^outlet temperature 6\.\d °C above the expected 63\.\d °C while load fell$/)
})

it('explains the shipped model: expected as its stream expects, from the state that the stream had', async () => {
  const { model, open } = await loadModel('base')
  const random = createPrng(5)
  const values = Float64Array.from({ length: 300 }, (_, t) => 80 + 5 * Math.sin(t / 9) + 0.5 * random.normal())
  const [center, scale] = [80, 4]
  const stream = open({ slots: 1 })
  const row = Int32Array.of(0)
  const step = (t: number): Float32Array => stream.step(row, Float32Array.of((values[t]! - center) / scale))
  for (let t = 0; t < 236; t++) step(t)
  const state = stream.hidden(row)
  let forecast: Float32Array = new Float32Array()
  for (let t = 236; t < 300; t++) forecast = step(t)
  stream.close()
  const window = values.subarray(236)
  const sensor = { channel: 'bearing', unit: 'celsius', center, scale }
  for (const horizon of [1, 10]) {
    const change = { ...output, ...sensor, index: horizon - 1, predicts: { changeOf: 0 }, horizon }
    const explainer = createReadingExplainer(model, { ticks: 64, inputs: [sensor], output: change })
    const found = explainer.explain({ window, observed: 90, state })
    // Two kernels in float32, times the scale.
    expect(found.expected).toBeCloseTo(values[299]! + forecast[horizon - 1]! * scale, 4)
    const sum = found.byTick.reduce((all, { contribution }) => all + contribution, found.rest)
    expect(sum).toBeCloseTo(found.residual, 9)
    expect(found.sentence).toMatch(/^bearing [\d.]+ °C above the expected [\d.]+ °C/)
  }
})

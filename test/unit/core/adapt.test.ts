import { beforeAll, describe, expect, it } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { C, rowWidth } from '../../../src/core/columns.ts'
import { createPipeline } from '../../../src/core/live-pipeline.ts'
import type { Pipeline } from '../../../src/core/pipeline.ts'
import { recipe } from '../../../src/core/recipe.ts'
import { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { Quality } from '../../../src/domain/quality.ts'
import { type Adaptation, defaultSpec, SensorCatalog } from '../../../src/domain/sensor.ts'
import { parseArchitecture } from '../../../src/model/architecture.ts'
import { createModel, type Model } from '../../../src/model/model.ts'
import { initialModel } from '../../../src/train/fit/initial-weights.ts'
import { OneSensor, stepMs } from './one-sensor.ts'

const columns = (pipeline: Pipeline): Float64Array => new Float64Array(pipeline.snapshot(0).buffer, 0, rowWidth)

/** What adaptation has learned of the sensor. */
function learned(pipeline: Pipeline): Record<string, number | number[]> {
  const f = columns(pipeline)
  return { shift: f[C.shift]!, spread: f[C.spread]!, readout: [...f.subarray(C.readout, C.readout + 3)] }
}

/** A sensor that is warm and has adapted for a while. */
function adapted(adapt: Adaptation): OneSensor {
  const sensor = new OneSensor({ adapt })
  sensor.run(2_000)
  return sensor
}

describe('adaptation', () => {
  it('of nothing, the default, learns nothing', () => {
    const start = new OneSensor()
    start.run(recipe.warmupRows + 1)
    const before = learned(start.pipeline)
    start.run(1_500)
    expect(learned(start.pipeline)).toEqual(before)
    expect(before).toMatchObject({ shift: 0, readout: [0, 0, 0] })
  })

  it('learns what its setting names, and that only', () => {
    const start = learned(adapted('none').pipeline)
    const scale = learned(adapted('scale').pipeline)
    const readout = learned(adapted('readout').pipeline)
    const both = learned(adapted('both').pipeline)
    expect(scale['readout']).toEqual([0, 0, 0])
    expect(scale['shift']).not.toBe(0)
    expect(scale['spread']).not.toBe(start['spread'])
    expect(readout).toMatchObject({ shift: 0, spread: start['spread'] })
    expect(readout['readout']).not.toContain(0)
    expect(both['shift']).not.toBe(0)
    expect(both['readout']).not.toContain(0)
  })

  it('does not learn a long fault: neither while it alarms nor while the alarm rests', () => {
    const sensor = adapted('both')
    const before = learned(sensor.pipeline)
    sensor.run(400, (value) => value + 40)
    expect(sensor.rows.slice(-390).every(({ alarm }) => alarm === 1)).toBe(true)
    expect(learned(sensor.pipeline)).toEqual(before)
    while (sensor.steps('process').at(-1) !== 'rtn_unack>normal') {
      expect(learned(sensor.pipeline)).toEqual(before)
      sensor.run(1)
    }
    sensor.run(500)
    expect(learned(sensor.pipeline)).not.toEqual(before)
  })

  it('does not learn from uncertain readings or those of an instrument whose fault rests', () => {
    const sensor = adapted('both')
    const before = learned(sensor.pipeline)
    for (let i = 0; i < 200; i++) sensor.read(sensor.healthy(), { quality: Quality.uncertain })
    for (let i = 0; i < 20; i++) sensor.read(Number.NaN)
    for (let i = 0; i < 5; i++) sensor.read(sensor.healthy())
    expect(learned(sensor.pipeline)).toEqual(before)
    sensor.run(500)
    expect(learned(sensor.pipeline)).not.toEqual(before)
  })

  it('does not learn in a session that has just begun', () => {
    const sensor = new OneSensor({ adapt: 'both', silentAfterMs: Infinity })
    sensor.run(2_000)
    const before = learned(sensor.pipeline)
    sensor.timeMs += 1_000 * stepMs
    sensor.run(recipe.sessionRows)
    expect(learned(sensor.pipeline)).toEqual(before)
    sensor.run(500)
    expect(learned(sensor.pipeline)).not.toEqual(before)
  })

  it('follows a slow drift without an alarm, and errs less than without', () => {
    const drift = (adapt: Adaptation): OneSensor => {
      const sensor = new OneSensor({ adapt })
      sensor.run(recipe.warmupRows)
      let row = 0
      sensor.run(6_000, (value) => value + row++ * 0.004)
      return sensor
    }
    const error = ({ rows }: OneSensor): number =>
      rows.slice(-2_000).reduce((sum, { residual }) => sum + Math.abs(residual), 0)
    const [none, scale, readout] = [drift('none'), drift('scale'), drift('readout')]
    const f = columns(scale.pipeline)
    const followed = f[C.shift]! * f[C.unit]!
    expect(followed).toBeGreaterThan(12)
    expect(followed).toBeLessThan(24)
    expect(scale.steps('process')).toEqual([])
    expect(error(scale)).toBeLessThan(0.97 * error(none))
    expect(error(readout)).toBeLessThan(0.97 * error(none))
  })

  it('holds the weights of the readout in their boxes, whatever the readings', () => {
    const sensor = new OneSensor({ adapt: 'both' })
    sensor.run(recipe.warmupRows)
    const random = createPrng(5)
    let level = 50
    for (let i = 0; i < 20_000; i++) {
      // Every error repeats the one before, in bursts of either sign.
      level += Math.sin(i / 300) * 0.6 * random.uniform()
      sensor.read(level)
      if (i % 500 !== 0) continue
      const [trend, gain, last] = columns(sensor.pipeline).subarray(C.readout, C.readout + 3)
      expect(Math.abs(trend!)).toBeLessThanOrEqual(recipe.trendMost)
      expect(Math.abs(gain!)).toBeLessThanOrEqual(recipe.weightMost)
      expect(Math.abs(last!)).toBeLessThanOrEqual(recipe.weightMost)
    }
  })
})

/** A model of levels, with a scale of its own whose centre is not that of the sensor. */
function levels(): Model {
  const architecture = parseArchitecture({
    modules: [
      { type: 'GRU', name: 'gru', input_size: 1, hidden_size: 5 },
      { type: 'Linear', name: 'head', in_features: 5, out_features: 4 },
    ],
  })
  const forecast = { horizons: 4, inputClip: 8, target: 'level' as const }
  const { tensors } = initialModel(architecture, { seed: 9, name: 'levels', forecast })
  const scaler = { kind: 'minmax' as const, scales: new Map([['s', { center: 44, scale: 10 }]]) }
  return createModel('levels', architecture, tensors, { forecast, scaler })
}

describe.each([
  ['changes', loadModelFiles('base')],
  ['levels', levels()],
])('a scale that has moved, under a model of %s', (_, model: Model) => {
  const [shift, gain] = [0.7, 1.5]
  let before: Float64Array
  let snapshot: Uint8Array
  const random = createPrng(3)
  const rhythm = (row: number): number => 50 + 4 * Math.sin(row / 15) + 0.3 * random.normal()

  function open(adapt: Adaptation): Pipeline {
    const catalog = new SensorCatalog(1, (id) => ({ ...defaultSpec(id), adapt }))
    catalog.intern('s')
    return createPipeline({ model, catalog, plant: 'p', quarantine: false, learn: { rows: 500 } })
  }

  function read(pipeline: Pipeline, row: number, value: number, quality: number): OutcomeFrame {
    const frame = new Frame(1)
    frame.push(0, row * stepMs, value, quality, row * stepMs)
    const out = new OutcomeFrame(1)
    pipeline.step(frame, out)
    return out
  }

  beforeAll(() => {
    const still = open('none')
    for (let row = 0; row < 700; row++) read(still, row, rhythm(row), Quality.good)
    snapshot = still.snapshot(0)
    before = columns(still)
  })

  it('expects of a moved sensor what it expects of the still one, moved alike', () => {
    const [still, moved] = [open('none'), open('scale')]
    still.restore(0, snapshot)
    const row = snapshot.slice()
    const f = new Float64Array(row.buffer, 0, rowWidth)
    const floor = (recipe.floorShare * (f[C.span]! / f[C.unit]!)) ** 2
    f[C.shift] = shift
    f[C.spread] = gain ** 2 * (f[C.spreadThen]! + floor) - floor
    moved.restore(0, row)
    const move = (value: number): number => {
      const center = before[C.mean]!
      return center + gain * (value - center) + shift * before[C.unit]!
    }
    for (let at = 700; at < 900; at++) {
      const value = rhythm(at)
      // Uncertain readings are scored and not learned from, so that both scales stay as they are.
      const [here, there] = [read(still, at, value, Quality.uncertain), read(moved, at, move(value), Quality.uncertain)]
      if (at > 760) expect(there.expected[0]).toBeCloseTo(move(here.expected[0]!), 2)
    }
  })
})

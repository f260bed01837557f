import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { createPipeline, type LivePipeline, type RecentReadings } from '../../../src/core/live-pipeline.ts'
import type { AlarmTransition } from '../../../src/domain/alarm.ts'
import { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { defaultSpec, SensorCatalog } from '../../../src/domain/sensor.ts'
import { createModel, type Model } from '../../../src/model/model.ts'
import { randomModel } from '../model/random-model.ts'

const base = loadModelFiles('base')
const stepMs = 60_000
const ids = ['a', 'b']
const none = new Map()
const noHistory = (): null => null

/** The base model with other weights: the same shape, other forecasts. */
function tuned(): Model {
  const tensors = new Map(
    [...base.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map((value) => value * 0.9) }]),
  )
  return createModel('tuned', base.architecture, tensors, { forecast: base.forecast, scaler: null })
}

/** A network of another shape. */
function other(): Model {
  const modules = [
    { type: 'GRU', name: 'gru', input_size: 1, hidden_size: 5 },
    { type: 'Linear', name: 'head', in_features: 5, out_features: 1 },
  ]
  const { architecture, tensors } = randomModel(modules, 3, 0.3)
  return createModel('other', architecture, tensors, { forecast: { horizons: 1, inputClip: 8 }, scaler: null })
}

function pipelineOf(model: Model): LivePipeline {
  const catalog = new SensorCatalog(ids.length, defaultSpec)
  for (const id of ids) catalog.intern(id)
  return createPipeline({ model, catalog, plant: 'north', quarantine: false, learn: { rows: 500 } })
}

function readingOf(row: number, slot: number): number {
  return 10 * (slot + 1) + Math.sin(row / 9 + slot) + 0.1 * createPrng(row * 2 + slot + 1).normal()
}

interface Said {
  readonly numbers: number[]
  readonly transitions: AlarmTransition[]
}

/** Feeds rows of both sensors in frames of seven rows; `shift` is added to sensor a. */
function feed(pipeline: LivePipeline, from: number, to: number, shift = 0): Said {
  const said: Said = { numbers: [], transitions: [] }
  for (let first = from; first < to; first += 7) {
    const frame = new Frame(14)
    for (let row = first; row < Math.min(to, first + 7); row++) {
      for (const slot of [0, 1]) {
        frame.push(slot, row * stepMs, readingOf(row, slot) + (slot === 0 ? shift : 0), 0, row * stepMs)
      }
    }
    const out = new OutcomeFrame(14)
    pipeline.step(frame, out)
    for (let row = 0; row < out.count; row++) {
      said.numbers.push(out.expected[row]!, out.lower[row]!, out.score[row]!, out.alarm[row]!, out.quality[row]!)
    }
    said.transitions.push(...out.transitions)
  }
  return said
}

function recentUntil(to: number, rows: number): (slot: number) => RecentReadings {
  return (slot) => {
    const at = Array.from({ length: rows }, (_, i) => to - rows + i)
    return { timeMs: at.map((row) => row * stepMs), value: at.map((row) => readingOf(row, slot)) }
  }
}

describe('a shadow', () => {
  it('changes no bit of what the live model says, and itself says what it would say live', () => {
    const alone = feed(pipelineOf(base), 0, 900)
    const alike = pipelineOf(base)
    alike.setShadow({ model: tuned(), own: none }, noHistory)
    expect(feed(alike, 0, 900)).toEqual(alone)

    const shadowed = pipelineOf(base)
    shadowed.setShadow({ model: other(), own: none }, noHistory)
    expect(feed(shadowed, 0, 900)).toEqual(alone)
    expect(shadowed.adopt({ model: other(), own: none }, noHistory)).toEqual({
      kept: 0,
      continued: 2,
      warmed: 0,
      warming: 0,
    })
    const calm = pipelineOf(other())
    feed(calm, 0, 900)
    expect(feed(shadowed, 900, 1_000)).toEqual(feed(calm, 900, 1_000))
    expect(shadowed.shadowModel).toBeNull()
  })

  it('is compared with the live model on readings that both scored', () => {
    const pipeline = pipelineOf(base)
    pipeline.setShadow({ model: other(), own: none }, noHistory)
    const [live, shadow] = [pipelineOf(base), pipelineOf(other())]
    let rows = 0
    const errors = [0, 0]
    const step = (one: LivePipeline, row: number): OutcomeFrame => {
      const frame = new Frame(1)
      frame.push(0, row * stepMs, readingOf(row, 0), 0, row * stepMs)
      const out = new OutcomeFrame(1)
      one.step(frame, out)
      return out
    }
    for (let row = 0; row < 800; row++) {
      step(pipeline, row)
      const [a, b] = [step(live, row), step(shadow, row)]
      if (Number.isNaN(a.residual[0]!) || Number.isNaN(b.residual[0]!)) continue
      rows++
      errors[0]! += Math.abs(a.residual[0]!)
      errors[1]! += Math.abs(b.residual[0]!)
    }
    const found = pipeline.comparison(0)!
    expect(rows).toBeGreaterThan(250)
    expect(found.rows).toBe(rows)
    expect(found.liveError).toBeCloseTo(errors[0]! / rows, 12)
    expect(found.shadowError).toBeCloseTo(errors[1]! / rows, 12)
    expect(found.liveError).not.toBe(found.shadowError)
    expect(pipeline.comparison(1)).toBeNull()
  })

  it('goes on after a restart with its state and its comparison; another shadow begins anew', () => {
    const make = (): LivePipeline => {
      const pipeline = pipelineOf(base)
      pipeline.setShadow({ model: other(), own: none }, noHistory)
      return pipeline
    }
    const calm = make()
    feed(calm, 0, 800)
    const resumed = make()
    const stranger = pipelineOf(base)
    stranger.setShadow({ model: tuned(), own: none }, noHistory)
    const without = pipelineOf(base)
    for (const slot of [0, 1]) {
      for (const pipeline of [resumed, stranger, without]) pipeline.restore(slot, calm.snapshot(slot))
    }
    const said = feed(calm, 800, 900)
    for (const pipeline of [resumed, stranger, without]) expect(feed(pipeline, 800, 900)).toEqual(said)
    for (const slot of [0, 1]) expect(resumed.snapshot(slot)).toEqual(calm.snapshot(slot))
    expect(resumed.comparison(0)).toEqual(calm.comparison(0))
    expect(stranger.comparison(0)).toBeNull()
  })

  it('begins with the state of the live model where the networks have one shape', () => {
    const pipeline = pipelineOf(base)
    feed(pipeline, 0, 700)
    pipeline.setShadow({ model: tuned(), own: none }, noHistory)
    feed(pipeline, 700, 707)
    expect(pipeline.comparison(0)!.rows).toBe(7)
  })
})

describe('another model', () => {
  it('of the same shape goes on with every number of the state', () => {
    const pipeline = pipelineOf(base)
    feed(pipeline, 0, 700)
    const before = [0, 1].map((slot) => pipeline.snapshot(slot))
    pipeline.clearDirty()
    expect(pipeline.adopt({ model: tuned(), own: none }, noHistory).kept).toBe(2)
    expect([0, 1].map((slot) => pipeline.snapshot(slot))).toEqual(before)
    expect(pipeline.dirtySlots()).toEqual([0, 1])
    expect(pipeline.meta.model).toMatch(/^tuned-/)
    expect(feed(pipeline, 700, 710).numbers).not.toEqual(feed(pipelineOf(base), 700, 710).numbers)
  })

  it('of another shape is warmed up from recent history, and without history says that it warms up', () => {
    const pipeline = pipelineOf(base)
    feed(pipeline, 0, 900)
    const only = recentUntil(900, 600)
    const adoption = pipeline.adopt({ model: other(), own: none }, (slot) => (slot === 0 ? only(0) : null))
    expect(adoption).toEqual({ kept: 0, continued: 0, warmed: 1, warming: 1 })
    expect([0, 1].map((slot) => pipeline.sensorState(slot))).toEqual(['normal', 'warmup'])
    const fresh = pipelineOf(other())
    feed(fresh, 300, 900)
    const [a, b] = [feed(pipeline, 900, 960), feed(fresh, 900, 960)]
    const ofFirst = ({ numbers }: Said): number[] => numbers.filter((_, at) => at % 10 < 5)
    expect(ofFirst(a)).toEqual(ofFirst(b))
  })

  it('neither ends an alarm nor raises it again, and a reading that comes twice is still known', () => {
    const pipeline = pipelineOf(base)
    feed(pipeline, 0, 700)
    const raised = feed(pipeline, 700, 720, 40).transitions
    expect(raised.map(({ alarm: { sensor, state } }) => [sensor, state])).toEqual([['a', 'unack']])
    pipeline.adopt({ model: other(), own: none }, recentUntil(700, 650))
    expect(pipeline.sensorState(0)).toBe('anomaly')
    expect(feed(pipeline, 719, 720, 40).numbers[4]).toBe(10)
    const later = feed(pipeline, 720, 1_200).transitions.map(({ alarm }) => alarm)
    const [first] = later.filter(({ sensor }) => sensor === 'a')
    expect([first!.id, first!.state]).toEqual([raised[0]!.alarm.id, 'rtn_unack'])
  })

  it('that does not forecast is refused, and the one before goes on', () => {
    const pipeline = pipelineOf(base)
    feed(pipeline, 0, 700)
    const deaf = createModel('deaf', base.architecture, base.tensors, { forecast: null, scaler: null })
    expect(() => pipeline.adopt({ model: deaf, own: none }, noHistory)).toThrow(/deaf/)
    expect(() => pipeline.setShadow({ model: deaf, own: none }, noHistory)).toThrow(/deaf/)
    const calm = pipelineOf(base)
    feed(calm, 0, 700)
    expect(feed(pipeline, 700, 750)).toEqual(feed(calm, 700, 750))
  })
})

import { describe, expect, it } from 'vitest'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { traceTicks } from '../../../src/core/arena.ts'
import type { ExplainReading, ReadingToExplain } from '../../../src/core/explain.ts'
import { createPipeline, type LivePipeline } from '../../../src/core/live-pipeline.ts'
import { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { defaultSpec, SensorCatalog } from '../../../src/domain/sensor.ts'
import { parseArchitecture } from '../../../src/model/architecture.ts'
import type { Model } from '../../../src/model/model.ts'
import { initialModel } from '../../../src/train/fit/initial-weights.ts'

const base = loadModelFiles('base')
/** A model with its time of day. */
const timed = initialModel(
  parseArchitecture({
    modules: [
      { type: 'GRU', name: 'gru', input_size: 3, hidden_size: 4 },
      { type: 'Linear', name: 'head', in_features: 4, out_features: 2 },
    ],
  }),
  { seed: 3, name: 'timed', forecast: { horizons: 2, inputClip: 2, calendar: ['day'] } },
)

function pipelineOf(model: Model, explain: ExplainReading): LivePipeline {
  const catalog = new SensorCatalog(1, defaultSpec)
  catalog.intern('pump', {})
  return createPipeline({ model, catalog, plant: 'north', quarantine: false, explain })
}

function feed(pipeline: LivePipeline, from: number, values: readonly number[], frameRows = 7): OutcomeFrame[] {
  const frames: OutcomeFrame[] = []
  for (let first = 0; first < values.length; first += frameRows) {
    const rows = values.slice(first, first + frameRows)
    const frame = new Frame(rows.length)
    for (const [row, value] of rows.entries()) {
      const timeMs = (from + first + row) * 60_000
      frame.push(0, timeMs, value, 0, timeMs)
    }
    const out = new OutcomeFrame(rows.length)
    pipeline.step(frame, out)
    frames.push(out)
  }
  return frames
}

const calm = Array.from({ length: 700 }, (_, row) => 10 + Math.sin(row / 9) + 0.01 * ((row * 37) % 11))
const fault = Array.from({ length: 60 }, (_, row) => 10 + Math.sin((700 + row) / 9) + 3)

const because =
  (asked: ReadingToExplain[], cause = 'although it had fallen'): ExplainReading =>
  (reading) => {
    asked.push({ ...reading, window: reading.window.slice() })
    const { observed, expected } = reading
    const whole = { residual: observed - expected, rest: 0, against: 'last' as const, byChannel: [], byTick: [] }
    return { ...whole, sentence: 'pump is above', cause }
  }

describe('an alarm that is raised', () => {
  it('asks why with what the network saw before the reading, and says it', () => {
    const asked: ReadingToExplain[] = []
    const pipeline = pipelineOf(base, because(asked))
    feed(pipeline, 0, calm)
    const raised = feed(pipeline, 700, fault).flatMap(({ transitions }) => transitions)[0]!
    expect(raised.alarm.message).toMatch(/^pump 1\d\.\d+, expected .*\): .+ although it had fallen$/)
    expect(asked).toHaveLength(1)
    const { window, center, unit, observed, expected, model } = asked[0]!
    expect(model).toBe(base)
    expect(observed).toBe(raised.alarm.value)
    expect(expected).toBe(raised.alarm.expected)
    const row = Math.round(raised.alarm.eventTime / 60_000)
    const before = [...calm, ...fault].slice(row - traceTicks, row)
    const clip = base.forecast!.inputClip
    const seen = before.map((value) => Math.max(-clip, Math.min(clip, (value - center) / unit)))
    expect([...window]).toEqual([...Float32Array.from(seen)])
  })

  it('says nothing more where no cause stands out', () => {
    const pipeline = pipelineOf(base, because([], ''))
    feed(pipeline, 0, calm)
    const raised = feed(pipeline, 700, fault).flatMap(({ transitions }) => transitions)[0]!
    expect(raised.alarm.message).toMatch(/: [a-z ]+\d* ?[a-z]*$/)
  })

  it('has the same window whatever the frames are, and after a restart', () => {
    const windows = [3, 60].map((frameRows) => {
      const asked: ReadingToExplain[] = []
      const first = pipelineOf(timed, because(asked))
      feed(first, 0, calm)
      const second = pipelineOf(timed, because(asked))
      second.restore(0, first.snapshot(0))
      feed(second, 700, fault, frameRows)
      expect(asked).toHaveLength(1)
      return asked[0]!.window
    })
    expect(windows[0]).toEqual(windows[1])
    expect(windows[0]).toHaveLength(3 * traceTicks)
    expect(windows[0]!.every((value) => Math.abs(value) <= 2)).toBe(true)
  })
})

describe('a reading that is asked about', () => {
  it('is explained from given readings as the network would have seen them, with gaps at the front', () => {
    const asked: ReadingToExplain[] = []
    const pipeline = pipelineOf(timed, because(asked))
    expect(pipeline.explain(0, { timeMs: [0], value: [10] }, 11, 10)).toBeNull()
    feed(pipeline, 0, calm)
    const rows = [690, 691, 692]
    const before = { timeMs: rows.map((row) => row * 60_000), value: rows.map((row) => calm[row]!) }
    expect(pipeline.explain(0, before, 11, 10)!.cause).toBe('although it had fallen')
    const { window, center, unit } = asked[0]!
    expect([...window.slice(0, (traceTicks - 3) * 3)].every(Number.isNaN)).toBe(true)
    expect(window[(traceTicks - 1) * 3]).toBe(Math.fround((calm[692]! - center) / unit))
    const angle = (2 * Math.PI * 692) / 1_440
    expect(window[(traceTicks - 1) * 3 + 1]).toBeCloseTo(Math.sin(angle), 6)
  })
})

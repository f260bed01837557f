import { describe, expect, test } from 'vitest'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { createPipeline as createCore } from '../../../src/core/live-pipeline.ts'
import { readable } from '../../../src/core/message.ts'
import { Waves } from '../../../src/core/waves.ts'
import { Frame } from '../../../src/domain/frame.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { SensorCatalog } from '../../../src/domain/sensor.ts'
import { createPipeline } from '../../../src/index.ts'
import { OneSensor, startMs, stepMs } from './one-sensor.ts'

test('waves hold the k-th reading of each sensor, in the frame’s order', () => {
  const frame = new Frame(8)
  for (const slot of [2, 0, 2, 2, 1, 0]) frame.push(slot, 0, 0, 0, 0)
  const waves = new Waves(3)
  for (let again = 0; again < 2; again++) {
    waves.arrange(frame, null)
    expect(waves.count).toBe(3)
    expect([...waves.rows.subarray(0, 6)]).toEqual([0, 1, 4, 2, 5, 3])
    expect([...waves.starts.subarray(0, 4)]).toEqual([0, 3, 5, 6])
  }
})

describe('the rows that `scores: changes` selects', () => {
  test('are the first of each state or quality, all with a score from 0.3 on, and the last of every minute', () => {
    const sensor = new OneSensor()
    sensor.run(600)
    const times = sensor.changes.map((row) => row.timeMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBe(startMs)
    const perMinute = 60_000 / stepMs
    const lastOfMinutes = sensor.rows.filter((_, row) => row % perMinute === perMinute - 1).map((row) => row.timeMs)
    for (const time of lastOfMinutes.slice(0, -1)) expect(times).toContain(time)
    const firstScored = sensor.rows.find((row) => row.quality === 'good')!
    expect(times).toContain(firstScored.timeMs)
    expect(sensor.changes.length).toBeLessThan(120)
    const anomaly = sensor.read(80)
    expect(sensor.changes.at(-1)).toEqual(anomaly)
  })
})

test('duplicate, late and clock rows are never selected and do not disturb the minutes', () => {
  const sensor = new OneSensor({}, { quarantine: true })
  sensor.run(600)
  const before = sensor.changes.length
  sensor.read(50, { timeMs: sensor.timeMs + 86_400_000, arrivalMs: sensor.timeMs })
  sensor.read(50, { timeMs: sensor.timeMs })
  sensor.read(50, { timeMs: sensor.timeMs - 5 })
  sensor.run(60)
  const added = sensor.changes.slice(before)
  expect(added.every((row) => row.quality === 'good' && row.timeMs <= sensor.timeMs)).toBe(true)
  expect(added.length).toBeGreaterThanOrEqual(9)
})

describe('the arena', () => {
  test('knows its size, marks what changed, and forgets a freed slot', () => {
    const sensor = new OneSensor()
    const fresh = sensor.pipeline.snapshot(0)
    expect(sensor.pipeline.bytesPerSensor).toBe(fresh.length)
    expect(sensor.pipeline.bytesPerSensor).toBeLessThan(4096)
    expect(sensor.pipeline.last(0)).toBeNull()
    sensor.run(3)
    const restored = new OneSensor()
    restored.pipeline.restore(0, sensor.pipeline.snapshot(0))
    const { value } = sensor.rows.at(-1)!
    expect(restored.pipeline.last(0)).toEqual({ timeMs: sensor.timeMs, value, score: 0, alarm: 0 })
    expect(sensor.pipeline.dirtySlots()).toEqual([0])
    sensor.pipeline.clearDirty()
    expect(sensor.pipeline.dirtySlots()).toEqual([])
    sensor.pipeline.clear(0)
    expect(sensor.pipeline.snapshot(0)).toEqual(fresh)
    expect(() => sensor.pipeline.restore(0, new Uint8Array(5))).toThrow(/a snapshot has \d+ bytes, not 5/)
  })
})

describe('the library’s pipeline', () => {
  test('loads the base model and interns the sensors in their order', () => {
    const pipeline = createPipeline({ sensors: ['a', { id: 'b', unit: 'bar' }] })
    expect([pipeline.catalog.find('b'), pipeline.catalog.spec(1).unit]).toEqual([1, 'bar'])
    const frame = new Frame(1)
    frame.push(1, startMs, 4, 0, startMs)
    const out = new OutcomeFrame(1)
    pipeline.step(frame, out)
    expect([out.count, pipeline.changes.count]).toEqual([1, 1])
    expect(pipeline.meta.model).toMatch(/^base-[0-9a-f]{16}$/)
  })

  test('runs on the kernel that is named, and another goes on from its snapshots with scores that agree within rounding', () => {
    const pipelines = [createPipeline({ sensors: ['a'], kernel: 'reference' }), createPipeline({ sensors: ['a'] })]
    const [reference, wasm] = pipelines as [(typeof pipelines)[0], (typeof pipelines)[0]]
    expect(pipelines.map(({ meta }) => meta.kernel)).toEqual(['reference-1', 'wasm-1'])
    const out = new OutcomeFrame(1)
    /** What the model expected of a reading, and the reading's score. */
    const judge = (pipeline: typeof reference, row: number): readonly [number, number] => {
      const frame = new Frame(1)
      frame.push(0, startMs + row * stepMs, (row % 17) + (row % 5) + (row > 780 ? 9 : 0), 0, startMs + row * stepMs)
      out.clear()
      pipeline.step(frame, out)
      return [out.expected[0]!, out.score[0]!]
    }
    for (let row = 0; row < 700; row++) judge(reference, row)
    expect([wasm.misfit('reference-1'), reference.misfit('wasm-1')]).toEqual([null, null])
    wasm.restore(0, reference.snapshot(0))
    let largest = 0
    for (let row = 700; row < 800; row++) {
      const [expected, score] = judge(reference, row)
      const [ownExpected, ownScore] = judge(wasm, row)
      expect(ownExpected).toBeCloseTo(expected, 4)
      expect(ownScore).toBeCloseTo(score, 4)
      largest = Math.max(largest, score)
    }
    expect(largest).toBeGreaterThan(0.5)
  })

  test('refuses a model that does not forecast', () => {
    const base = loadModelFiles('base')
    const catalog = new SensorCatalog(1)
    expect(() => createCore({ model: { ...base, forecast: null }, catalog, plant: 'p', quarantine: false })).toThrow(
      /does not forecast/,
    )
  })
})

test('numbers in messages are short and without exponents where that can be', () => {
  expect([102.4123, 95, 0.01234, 123456.7, 1e9, 1e-7, 0, -4.56789].map(readable)).toEqual([
    '102.4',
    '95',
    '0.01234',
    '123457',
    '1.00e+9',
    '1.00e-7',
    '0',
    '-4.568',
  ])
})

import { describe, expect, test } from 'vitest'
import { makeLesson, taughtModel } from '../../../src/train/lesson.ts'
import { parsePlan } from '../../../src/train/plan.ts'
import { historyOf, waves } from './data/series.ts'

const plan = (data: object = {}, fit: object = {}) => parsePlan({ data: { window: 16, horizons: 2, ...data }, fit })
const card = { summary: '', data: '', seed: 1, epochs: 1, losses: {}, settings: {}, command: '' }

describe('makeLesson()', () => {
  test('makes a network for the data, and windows of the training and the validation part', () => {
    const lesson = makeLesson([historyOf([waves(400), waves(400, 1)])], plan({ calendar: ['day'] }), null)
    expect(lesson.train).toMatchObject({ ticks: 16, inputs: 4, targets: 4, every: true })
    expect(lesson.train.place(lesson.train.count - 1).from + 16).toBeLessThan(lesson.prepared[0]!.split.train.to)
    expect(lesson.validation!.place(0).from).toBe(lesson.prepared[0]!.split.validation.from - 16)
    expect(makeLesson([historyOf([waves(400)])], plan({ validation: 0 }), null).validation).toBeNull()
  })

  test('says what is missing when a part gives no window', () => {
    const late = historyOf([waves(100)])
    late.gapBefore.fill(1, 70, 85)
    expect(() => makeLesson([late], plan({ window: 64 }), null)).toThrow(
      /pump: its validation part has no row with 64 rows before it without a gap/,
    )
    const broken = historyOf([waves(100)], { gapBefore: new Uint8Array(100).fill(1) })
    expect(() => makeLesson([broken], plan(), null)).toThrow(/pump: its train part/)
  })

  test('a network that ends with other widths than what is predicted is refused before it learns', () => {
    const modules = [{ type: 'GRU', hidden_size: 6 }, { type: 'Linear', out_features: 5 }, { type: 'Tanh' }]
    const asked = parsePlan({ model: { modules }, data: { window: 16, horizons: 2 } })
    expect(() => makeLesson([historyOf([waves(400)])], asked, null)).toThrow(
      /model\.modules\.2.*it gives 5 values, what is predicted are 2: end with a Linear/s,
    )
  })

  test('a model that goes on to learn keeps what it says of its data; one that does not fit is refused', () => {
    const histories = [historyOf([waves(400)])]
    const first = makeLesson(histories, plan({ target: 'level', calendar: ['hour'], inputClip: 5 }), null)
    const model = taughtModel(first, 'first', new Map(), card)
    const more = makeLesson(histories, plan({ horizons: 7 }), model)
    expect(more.plan.data).toMatchObject({ horizons: 2, target: 'level', calendar: ['hour'], inputClip: 5 })
    expect(more.prepared[0]!.scales).toEqual(first.prepared[0]!.scales)
    const wider = [historyOf([waves(400), waves(400, 1)])]
    expect(() => makeLesson(wider, plan(), model)).toThrow(/first has 3 inputs and 2 outputs; the data make it 4 and 4/)
  })
})

describe('taughtModel()', () => {
  test('carries all that is needed to run it elsewhere, for a sensor as for an asset', () => {
    const one = taughtModel(makeLesson([historyOf([waves(400)])], plan(), null), 'one', new Map(), card)
    expect(one.forecast).toEqual({ horizons: 2, inputClip: 8 })
    expect(one.periodMs).toBe(60_000)
    const asset = historyOf([waves(400), waves(400, 1), waves(400, 2)], { channels: ['a', 'b'], context: ['load'] })
    const joint = taughtModel(makeLesson([asset], plan({ scaler: 'minmax' }), null), 'joint', new Map(), card)
    expect(joint.forecast).toEqual({ horizons: 2, inputClip: 8, channels: ['a', 'b'], context: ['load'] })
    expect(joint.scaler!.kind).toBe('minmax')
    expect([...joint.scaler!.scales.keys()]).toEqual(['a', 'b', 'load'])
  })
})

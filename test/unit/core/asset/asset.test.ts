import { describe, expect, test } from 'vitest'
import { limits } from '../../../../src/base/limits.ts'
import { machine, Plant, type Reading, readingsOf, startMs, stepMs } from './plant.ts'

const fault = 900
/** From row 900 on the pressure no longer follows the flow. */
const broken = machine(8, (values, row) => {
  if (row >= fault) values['pressure'] = 6 - values['pressure']!
})
const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length

describe('an asset that is scored as one', () => {
  const plant = new Plant()
  plant.read(readingsOf(broken, 0, 1_200))
  plant.finish()

  test('has a row for each tick: learning with score 0, then scored', () => {
    expect(plant.ticks).toHaveLength(1_200)
    expect(plant.ticks.slice(0, 400).every(({ quality, score }) => quality === 'learning' && score === 0)).toBe(true)
    expect(plant.scored()).toHaveLength(800)
    expect(plant.pipeline.progress(0)).toBeNull()
    expect(plant.pipeline.last(0)!.timeMs).toBe(startMs + 1_199 * stepMs)
  })

  test('raises one alarm when channels no longer belong together, though each is within its range, and no false one', () => {
    expect(share(plant.scored(fault + 20).map(({ alarm }) => alarm === 1))).toBeGreaterThan(0.95)
    expect(
      share(
        plant
          .scored()
          .slice(0, 500)
          .map(({ score }) => score > 0.5),
      ),
    ).toBeLessThan(0.01)
    expect(new Set(plant.transitions.map(({ alarm }) => alarm.id)).size).toBe(1)
    expect(plant.pipeline.sensorState(0)).toBe('anomaly')
  })

  test('says in the alarm and in each row which channel carries it', () => {
    const { alarm } = plant.transitions[0]!
    expect(alarm).toMatchObject({ sensor: 'pump', asset: 'pump', class: 'process', state: 'unack', priority: 'medium' })
    expect(alarm.eventTime).toBeLessThanOrEqual(startMs + (fault + 10) * stepMs)
    expect(alarm.message).toMatch(
      /^pump: its channels are together unlike what was learned, [\d.]+ times the limit; pressure [\d.]+, expected [\d.]+ \(\d+ %\)/,
    )
    const late = plant.scored(fault + 50)
    expect(share(late.map(({ top }) => top[0]!.channel === 'pressure'))).toBeGreaterThan(0.9)
    for (const { top } of late) expect(top.reduce((sum, one) => sum + one.share, 0)).toBeLessThan(1.5)
  })

  test('explains its newest tick by its channels, and no other', () => {
    const newest = plant.ticks.at(-1)!
    const none = { timeMs: [], value: [] }
    const why = plant.pipeline.explain(0, none, newest.ratio, 0)!
    expect(why.byChannel[0]!.channel).toBe('pressure')
    expect(why.byChannel.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(why.residual, 9)
    expect(plant.pipeline.explain(0, none, newest.ratio + 1, 0)).toBeNull()
  })

  test('gives `changes` those ticks that say something, and one of each minute', () => {
    const minutes = new Set(plant.ticks.map(({ timeMs }) => Math.floor(timeMs / 60_000)))
    expect(plant.changes.length).toBeLessThan(plant.ticks.length)
    expect(new Set(plant.changes.map(({ timeMs }) => Math.floor(timeMs / 60_000))).size).toBeGreaterThan(
      minutes.size - 2,
    )
  })
})

test('its channels raise no process alarm, a sensor beside it does', () => {
  const plant = new Plant({}, { learn: { rows: 400 } })
  const jump = machine(2, (values, row) => {
    values['alone'] = values['flow']! + (row >= 800 ? 60 : 0)
    if (row >= 800) values['flow'] = values['flow']! + 60
  })
  plant.read(readingsOf(jump, 0, 900))
  expect(new Set(plant.alarms)).toEqual(new Set(['pump unack', 'alone unack']))
})

describe('a channel that is missing', () => {
  const holed = (channels: readonly string[], seed: number) =>
    machine(seed, (values, row) => {
      if (row >= fault) values['pressure'] = 6 - values['pressure']!
      if (row >= 600) for (const channel of channels) values[channel] = Number.NaN
    })

  test('is left out: the others are scored without false alarms, and what they show is found', () => {
    const plant = new Plant()
    plant.read(readingsOf(holed(['temperature'], 3), 0, 1_200))
    expect(plant.scored()).toHaveLength(800)
    expect(
      share(
        plant
          .scored()
          .slice(0, 450)
          .map(({ score }) => score > 0.5),
      ),
    ).toBeLessThan(0.01)
    expect(share(plant.scored(fault + 20).map(({ alarm }) => alarm === 1))).toBeGreaterThan(0.95)
  })

  test('is one too many where more than half are: the tick is not scored, and says so', () => {
    const plant = new Plant()
    plant.read(readingsOf(holed(['temperature', 'flow', 'pressure'], 4), 0, 700))
    const { quality, score } = plant.ticks.at(-1)!
    expect(quality).toBe('bad')
    expect(score).toBe(plant.scored().at(-1)!.score)
  })

  test('that is there again is compared again', () => {
    const back = machine(5, (values, row) => {
      if (row >= 600 && row < 700) values['flow'] = Number.NaN
    })
    const plant = new Plant()
    plant.read(readingsOf(back, 0, 1_000))
    expect(plant.alarms.filter((alarm) => alarm.startsWith('pump'))).toEqual([])
  })
})

describe('a slow drift', () => {
  /** The pressure rises by a thousandth of itself in each tick, from row 1,000 on. */
  const drifting = () =>
    machine(6, (values, row) => {
      if (row >= 1_000) values['pressure'] = values['pressure']! + 0.0004 * (row - 1_000)
    })

  test('is followed where that is asked for, and told of by an alarm of its own that following cannot hide', () => {
    const follows = new Plant({ tracks: true }, { learn: { rows: 1_000 } })
    const stays = new Plant({ tracks: false }, { learn: { rows: 1_000 } })
    for (const plant of [follows, stays]) plant.read(readingsOf(drifting(), 0, 2_500))
    const alarmed = (plant: Plant) => share(plant.scored(1_500).map(({ score }) => score > 0.5))
    expect(alarmed(follows)).toBeLessThan(0.05)
    expect(alarmed(stays)).toBeGreaterThan(0.5)
    const raised = follows.transitions.find(({ alarm }) => alarm.sensor === 'pump/drift')!
    expect(raised.alarm).toMatchObject({ asset: 'pump', class: 'process', state: 'unack', priority: 'low' })
    expect(raised.alarm.message).toMatch(
      /^pump: drifts slowly from what was learned, [\d.]+ times the limit; pressure \+0\.\d+ \(\d+ %\).*; what counts as normal has followed it$/,
    )
  })

  test('is not seen where there is none', () => {
    const plant = new Plant({ tracks: true }, { learn: { rows: 1_000 } })
    plant.read(readingsOf(machine(7), 0, 6_000))
    expect(plant.alarms.filter((alarm) => alarm.startsWith('pump/drift'))).toEqual([])
  })
})

describe('channels that report at their own times', () => {
  /** Each channel a little later than the one before, the temperature every third time only. */
  const scattered = (from: number, to: number): Reading[] =>
    readingsOf(broken, from, to)
      .map((reading, at) => ({ ...reading, timeMs: reading.timeMs + 1_700 * (at % 4) }))
      .filter(({ sensor }, at) => sensor !== 'temperature' || Math.floor(at / 4) % 3 === 0)

  test('are put on a grid of the slowest one’s rhythm', () => {
    const plant = new Plant({}, { learn: { rows: 200 } })
    plant.read(scattered(0, 1_200))
    const gridded = plant.scored()
    expect(gridded.length).toBeGreaterThan(100)
    expect(gridded.every(({ timeMs }) => timeMs % (3 * stepMs) === 0)).toBe(true)
    expect(share(plant.scored(fault + 20).map(({ alarm }) => alarm === 1))).toBeGreaterThan(0.9)
  })

  test('are put on the grid that is asked for', () => {
    const plant = new Plant({ periodMs: 20_000 }, { learn: { rows: 300 } })
    plant.read(scattered(0, 1_200))
    expect(plant.ticks.every(({ timeMs }) => timeMs % 20_000 === 0)).toBe(true)
    expect(plant.ticks[1]!.quality).toBe('learning')
    expect(share(plant.scored(fault + 20).map(({ alarm }) => alarm === 1))).toBeGreaterThan(0.9)
  })
})

describe('how long an asset learns', () => {
  test('is up to a time where that is said, with 200 ticks at least', () => {
    const plant = new Plant({}, { learn: { untilMs: startMs + 300 * stepMs } })
    plant.read(readingsOf(broken, 0, 350))
    plant.finish()
    expect(plant.ticks.map(({ quality }) => quality).lastIndexOf('learning')).toBe(299)
    expect(plant.scored()).toHaveLength(50)
    const short = new Plant({}, { learn: { untilMs: startMs + 50 * stepMs } })
    short.read(readingsOf(broken, 0, 250))
    short.finish()
    expect(short.ticks.map(({ quality }) => quality).lastIndexOf('warmup')).toBe(199)
  })

  test('is the asset’s own warm-up where nothing is said, and shown', () => {
    const plant = new Plant({ warmupTicks: 250 }, {})
    plant.read(readingsOf(broken, 0, 100))
    expect(plant.pipeline.progress(0)).toEqual({ seen: 99, needed: 250 })
    expect(plant.pipeline.sensorState(0)).toBe('warmup')
    plant.read(readingsOf(broken, 100, 260))
    expect(plant.ticks.filter(({ quality }) => quality === 'warmup')).toHaveLength(250)
  })

  test('ends when it should although not every tick could be kept', () => {
    const wide = (row: number) =>
      Object.fromEntries(
        Array.from({ length: 256 }, (_, channel) => [`c${channel}`, ((row * 31 + channel * 17) % 97) / 97]),
      )
    const rows = Math.ceil(limits.assetLearnCells / 256) + 20
    const plant = new Plant({}, { learn: { rows } })
    plant.read(readingsOf(wide, 0, 300))
    expect(plant.pipeline.progress(0)).toEqual({ seen: 299, needed: rows })
  })
})

test('after a gap two ticks are not judged, then the averages begin anew', () => {
  const plant = new Plant()
  plant.read(readingsOf(broken, 0, 600))
  const later = readingsOf(broken, 600, 700).map((reading) => ({ ...reading, timeMs: reading.timeMs + 3_600_000 }))
  plant.read(later)
  plant.finish()
  const after = plant.ticks.filter(({ timeMs }) => timeMs >= later[0]!.timeMs)
  expect(after.slice(0, 3).map(({ quality, score }) => [quality, score > 0])).toEqual([
    ['warmup', false],
    ['warmup', false],
    ['good', true],
  ])
})

test('more channels than the limit are scored alone', () => {
  const many = (row: number) =>
    Object.fromEntries(
      Array.from({ length: 258 }, (_, channel) => [`c${channel}`, ((row * 31 + channel * 17) % 97) / 97]),
    )
  const plant = new Plant()
  plant.read(readingsOf(many, 0, 3))
  expect(plant.ticks).toHaveLength(2)
  expect(plant.pipeline.snapshot(0).length).toBeLessThan(40_000)
})

test('an asset that is cleared learns anew', () => {
  const plant = new Plant()
  plant.read(readingsOf(broken, 0, 500))
  expect(plant.pipeline.sensorState(0)).toBe('normal')
  plant.pipeline.clear(0)
  expect(plant.pipeline.progress(0)).toEqual({ seen: 0, needed: 400 })
  plant.read(readingsOf(broken, 500, 901))
  expect(plant.pipeline.progress(0)).toBeNull()
})

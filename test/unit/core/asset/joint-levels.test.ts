import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { learnJoint } from '../../../../src/core/asset/joint-fit.ts'
import { JointLevels } from '../../../../src/core/asset/joint-levels.ts'
import { columnsOf, modelOf } from '../../../../src/core/asset/joint-model.ts'
import { JointScorer } from '../../../../src/core/asset/joint-scorer.ts'
import { JointStatistics } from '../../../../src/core/asset/joint-statistics.ts'

const learnedTicks = 400
const channels = 3

/** Two channels that stand and one that warms, from −2 to 2 while it is learned and so on; `change` alters a tick. */
function warming(ticks: number, change: (tick: number, values: Float64Array) => void = () => {}): Float64Array {
  const random = createPrng(4)
  const rows = new Float64Array(ticks * channels)
  for (let tick = 0; tick < ticks; tick++) {
    const load = random.normal()
    const values = rows.subarray(tick * channels, (tick + 1) * channels)
    values.set([10 + load, 5 - load + 0.2 * random.normal(), 40 + tick / 100 + 0.1 * random.normal()])
    change(tick, values)
  }
  return rows
}

function learned(rows: Float64Array) {
  return learnJoint({ channels, values: rows.slice(0, learnedTicks * channels), breaks: new Uint8Array(learnedTicks) })
}

/** The scorer after each tick behind the learned ones. */
function scored(rows: Float64Array, each: (scorer: JointScorer, tick: number) => void): void {
  const scorer = new JointScorer(learned(rows), 1.1, false)
  for (let tick = learnedTicks - 2; tick < rows.length / channels; tick++) {
    const values = rows.subarray(tick * channels, (tick + 1) * channels)
    if (tick < learnedTicks) scorer.remember(values)
    else {
      scorer.step(values)
      each(scorer, tick)
    }
  }
}

describe('a channel that warmed while it was learned', () => {
  test('is told by its distance from its level, one that stood is not', () => {
    const { gain, levelLimit } = learned(warming(learnedTicks))
    expect([...gain].map((one) => one > 0)).toEqual([false, false, true])
    expect([...levelLimit].map(Number.isFinite)).toEqual([false, false, true])
  })

  test('may warm on without an alarm, and then the drift alarm tells of it and names it', () => {
    let [alarms, drift] = [0, 0]
    const shares = new Float64Array(channels)
    scored(warming(2_000), (scorer) => {
      if (scorer.ratio > 1) alarms++
      if (drift <= 1 && scorer.drift > 1) {
        scorer.driftShares(shares)
        expect(shares[2]).toBeGreaterThan(0.99)
        expect(scorer.shiftOf(2)).toBeGreaterThan(2)
      }
      drift = Math.max(drift, scorer.drift)
    })
    expect(alarms).toBeLessThan(16)
    expect(drift).toBeGreaterThan(1)
  })

  test('is in alarm when it jumps, expected where its level was', () => {
    const jumps = warming(700, (tick, values) => {
      if (tick >= 600) values[2] = values[2]! + 3
    })
    let found = Number.NaN
    scored(jumps, (scorer, tick) => {
      if (tick >= 600 && Number.isNaN(found) && scorer.ratio > 1) {
        found = tick
        expect(Math.abs(scorer.expectedOf(2) - (40 + tick / 100))).toBeLessThan(2)
      }
    })
    expect(found).toBeLessThanOrEqual(605)
  })

  test('is anywhere after a gap: no alarm comes of that', () => {
    const rows = warming(700, (tick, values) => {
      if (tick >= 600) values[2] = values[2]! - 4
    })
    let alarms = 0
    const scorer = new JointScorer(learned(rows), 1.1, false)
    for (let tick = learnedTicks; tick < 700; tick++) {
      if (tick === 600) scorer.restart()
      scorer.step(rows.subarray(tick * channels, (tick + 1) * channels))
      if (tick >= 600 && scorer.ratio > 1) alarms++
    }
    expect(alarms).toBe(0)
  })
})

test('a model is the same after its columns, levels and all', () => {
  const model = learned(warming(learnedTicks))
  expect(modelOf(columnsOf(model))).toEqual(model)
})

test('levels follow what is there and stay where nothing is', () => {
  const levels = new JointLevels(Float64Array.of(0, 2))
  const after = [
    [1, 4],
    [1, 5],
    [Number.NaN, Number.NaN],
    [1, 5],
  ].map((values) => {
    const z = Float64Array.from(values)
    levels.take(z)
    return [...z]
  })
  expect(after).toEqual([
    [1, 0],
    [1, 2],
    [Number.NaN, Number.NaN],
    [1, 1.8000000000000007],
  ])
  expect(levels.scaled(1, 0)).toBeCloseTo(4.1, 12)
})

describe('the smoothed distance of an anomaly that is over', () => {
  /** Distance 1 but for 100 ticks of `size`; answers how long it stays above the limit afterwards, and the highest. */
  function over(size: number): { readonly ticks: number; readonly highest: number } {
    const statistics = new JointStatistics(1, Float64Array.of(1), 1.5)
    statistics.start(1)
    let [ticks, highest] = [0, 0]
    for (let tick = 0; tick < 400; tick++) {
      statistics.step(Float64Array.of(tick >= 100 && tick < 200 ? size : 1), Float64Array.of(0))
      highest = Math.max(highest, statistics.smooth)
      if (tick >= 200 && statistics.smooth > 1.5) ticks++
    }
    return { ticks, highest }
  }

  test('is below its limit after as many ticks, whatever the size was, which it tells while it lasts', () => {
    const [small, large] = [over(3), over(8)]
    expect(large.ticks).toBe(small.ticks)
    expect(large.ticks).toBeLessThan(12)
    expect(large.highest).toBeGreaterThan(7)
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { learnJoint } from '../../src/core/asset/joint-fit.ts'
import { JointScorer } from '../../src/core/asset/joint-scorer.ts'
import { Plant, startMs } from '../unit/core/asset/plant.ts'
import { detected, faultFrom, faults, methods, type PlantRun, readRun } from './tennessee.ts'

/** What was measured when a change of the figures was last meant; in percent of the ticks with a fault. */
const stored = JSON.parse(readFileSync(new URL('./tennessee.json', import.meta.url), 'utf8')) as Record<string, number>
/** Percent that a figure may change by without anybody having meant it. */
const tolerance = 0.5

const train = readRun('normal_train')
const mean = (shares: readonly number[]) => (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length

/** Ratios of a run that follows the training, through the whole pipeline. */
function replayed(run: PlantRun) {
  const plant = new Plant({}, { learn: { rows: train.ticks } })
  const minute = 60_000
  const readings = [train, run].flatMap(({ channels, ticks, values }, part) =>
    Array.from({ length: ticks * channels.length }, (_, at) => ({
      sensor: channels[at % channels.length]!,
      timeMs: startMs + 3 * minute * (part * train.ticks + Math.floor(at / channels.length)),
      value: values[at]!,
    })),
  )
  plant.read(readings, 4_096)
  return plant
}

describe('the Tennessee Eastman process, 500 normal ticks of 52 channels, one false alarm in a hundred', () => {
  const statistics = methods(train)
  const found = Object.fromEntries(
    Object.entries(statistics).map(([name, statistic]) => [name, mean(detected(statistic))]),
  )

  test('recipe A finds at least 96 % of the ticks with a fault that can be seen', () => {
    expect(found['recipe A']).toBeGreaterThanOrEqual(96)
  })

  test('each part of it finds what it found before', () => {
    expect(Object.keys(found)).toEqual(Object.keys(stored))
    for (const [name, share] of Object.entries(found)) {
      expect(Math.abs(share - stored[name]!), `${name}: ${share.toFixed(2)}`).toBeLessThanOrEqual(tolerance)
    }
  })

  test('a channel that is missing costs less than half a percent', () => {
    const model = learnJoint({
      channels: train.channels.length,
      values: train.values,
      breaks: new Uint8Array(train.ticks),
    })
    for (const missing of [8, 20, 45]) {
      const without = detected((run) => {
        const scorer = new JointScorer(model, 1.1, false)
        return Array.from({ length: run.ticks }, (_, tick) => {
          const values = run.values.slice(tick * train.channels.length, (tick + 1) * train.channels.length)
          values[missing] = Number.NaN
          scorer.step(values)
          return scorer.ratio
        })
      })
      expect(mean(without)).toBeGreaterThan(found['recipe A']! - tolerance)
    }
  })
})

describe('in the pipeline, with the limits that it learned without a label', () => {
  test('no alarm is raised in 48 hours of normal operation', () => {
    const plant = replayed(readRun('normal_test'))
    expect(plant.scored()).toHaveLength(960)
    expect(plant.alarms).toEqual([])
  })

  test('a fault raises one alarm soon after it starts, which names the channel at fault', () => {
    const plant = replayed(readRun('fault_04'))
    const { alarm } = plant.transitions[0]!
    expect(plant.alarms).toEqual(['pump unack'])
    expect((alarm.eventTime - startMs) / 180_000 - train.ticks - faultFrom).toBeLessThanOrEqual(5)
    expect(alarm.message).toContain('xmv_10')
    expect(plant.scored().at(-1)!.top[0]!.channel).toBe('xmv_10')
  })

  test('every fault that can be seen is in alarm for at least nine tenths of its time', () => {
    const model = learnJoint({
      channels: train.channels.length,
      values: train.values,
      breaks: new Uint8Array(train.ticks),
    })
    for (const fault of faults) {
      const run = readRun(`fault_${fault}`)
      const scorer = new JointScorer(model, 1.1, false)
      let above = 0
      for (let tick = 0; tick < run.ticks; tick++) {
        scorer.step(run.values.subarray(tick * train.channels.length, (tick + 1) * train.channels.length))
        if (tick >= faultFrom && scorer.ratio > 1) above++
      }
      expect(above / (run.ticks - faultFrom), `fault ${fault}`).toBeGreaterThan(0.9)
    }
  })
})

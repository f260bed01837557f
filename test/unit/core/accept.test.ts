import { describe, expect, test } from 'vitest'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import type { SensorSpec } from '../../../src/domain/sensor.ts'
import { machine, Plant, readingsOf } from './asset/plant.ts'
import { OneSensor, stepMs } from './one-sensor.ts'

const usual = { direction: 'both', delayOnMs: 0, delayOffMs: 0 } as const
const hot = (value: number) => value + 40

function accept({ pipeline, transitions }: Pick<OneSensor, 'pipeline' | 'transitions'>, slot = 0) {
  const out = new OutcomeFrame(0)
  const { alarm } = transitions.at(-1)!
  const isAccepted = pipeline.accept(slot, alarm.id, 'accepted by operator at hall: new bearing', 123, out)
  transitions.push(...out.transitions)
  return isAccepted
}

/** A sensor in alarm since it went up for good; its limits learned live, came with rows that were declared, or it is a stranger. */
const recipes: Readonly<Record<string, (spec?: Partial<SensorSpec>) => OneSensor>> = {
  'by novelty': (spec) => new OneSensor(spec, {}),
  'by limits': (spec) => new OneSensor(spec, { learn: { rows: 500 } }),
}

describe.each(Object.entries(recipes))('a level that somebody accepts, judged %s', (_, make) => {
  test('ends its alarm at once, is normal from then on, and the alarm says who and why', () => {
    const sensor = make()
    sensor.run(900)
    expect(sensor.run(60, hot).alarm).toBe(1)
    expect(accept(sensor)).toBe(true)
    expect(sensor.transitions.at(-1)).toMatchObject({
      from: 'unack',
      alarm: { state: 'rtn_unack', eventTime: sensor.timeMs, detectedTime: 123 },
    })
    expect(sensor.transitions.at(-1)!.alarm.message).toMatch(
      /^temperature \d.*: taken as normal from now on \(accepted by operator at hall: new bearing\)$/,
    )
    const after = Array.from({ length: 400 }, () => sensor.run(1, hot).alarm)
    expect(after.filter((alarm) => alarm === 1)).toHaveLength(0)
    // What is new after that is found all the same.
    const again = Array.from({ length: 40 }, () => sensor.run(1, (value) => value + 120).alarm)
    expect(again.at(-1)).toBe(1)
  })

  test('survives a restart to the bit', () => {
    const one = make()
    one.run(900)
    one.run(60, hot)
    accept(one)
    const two = make()
    two.run(1)
    two.pipeline.restore(0, one.pipeline.snapshot(0))
    two.timeMs = one.timeMs
    for (let row = 0; row < 200; row++) {
      const value = hot(one.healthy())
      expect(two.read(value)).toEqual(one.read(value))
    }
  })

  test('cannot be accepted twice, nor by the id of another alarm', () => {
    const sensor = make()
    sensor.run(900)
    sensor.run(60, hot)
    const before = sensor.pipeline.snapshot(0)
    expect(sensor.pipeline.accept(0, 'another', 'by', 0, new OutcomeFrame(0))).toBe(false)
    expect(sensor.pipeline.snapshot(0)).toEqual(before)
    expect(accept(sensor)).toBe(true)
    expect(accept(sensor)).toBe(false)
  })

  test.each([
    ['300 readings', { rows: 300, ms: Infinity }, 290, 330],
    ['50 minutes', { rows: Infinity, ms: 300 * stepMs }, 290, 330],
    ['no time', { rows: Infinity, ms: Infinity }, 2_000, Infinity],
  ] as const)('is accepted by itself after %s, and not before', (_name, acceptAfter, least, most) => {
    const sensor = make({ alarm: { ...usual, acceptAfter } })
    sensor.run(900)
    let rows = 0
    while (rows < 2_000 && (sensor.run(1, hot).alarm === 1 || rows < 20)) rows++
    expect(rows).toBeGreaterThanOrEqual(least)
    expect(rows).toBeLessThanOrEqual(most)
    if (most === Infinity) return
    expect(sensor.transitions.at(-1)!.alarm.message).toContain('taken as normal from now on (the level stayed')
    expect(sensor.steps('process')).toEqual(['normal>unack', 'unack>rtn_unack'])
  })
})

test('of an asset the level of its residuals is accepted, and ends the alarm', () => {
  const shifted = machine(1, (values, row) => {
    if (row >= 900) values['pressure'] = values['pressure']! + 4
  })
  const plant = new Plant()
  plant.read(readingsOf(shifted, 0, 1_000))
  expect(plant.pipeline.sensorState(0)).toBe('anomaly')
  expect(accept(plant)).toBe(true)
  expect(plant.transitions.at(-1)!.alarm.message).toBe(
    'pump: taken as normal from now on (accepted by operator at hall: new bearing)',
  )
  plant.read(readingsOf(shifted, 1_000, 1_400))
  const alarms = plant.scored(1_040).filter(({ alarm }) => alarm === 1)
  expect(alarms.length).toBeLessThan(10)
})

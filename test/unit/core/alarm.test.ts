import { describe, expect, test } from 'vitest'
import { AlarmStep, stepAlarm } from '../../../src/core/alarm.ts'
import { OneSensor, stepMs } from './one-sensor.ts'

/** Walks an alarm through conditions, one a second: `#` on, `-` between, `.` off. */
function walk(pattern: string, delayOnMs = 0, delayOffMs = 0): string {
  const f = new Float64Array(7)
  const names: Record<number, string> = {
    [AlarmStep.raised]: 'R',
    [AlarmStep.raisedAgain]: 'A',
    [AlarmStep.returned]: 'r',
    [AlarmStep.ended]: 'e',
  }
  return [...pattern]
    .map(
      (sign, second) => names[stepAlarm(f, 0, sign === '#', sign === '.', second * 1000, delayOnMs, delayOffMs)] ?? '_',
    )
    .join('')
}

describe('an alarm', () => {
  test('is raised at once and returns at once without delays, and holds between the two bounds', () => {
    expect(walk('.#-#-.')).toBe('_R___r')
  })

  test('is raised only after the condition held for the delay', () => {
    expect(walk('.##.###-.', 2000)).toBe('______R_r')
  })

  test('returns only after the condition was gone for the delay', () => {
    expect(walk('#..#...-...', 0, 2000)).toBe('R_____r____')
  })

  test('re-enters the same occurrence within 200 rows and ends after 200 quiet ones', () => {
    expect(walk('#.#.')).toBe('RrAr')
    expect(walk(`#.${'.'.repeat(200)}#`)).toBe(`Rr${'_'.repeat(199)}eR`)
  })
})

describe('the alarm of a sensor', () => {
  test('waits for its delays in event time', () => {
    const sensor = new OneSensor({ alarm: { direction: 'both', delayOnMs: 3 * stepMs, delayOffMs: 0 } })
    sensor.run(600)
    const alarms = Array.from({ length: 5 }, () => sensor.read(80).alarm)
    expect(alarms).toEqual([0, 0, 0, 1, 1])
    expect(sensor.transitions[0]!.alarm.message).toContain('higher than ever seen')
  })

  test('of direction high is not raised by a value that is too low', () => {
    const high = new OneSensor({ alarm: { direction: 'high', delayOnMs: 0, delayOffMs: 0 } })
    high.run(600)
    expect(high.read(20)).toMatchObject({ alarm: 0 })
    const low = new OneSensor({ alarm: { direction: 'low', delayOnMs: 0, delayOffMs: 0 } })
    low.run(600)
    expect(low.read(20)).toMatchObject({ alarm: 1 })
  })

  test('goes unack, returned, normal; the occurrence keeps its id and counts its transitions', () => {
    const sensor = new OneSensor()
    sensor.run(600)
    sensor.read(70)
    sensor.run(400)
    expect(sensor.steps('process')).toEqual(['normal>unack', 'unack>rtn_unack', 'rtn_unack>normal'])
    const [first, second, third] = sensor.transitions
    expect([second!.alarm.id, third!.alarm.id]).toEqual([first!.alarm.id, first!.alarm.id])
    expect(third!.transitionId).toBe(`${first!.alarm.id}-3`)
    expect(second!.alarm.fingerprint).toBe(first!.alarm.fingerprint)
    expect(second!.alarm.message).toContain('back to what is expected')
  })

  test('of low sensitivity scores the same errors lower', () => {
    const scores = (['low', 'normal', 'high'] as const).map((sensitivity) => {
      const sensor = new OneSensor({ sensitivity })
      sensor.run(700)
      return sensor.run(40, (value) => value + 2 * sensor.random.normal()).score
    })
    expect(scores).toEqual(scores.toSorted((a, b) => a - b))
  })
})

import { describe, expect, test } from 'vitest'
import { alarmRuns, occurrences } from './alarm-runs.mjs'
import { countEvents, eventScore, medianDelay } from './event-score.mjs'

/** A thousand rows in alarm at the spans given. */
function alarmAt(...spans: (readonly [number, number])[]): Uint8Array {
  const alarm = new Uint8Array(1000)
  for (const [first, last] of spans) alarm.fill(1, first, last + 1)
  return alarm
}

describe('events', () => {
  test('are runs of rows in alarm; those less than a rest apart are one occurrence', () => {
    const runs = alarmRuns(alarmAt([0, 3], [10, 10], [300, 310], [999, 999]))
    expect(runs).toEqual([
      [0, 3],
      [10, 10],
      [300, 310],
      [999, 999],
    ])
    expect(occurrences(runs, 200)).toEqual([
      [0, 10],
      [300, 310],
      [999, 999],
    ])
    expect(
      occurrences(
        [
          [0, 0],
          [200, 200],
        ],
        200,
      ),
    ).toHaveLength(2)
  })

  test('find a window with one row in it, and are never adjusted to the rest of it', () => {
    const count = countEvents(alarmAt([420, 420]), [[400, 500]])
    expect(count).toMatchObject({ windows: 1, found: 1, falseRuns: 0, delays: [20] })
  })

  test('an alarm that reaches into a window finds it without delay and is not false', () => {
    expect(countEvents(alarmAt([390, 400]), [[400, 500]])).toMatchObject({ found: 1, falseRuns: 0, delays: [0] })
  })

  test('what alarms before a window is false though it is near, and chatter is one occurrence of many runs', () => {
    const count = countEvents(alarmAt([100, 101], [150, 151], [395, 398], [410, 420]), [[400, 500]])
    expect(count).toMatchObject({ found: 1, falseRuns: 3, falseOccurrences: 2 })
  })

  test('the wake of a window is neither found nor false; behind it alarms are false again', () => {
    expect(countEvents(alarmAt([501, 520]), [[400, 500]])).toMatchObject({ found: 0, falseRuns: 0, delays: [null] })
    expect(countEvents(alarmAt([701, 702]), [[400, 500]])).toMatchObject({ found: 0, falseRuns: 1 })
  })

  test('rows of warm-up count for nothing', () => {
    expect(countEvents(alarmAt([10, 20], [700, 701]), [], { fromRow: 500 }).falseRuns).toBe(1)
  })

  test('precision, recall, F1 and delay are those of all series together', () => {
    const counts = [
      countEvents(alarmAt([410, 420]), [[400, 500]]),
      countEvents(alarmAt([100, 100], [960, 961]), [
        [400, 500],
        [900, 980],
      ]),
    ]
    // Three windows, two found, one false occurrence.
    expect(eventScore(counts)).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 4 / 6 })
    expect(medianDelay(counts)).toBe((10 + 60) / 2)
    expect(eventScore([countEvents(alarmAt(), [[400, 500]])])).toEqual({ precision: 0, recall: 0, f1: 0 })
    expect(medianDelay([countEvents(alarmAt(), [[400, 500]])])).toBeNaN()
  })
})

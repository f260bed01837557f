import { describe, expect, test } from 'vitest'
import { OneSensor, stepMs } from './one-sensor.ts'

/** A sensor that was taught by another's readings, as a bootstrap does. */
function taughtBy(teacher: OneSensor): OneSensor {
  const taught = new OneSensor({}, {})
  taught.pipeline.restore(0, teacher.pipeline.snapshot(0))
  taught.pipeline.settle(0)
  taught.timeMs = teacher.timeMs
  return taught
}

describe('the end of a history', () => {
  test('the first reading after it is scored, and the time until then is no silence, however long', () => {
    const teacher = new OneSensor({}, {})
    teacher.run(700)
    const taught = taughtBy(teacher)
    taught.timeMs += 30 * 86_400_000
    expect(taught.read(taught.healthy()).quality).toBe('good')
    taught.run(20)
    expect(taught.transitions).toEqual([])
    // From then on it is one.
    taught.timeMs += 30 * 86_400_000
    taught.read(taught.healthy())
    expect(taught.steps('instrument')).toEqual(['normal>unack', 'unack>rtn_unack'])
  })

  test('a history shorter than the warm-up is gone on with, and does not make a habit of the time after it', () => {
    const teacher = new OneSensor({}, {})
    teacher.run(300)
    const taught = taughtBy(teacher)
    expect(taught.pipeline.progress(0)).toEqual({ seen: 300, needed: 500 })
    taught.timeMs += 30 * 86_400_000
    taught.run(300)
    expect(taught.pipeline.sensorState(0)).toBe('normal')
    taught.timeMs += 86_400_000
    taught.read(taught.healthy())
    expect(taught.steps('instrument')).toEqual(['normal>unack', 'unack>rtn_unack'])
  })

  test('an alarm that nobody heard of is raised by the first reading that still deserves it, as a new occurrence', () => {
    const teacher = new OneSensor({}, {})
    teacher.run(1_000)
    for (let row = 0; row < 30; row++) teacher.read(teacher.healthy() + 60)
    expect(teacher.pipeline.sensorState(0)).toBe('anomaly')
    const stands = taughtBy(teacher)
    expect(stands.pipeline.sensorState(0)).toBe('normal')
    stands.read(stands.healthy() + 60)
    expect(stands.steps('process')).toEqual(['normal>unack'])
    expect(stands.transitions[0]?.raisedTime).toBe(teacher.timeMs + stepMs)
    teacher.run(30)
    expect(teacher.steps('process')).toEqual(['normal>unack', 'unack>rtn_unack'])
    const gone = taughtBy(teacher)
    gone.run(300)
    expect(gone.transitions).toEqual([])
  })

  test('nothing of it waits to be written, and the first live reading is', () => {
    const teacher = new OneSensor({}, {})
    teacher.run(700)
    const taught = taughtBy(teacher)
    const row = taught.read(taught.healthy(), { timeMs: taught.timeMs + 600_000 })
    expect(taught.changes.map(({ timeMs }) => timeMs)).toEqual([row.timeMs])
  })

  test('a twin learns what the pipeline would have learned, and knows nothing of it', () => {
    const sensor = new OneSensor({}, {})
    sensor.run(10)
    const twin = sensor.pipeline.twin({ rows: 400 })
    expect(twin.last(0)).toBeNull()
    expect(twin.progress(0)).toEqual({ seen: 0, needed: 400 })
    expect(twin.meta).toEqual(sensor.pipeline.meta)
  })
})

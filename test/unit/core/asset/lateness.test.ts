import { describe, expect, test } from 'vitest'
import { WaitingReadings } from '../../../../src/core/asset/waiting-readings.ts'
import { machine, Plant, type Reading, readingsOf, stepMs } from './plant.ts'

const rows = 700
const onTime = readingsOf(machine(9), 0, rows)

/** The temperature arrives `ticks` ticks after the other channels of its time. */
function delayed(ticks: number): Reading[] {
  const arrival = ({ sensor, timeMs }: Reading) => timeMs + (sensor === 'temperature' ? ticks * stepMs + 1 : 0)
  return onTime.toSorted((a, b) => arrival(a) - arrival(b))
}

function replayed(readings: readonly Reading[], latenessMs: number): Plant {
  const plant = new Plant({ latenessMs })
  plant.read(readings)
  plant.finish()
  return plant
}

describe('an asset whose temperature comes three ticks late', () => {
  const late = replayed(delayed(3), 4 * stepMs)

  test('makes the same ticks and scores as if it came in time, where it is given the time', () => {
    expect(late.ticks).toEqual(replayed(onTime, 0).ticks)
    expect(late.ticks).toHaveLength(rows)
  })

  test('goes on to the bit from a snapshot while readings wait', () => {
    const readings = delayed(3)
    const first = new Plant({ latenessMs: 4 * stepMs })
    first.read(readings.slice(0, 2_001))
    const order = ['flow', 'pressure', 'current', 'temperature']
    const second = new Plant({ latenessMs: 4 * stepMs }, { learn: { rows: 400 } }, order)
    for (let slot = 0; slot <= 4; slot++) second.pipeline.restore(slot, first.pipeline.snapshot(slot))
    second.read(readings.slice(2_001))
    second.finish()
    expect([...first.ticks, ...second.ticks]).toEqual(late.ticks)
  })

  test('misses it in every tick where it is given less', () => {
    const plant = replayed(delayed(3), stepMs)
    expect(plant.ticks).toHaveLength(rows)
    expect(plant.scored().every(({ top }) => top.every(({ channel }) => channel !== 'temperature'))).toBe(true)
  })
})

test('a channel that says nothing any more holds a tick back for its lateness, and no longer', () => {
  const silent = onTime.filter(({ sensor }, at) => sensor !== 'temperature' || at < 4 * 500)
  const plant = new Plant({ latenessMs: 4 * stepMs })
  plant.read(silent)
  expect(plant.ticks).toHaveLength(rows - 4)
  plant.finish()
  expect(plant.ticks).toHaveLength(rows)
})

test('ticks of a grid wait, too', () => {
  const [late, early] = [delayed(3), onTime].map((readings, at) => {
    const plant = new Plant({ periodMs: 2 * stepMs, latenessMs: at === 0 ? 4 * stepMs : 0 })
    plant.read(readings)
    plant.finish()
    return plant
  })
  expect(late!.ticks.length).toBeGreaterThan(rows / 2 - 2)
  expect(late!.ticks.slice(0, early!.ticks.length)).toEqual(early!.ticks)
})

describe('readings that wait', () => {
  function waiting(latenessMs: number, most = 100) {
    const out: string[] = []
    const made = new WaitingReadings(latenessMs, most, (channel, timeMs, value) =>
      out.push(`${channel}@${timeMs}=${value}`),
    )
    const take = (channel: number, timeMs: number) => {
      made.take(channel, timeMs, timeMs)
      return out.splice(0)
    }
    return { made, take }
  }

  test('go on in the order of time when the watermark is past them', () => {
    const { take } = waiting(10)
    expect([take(0, 5), take(0, 12), take(1, 3), take(0, 15)]).toEqual([[], [], [], ['1@3=3', '0@5=5']])
  })

  test('go on at once when every required channel was heard at their time', () => {
    const { made, take } = waiting(1_000)
    made.require([0, 1])
    expect([take(0, 5), take(0, 6), take(1, 5), take(1, 7)]).toEqual([[], [], ['0@5=5', '1@5=5'], ['0@6=6']])
  })

  test('are bounded: the oldest wait no longer', () => {
    const { take } = waiting(1_000, 2)
    expect([take(0, 1), take(0, 2), take(0, 3)]).toEqual([[], [], ['0@1=1']])
  })
})

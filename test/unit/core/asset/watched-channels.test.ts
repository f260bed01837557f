import { describe, expect, test } from 'vitest'
import { machine, Plant, type Reading, readingsOf, startMs, stepMs } from './plant.ts'

/** The flow is stuck from row 600 on, the temperature silent from row 500 to 700, the pressure breaks from row 800 on. */
const faulty = (): Reading[] => {
  let stuck = Number.NaN
  const rows = machine(8, (values, row) => {
    if (row === 600) stuck = values['flow']!
    if (row >= 600) values['flow'] = stuck
    if (row >= 800) values['pressure'] = 6 - values['pressure']!
  })
  return readingsOf(rows, 0, 1_000).filter(({ sensor, timeMs }) => {
    const row = (timeMs - startMs) / stepMs
    return sensor !== 'temperature' || row < 500 || row >= 700
  })
}

describe.each([
  ['rows', { rows: 400 }],
  ['a time', { untilMs: startMs + 400 * stepMs }],
])('channels that are watched as instruments alone, learned for %s', (_name, learn) => {
  const [both, watched] = [true, false].map((scoresChannels) => {
    const plant = new Plant({}, { learn, scoresChannels })
    plant.read(faulty())
    plant.finish()
    return plant
  })

  test('give the asset the same scores as those that are scored alone, too', () => {
    expect(watched!.ticks).toEqual(both!.ticks)
    expect(watched!.scored(820).some(({ alarm }) => alarm === 1)).toBe(true)
  })

  test('raise the same instrument alarms', () => {
    expect(watched!.alarms).toEqual(both!.alarms)
    expect(watched!.alarms).toContain('flow unack')
    expect(watched!.alarms).toContain('temperature unack')
  })
})

test('a channel that is only watched says nothing but its value, a sensor beside it is scored', () => {
  const plant = new Plant({}, { learn: { rows: 400 }, scoresChannels: false })
  const rows = machine(8, (values) => {
    values['alone'] = values['flow']!
  })
  const out = plant.read(readingsOf(rows, 0, 600))
  for (let row = 0; row < out.count; row++) {
    const isAlone = plant.catalog.spec(out.slot[row]!).id === 'alone'
    expect(Number.isNaN(out.expected[row]!)).toBe(!isAlone)
    expect(Number.isFinite(out.value[row]!)).toBe(true)
  }
})

import { describe, expect, test } from 'vitest'
import { loadModelFiles } from '../../src/cli/model-files.ts'
import { countAlarms, machineTemperature } from './alarm-count.ts'
import { networks } from './run/ablation.mjs'

const series = machineTemperature()
const base = loadModelFiles('base')
const none = (await networks()).get('none')!

describe('the machine temperature series, 2,000 rows learned, 79 days', () => {
  test('an alarm stands in at least two of the four windows, the complete failure among them', () => {
    const { windowsFound } = countAlarms(series, base, { learnRows: 2000, sensitivity: 'normal' })
    expect(windowsFound.length).toBeGreaterThanOrEqual(2)
    expect(windowsFound).toContain(3)
  })

  test('at most four alarms are raised outside the windows, and none says that the instrument is at fault', () => {
    const { outside, instrumentAlarms } = countAlarms(series, base, { learnRows: 2000, sensitivity: 'normal' })
    expect(outside.length).toBeLessThanOrEqual(4)
    expect(instrumentAlarms).toBe(0)
  })

  test('a lower sensitivity never raises more alarms outside', () => {
    const counts = (['low', 'normal', 'high'] as const).map(
      (sensitivity) => countAlarms(series, base, { learnRows: 2000, sensitivity }).outside.length,
    )
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  })

  test('found and missed are what the README says: windows 2 and 4 found, 1 and 3 missed, one alarm outside', () => {
    const { windowsFound, outside } = countAlarms(series, base, { learnRows: 2000, sensitivity: 'normal' })
    expect(windowsFound).toEqual([1, 3])
    expect(outside.map(({ alarm }) => new Date(alarm.eventTime).toISOString())).toEqual(['2013-12-28T04:15:00.000Z'])
  })

  test('with persistence in the network’s place the same windows are found, with three alarms outside', () => {
    const { windowsFound, outside } = countAlarms(series, none, { learnRows: 2000, sensitivity: 'normal' })
    expect(windowsFound).toEqual([1, 3])
    expect(outside).toHaveLength(3)
  })
})

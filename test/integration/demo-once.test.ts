import { describe, expect, it } from 'vitest'
import { runSample } from '../../src/cli/demo-once.ts'
import { faultKinds } from '../../src/demo/faults.ts'
import { silentLog } from '../../src/ports/log.ts'

const first = await runSample({ seed: 1, log: silentLog })

describe('the sample of the demo', () => {
  it('injects every kind of fault and finds most of them with few false alarms', () => {
    expect(new Set(first.faults.map((fault) => fault.kind))).toEqual(new Set(faultKinds))
    expect(first.injected).toBe(13)
    expect(first.found + first.missed).toBe(first.injected)
    expect(first.found).toBeGreaterThanOrEqual(8)
    expect(first.falseAlarms.length).toBeLessThanOrEqual(4)
  })

  it('finds silent and stuck instruments within half an hour of the plant, as instruments', () => {
    for (const kind of ['silent', 'stuck']) {
      const fault = first.faults.find((candidate) => candidate.kind === kind)!
      expect(fault.found, kind).toBe('sensor')
      expect(fault.delayMs!, kind).toBeLessThanOrEqual(35 * 60_000)
    }
  })

  it('finds the complete failure of the real machine, the last of the four, and at least one more', () => {
    expect(first.realMachine.found).toBeGreaterThanOrEqual(2)
    expect(first.realMachine.failures.at(-1)!.firstAlarm).not.toBeNull()
    expect(first.realMachine.outside.length).toBeLessThanOrEqual(4)
  })

  it('scores every reading that the plant and the record gave', () => {
    const silentMinutes = 60
    const machineRows = 22_695 - 2_000
    expect(first.readings).toBe(first.sensors * first.plantHours * 60 - silentMinutes + machineRows)
  })

  it('comes to the same each time', async () => {
    const { seconds, readingsPerSecond, ...figures } = await runSample({ seed: 1, log: silentLog })
    expect({ ...figures, seconds: first.seconds, readingsPerSecond: first.readingsPerSecond }).toEqual(first)
    expect(seconds).toBeGreaterThan(0)
    expect(readingsPerSecond).toBeGreaterThan(1_000)
  })
})

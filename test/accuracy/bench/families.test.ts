import { describe, expect, test } from 'vitest'
import { eventFaults, eventSeries } from './events.mjs'
import { fleetSeries, machineNames, machineSeries } from './machines.mjs'

describe('machines with commands', () => {
  test.each(machineNames)('%s is the same machine until it fails, and another while it does', (name) => {
    const sick = machineSeries(name, 0)
    const healthy = machineSeries(name, 0, 0)
    const [first, last] = sick.windows[0]!
    expect(first).toBeGreaterThan(sick.learnRows)
    expect(healthy.windows).toEqual([])
    expect(sick.context).toEqual(healthy.context)
    const moved = Object.keys(sick.channels).map((channel) => {
      const [a, b] = [sick.channels[channel]!, healthy.channels[channel]!]
      expect(a.every(Number.isFinite)).toBe(true)
      expect(a.subarray(0, first)).toEqual(b.subarray(0, first))
      const mean = b.reduce((sum, x) => sum + x, 0) / b.length
      const deviation = Math.sqrt(b.reduce((sum, x) => sum + (x - mean) ** 2, 0) / b.length)
      const away = a.subarray(first, last + 1).reduce((sum, x, i) => sum + Math.abs(x - b[first + i]!), 0)
      return away / (last - first + 1) / deviation
    })
    expect(Math.max(...moved)).toBeGreaterThan(0.03)
  })

  test('a fleet has machines of one make with a short history, and one in three fails', () => {
    const fleet = fleetSeries(12, 0)
    expect(fleet.filter(({ windows }) => windows.length === 1)).toHaveLength(4)
    expect(fleet.every(({ timeMs, channels }) => channels['torque']!.length === timeMs.length)).toBe(true)
    expect(fleetSeries(12, 0)).toEqual(fleet)
    expect(fleet[0]!.channels['torque']).not.toEqual(fleet[1]!.channels['torque'])
  })
})

describe('sequences of events', () => {
  const { tokens, faults, learnRows } = eventSeries(0)

  test('have faults of every kind after the rows to learn from, in order', () => {
    expect(new Set(faults.map(({ fault }) => fault))).toEqual(new Set(eventFaults))
    expect(faults.every(({ window: [first, last] }) => first > learnRows && last >= first)).toBe(true)
    const firsts = faults.map(({ window }) => window[0])
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
    expect(faults.length).toBeGreaterThan(12)
  })

  test('an unknown token stands only in its windows', () => {
    const windows = faults.filter(({ fault }) => fault === 'unknown').map(({ window }) => window[0])
    expect([...tokens.keys()].filter((row) => tokens[row] === 'E_417')).toEqual(windows)
  })

  test('the wrong recipe is made of usual neighbours: only a long memory can tell', () => {
    const normal = new Set(tokens.slice(1, learnRows).map((token, row) => `${tokens[row]} ${token}`))
    const wrong = faults.filter(({ fault }) => fault === 'wrongRecipe')
    expect(wrong.length).toBeGreaterThan(0)
    for (const { window } of wrong) expect(normal).toContain(`${tokens[window[0] - 1]} ${tokens[window[0]]}`)
  })

  test('illegal, skipped and repeated steps make neighbours that a normal batch never has', () => {
    const normal = new Set(tokens.slice(1, learnRows).map((token, row) => `${tokens[row]} ${token}`))
    for (const { window, fault } of faults) {
      if (fault !== 'illegal' && fault !== 'skipped' && fault !== 'repeated') continue
      const rows = Array.from({ length: window[1] - window[0] + 1 }, (_, i) => window[0] + i)
      expect(
        rows.some((row) => !normal.has(`${tokens[row - 1]} ${tokens[row]}`)),
        fault,
      ).toBe(true)
    }
  })
})

import { expect, test } from 'vitest'
import { loadModelFiles } from '../../src/cli/model-files.ts'
import { faultKinds } from './faults.mjs'
import { persistence, reportFaults } from './generated-faults.ts'

const base = loadModelFiles('base')

test('on generated sensors with faults: what is found, what is not, and what the network adds to persistence', () => {
  const trained = reportFaults(base, 98)
  const still = reportFaults(persistence(base), 98)
  for (const kind of faultKinds) {
    const [a, b] = [trained.faults[kind], still.faults[kind]]
    console.info(`${kind}: ${a.found} of ${a.sensors} found, ${a.cover.toFixed(2)} in alarm; persistence ${b.found}`)
  }
  console.info(
    `false per 1,000 rows: ${trained.falseAlarmsPer1000Rows.toFixed(3)}, ${still.falseAlarmsPer1000Rows.toFixed(3)}`,
  )
  for (const kind of ['noise', 'oscillation', 'spikes', 'glitch', 'offscale'] as const) {
    expect(trained.faults[kind].found / trained.faults[kind].sensors, kind).toBeGreaterThanOrEqual(0.9)
  }
  expect(trained.faults.offscale.cover).toBeGreaterThan(0.95)
  expect(trained.faults.level.found).toBeGreaterThanOrEqual(still.faults.level.found)
  expect(trained.falseAlarmsPer1000Rows).toBeLessThanOrEqual(still.falseAlarmsPer1000Rows)
  expect(trained.falseAlarmsPer1000Rows).toBeLessThan(0.2)
}, 120_000)

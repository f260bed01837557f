import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'

let out = ''
let errors = ''

beforeEach(() => {
  out = ''
  errors = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text)
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

test('bench --json measures every cell, size and batch, latency, and the whole pipeline', async () => {
  expect(
    await runProgram(['bench', '--hidden', '4,32', '--batch', '1,8', '--ms', '3', '--threads', '1', '--json']),
  ).toBe(0)
  const report = JSON.parse(out)
  expect(report.interrupted).toBe(false)
  expect(report.steps.map(({ cell, hidden, batch }: Record<string, unknown>) => `${cell} ${hidden} ${batch}`)).toEqual([
    'GRU 4 1',
    'GRU 4 8',
    'GRU 32 1',
    'GRU 32 8',
    'LSTM 4 1',
    'LSTM 4 8',
    'LSTM 32 1',
    'LSTM 32 8',
  ])
  for (const { stepsPerSecond, nsPerStep, hidden, bytesPerSensor } of report.steps) {
    expect(stepsPerSecond).toBeGreaterThan(1_000)
    expect(nsPerStep * stepsPerSecond).toBeCloseTo(1e9, -7)
    expect(bytesPerSensor).toBeGreaterThanOrEqual(hidden * 4)
  }
  for (const { p50Us, p99Us } of report.latency) expect(p99Us).toBeGreaterThanOrEqual(p50Us)
  expect(report.latency.map(({ batch }: { batch: number }) => batch)).toEqual([1, 256])
  expect(report.pipeline.model).toBe('base')
  expect(report.pipeline.readingsPerSecond).toBeGreaterThan(1_000)
  expect(report.pipeline.bytesPerSensor).toBeGreaterThan(128)
})

test.each([
  ['SIGINT', []],
  ['SIGTERM', ['--json']],
] as const)('bench stopped by %s ends with 130 and tells what it has', async (signal, more) => {
  const ended = runProgram(['bench', '--hidden', '8', '--batch', '1,256', '--ms', '3', ...more])
  // The command is loaded and has begun once it listens for the signal.
  await expect.poll(() => process.listenerCount(signal), { interval: 0 }).toBeGreaterThan(0)
  process.emit(signal, signal)
  expect(await ended).toBe(130)
  if (more.length === 0) expect(out).toContain('interrupted: this is what was measured until then')
  else expect(JSON.parse(out)).toMatchObject({ interrupted: true, pipeline: null })
})

test.each([
  ['--hidden', '0'],
  ['--hidden', '8,x'],
  ['--batch', '5000'],
  ['--ms', '1.5'],
  ['--threads', '0'],
])('bench %s %s is a wrong use that says what is allowed', async (option, value) => {
  expect(await runProgram(['bench', option, value])).toBe(2)
  expect(errors).toMatch(new RegExp(`error: ${option} takes whole numbers from 1 to \\d+, separated by commas, not "`))
})

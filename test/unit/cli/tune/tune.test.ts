import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runProgram } from '../../../../src/cli/program.ts'
import type { JournalRow } from '../../../../src/cli/tune/journal.ts'
import { switchingPlant } from '../../train/linear/switching-plant.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-tune-'))
const input = join(folder, 'pump.csv')
let printed = ''

// A wave with a second one on it: there is something to learn that the last value does not know.
const rows = Array.from({ length: 900 }, (_, n) => {
  const time = new Date(Date.UTC(2024, 0, 1) + n * 60_000).toISOString()
  return `${time},${(50 + 5 * Math.sin(n / 8) + 2 * Math.sin(n / 3)).toFixed(4)}`
})
writeFileSync(input, `time,pump\n${rows.join('\n')}\n`)

beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})
afterAll(() => rmSync(folder, { recursive: true }))

const varied = ['--vary', 'fit.rate=0.001..0.05', '--vary', 'model.modules.0.hidden_size=4..8:step=4']
const plan = ['--epochs', '4', '--min-epochs', '1', '--reduction', '2', '--window', '16', '--horizons', '2']

function tune(out: string, ...words: string[]): Promise<number> {
  return runProgram(['tune', input, ...varied, ...plan, '--out', join(folder, out), ...words])
}

function journalOf(out: string): JournalRow[] {
  const lines = readFileSync(join(folder, out, 'trials.ndjson'), 'utf8')
    .trim()
    .split('\n')
  return lines.slice(1).map((line) => JSON.parse(line) as JournalRow)
}

const without = ({ seconds: _, ...row }: JournalRow): Omit<JournalRow, 'seconds'> => row

test('two threads search, and what they find is what one finds', { timeout: 60_000 }, async () => {
  expect(await tune('two', '--method', 'random', '--trials', '4', '--workers', '2')).toBe(0)
  for (const file of ['tune.html', 'best.json', 'leaderboard.txt', 'best/model.json', 'best/training.html']) {
    expect(existsSync(join(folder, 'two', file)), file).toBe(true)
  }
  expect(printed).toContain('error / last value')
  expect(await tune('one', '--method', 'random', '--trials', '4', '--workers', '1')).toBe(0)
  const sorted = (out: string): unknown =>
    journalOf(out)
      .map(without)
      .sort((a, b) => a.trial - b.trial)
  expect(sorted('two')).toEqual(sorted('one'))
  expect(journalOf('one')).toHaveLength(4)
  const planIn = (file: string): unknown => JSON.parse(readFileSync(join(folder, 'two', file), 'utf8'))
  expect(planIn('best/plan.json')).toEqual(planIn('best.json'))
})

test('a search that was killed goes on with exactly what is missing, to the same results', {
  timeout: 60_000,
}, async () => {
  expect(await tune('whole', '--trials', '6', '--workers', '1')).toBe(0)
  const whole = readFileSync(join(folder, 'whole', 'trials.ndjson'), 'utf8').split('\n')
  expect(journalOf('whole').some(({ rung }) => rung === 2)).toBe(true)
  expect(await tune('killed', '--trials', '4', '--workers', '1')).toBe(0)
  // As a power cut leaves it: the last result torn, everything behind it gone.
  const path = join(folder, 'killed', 'trials.ndjson')
  const kept = readFileSync(path, 'utf8').split('\n').slice(0, 4)
  writeFileSync(path, `${kept.join('\n')}\n{"trial":3,"ru`)
  expect(await tune('killed', '--trials', '6', '--workers', '1', '--resume')).toBe(0)
  expect(journalOf('killed').map(without)).toEqual(journalOf('whole').map(without))
  expect(readFileSync(path, 'utf8').split('\n').slice(0, 4)).toEqual(kept)
  expect(whole).toHaveLength(journalOf('killed').length + 2)
  const weights = (out: string): Buffer => readFileSync(join(folder, out, 'best', 'weights.safetensors'))
  expect(weights('killed').equals(weights('whole'))).toBe(true)
})

test('a promoted trial ends with what an undisturbed one ends with', { timeout: 60_000 }, async () => {
  expect(await tune('halving', '--trials', '4', '--workers', '1')).toBe(0)
  expect(await tune('plain', '--method', 'random', '--trials', '4', '--workers', '1')).toBe(0)
  const promoted = journalOf('halving').filter(({ rung }) => rung === 2)
  expect(promoted.length).toBeGreaterThan(0)
  for (const { trial, objective, validationLoss, values } of promoted) {
    const alone = journalOf('plain').find((row) => row.trial === trial)
    expect(alone).toMatchObject({ objective, validationLoss, values })
  }
})

test('a trial that does not settle is listed with its reason, and the search goes on', {
  timeout: 60_000,
}, async () => {
  const wild = ['--vary', 'fit.rate=0.01,1e30', '--method', 'grid', '--workers', '1']
  const words = ['tune', input, ...wild, ...plan, '--set', 'fit.optimizer.kind=sgd', '--loss', 'mse']
  expect(await runProgram([...words, '--out', join(folder, 'wild')])).toBe(0)
  expect(journalOf('wild').map(({ failed }) => failed === undefined)).toEqual([true, false])
  expect(printed).toMatch(/trial 2 failed: .*does not settle/)
})

test('Ctrl-C ends a search in order: the table so far, and code 130', { timeout: 60_000 }, async () => {
  const ended = tune('stopped', '--trials', '500', '--workers', '1')
  const path = join(folder, 'stopped', 'trials.ndjson')
  await vi.waitUntil(() => existsSync(path) && readFileSync(path, 'utf8').split('\n').length > 4, { timeout: 30_000 })
  process.emit('SIGINT', 'SIGINT')
  expect(await ended).toBe(130)
  expect(printed).toContain('--resume goes on')
  expect(existsSync(join(folder, 'stopped', 'best.json'))).toBe(true)
  expect(existsSync(join(folder, 'stopped', 'best', 'model.json'))).toBe(false)
})

test('a budget in time ends a search that has no other end, and the best is trained', { timeout: 60_000 }, async () => {
  expect(await tune('timed', '--budget', '1s', '--method', 'random', '--workers', '1', '--json')).toBe(0)
  const { trials, failed } = JSON.parse(printed)
  expect(trials).toHaveLength(journalOf('timed').length)
  expect(failed).toEqual([])
  expect(existsSync(join(folder, 'timed', 'best', 'model.json'))).toBe(true)
})

test('a wrong field is refused before anything is read', async () => {
  const words = ['tune', join(folder, 'pump.csv'), '--vary', 'fit.speed=1,2', '--out', join(folder, 'wrong')]
  expect(await runProgram(words)).toBe(2)
  expect(existsSync(join(folder, 'wrong'))).toBe(false)
})

test('a linear model with a network on what it leaves is searched with its context, and the best is trained', {
  timeout: 60_000,
}, async () => {
  const { values, timeMs } = switchingPlant(1_200, 5)
  const vessel = join(folder, 'vessel.csv')
  const lines = Array.from(timeMs, (ms, n) => [new Date(ms).toISOString(), ...values.subarray(3 * n, 3 * n + 3)].join())
  writeFileSync(vessel, `time,vessel,heater,fan\n${lines.join('\n')}\n`)
  const out = join(folder, 'linear')
  const space = ['--vary', 'linear.penalty=1,1000000', '--method', 'grid']
  const words = ['--preset', 'telemetry', '--context', 'heater,fan', '--epochs', '2', ...space]
  expect(await runProgram(['tune', vessel, ...words, '--out', out])).toBe(0)
  // A penalty that lets the linear model say nothing loses.
  const best = JSON.parse(readFileSync(join(out, 'best.json'), 'utf8')) as { linear: { penalty: number } }
  expect(best.linear.penalty).toBe(1)
  const model = JSON.parse(readFileSync(join(out, 'best', 'model.json'), 'utf8')) as object
  expect(model).toHaveProperty('linear')
})

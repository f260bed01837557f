import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parseExactSafetensors } from '../../../src/model/safetensors.ts'

const main = join(import.meta.dirname, '../../../dist/main.js')
let folder = ''
const at = (...names: string[]): string => join(folder, ...names)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-killed-'))
  const rows = Array.from({ length: 500 }, (_, row) => {
    const time = new Date(Date.UTC(2024, 0, 1) + row * 60_000).toISOString()
    return `${time},${(20 + 3 * Math.sin(row / 9) + ((row * 7_919) % 1_000) / 1_000).toFixed(3)}`
  })
  writeFileSync(at('pump.csv'), `time,pump\n${rows.join('\n')}\n`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function started(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function done(words: readonly string[]): Promise<void> {
  const child = started(words)
  let errors = ''
  child.stderr!.on('data', (text: Buffer) => {
    errors += text.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  expect({ code, errors }).toMatchObject({ code: 0 })
}

/** Kills the command with SIGKILL as soon as it has come so far. */
async function killedWhen(words: readonly string[], far: () => boolean): Promise<void> {
  const child = started(words)
  const ended = once(child, 'close')
  await vi.waitUntil(() => child.exitCode !== null || far(), { timeout: 20_000, interval: 2 })
  child.kill('SIGKILL')
  // A command that was faster than the kill would show nothing.
  expect(await ended).toEqual([null, 'SIGKILL'])
}

const plan = ['--window', '16', '--horizons', '2', '--set', 'fit.patience=1000', '--set', 'fit.batch=2']
const network = ['--set', 'model.modules=[{"type":"GRU","name":"gru","hidden_size":6},{"type":"Linear","name":"head"}]']

function epochsSaved(path: string): number {
  if (!existsSync(path)) return 0
  // Behind the SHA-256 of what follows.
  const { metadata } = parseExactSafetensors(readFileSync(path).subarray(32))
  return (JSON.parse(metadata['history'] ?? '[]') as unknown[]).length
}

/** What a training leaves, without what names the command that was typed. */
function resultIn(dir: string): Record<string, unknown> {
  const bytes = ['weights.safetensors', 'losses.csv', 'loss.svg', 'forecast.svg', 'residuals.svg', 'plan.json']
  const { card, ...model } = JSON.parse(readFileSync(join(dir, 'model.json'), 'utf8'))
  const files = bytes.map((name) => [name, readFileSync(join(dir, name)).toString('base64')])
  return { ...Object.fromEntries(files), model, card: { ...card, command: '' } }
}

test('a training that was killed goes on to the bytes of an undisturbed one', { timeout: 60_000 }, async () => {
  const words = ['train', at('pump.csv'), ...plan, ...network, '--epochs', '40', '--out']
  const whole = done([...words, at('whole', 'pump')])
  const state = at('killed', 'pump', 'training.state')
  await killedWhen([...words, at('killed', 'pump')], () => epochsSaved(state) >= 3)
  expect(epochsSaved(state)).toBeLessThan(40)
  expect(existsSync(at('killed', 'pump', 'model.json'))).toBe(false)
  await Promise.all([whole, done([...words, at('killed', 'pump'), '--resume'])])
  expect(existsSync(state)).toBe(false)
  expect(resultIn(at('killed', 'pump'))).toEqual(resultIn(at('whole', 'pump')))
})

function trialsIn(dir: string): Record<string, unknown>[] {
  if (!existsSync(join(dir, 'trials.ndjson'))) return []
  const lines = readFileSync(join(dir, 'trials.ndjson'), 'utf8').split('\n').slice(1, -1)
  return lines.map((line) => {
    const { seconds: _, ...row } = JSON.parse(line)
    return row
  })
}

test('a search that was killed goes on to the results of an undisturbed one', { timeout: 60_000 }, async () => {
  const halving = ['--epochs', '9', '--min-epochs', '1', '--reduction', '3', '--trials', '9', '--workers', '1']
  const words = ['tune', at('pump.csv'), ...plan, ...network, ...halving, '--vary', 'fit.rate=0.001..0.05', '--out']
  const whole = done([...words, at('whole')])
  await killedWhen([...words, at('killed')], () => trialsIn(at('killed')).length >= 4)
  const before = trialsIn(at('killed'))
  await Promise.all([whole, done([...words, at('killed'), '--resume'])])
  expect(trialsIn(at('killed')).slice(0, before.length)).toEqual(before)
  expect(before.length).toBeLessThan(trialsIn(at('whole')).length)
  expect(trialsIn(at('killed'))).toEqual(trialsIn(at('whole')))
  expect(readFileSync(at('killed', 'best.json'))).toEqual(readFileSync(at('whole', 'best.json')))
  expect(resultIn(at('killed', 'best'))).toEqual(resultIn(at('whole', 'best')))
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { runProgram } from '../../../../src/cli/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-tfjs-'))

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
  rmSync(folder, { recursive: true, force: true })
})

/** Trains a small network on a wave; gives the model's card. */
async function cardFrom(engine: string) {
  const time = (row: number): string => new Date(Date.UTC(2024, 0, 1) + row * 60_000).toISOString()
  const rows = Array.from({ length: 400 }, (_, row) => `${time(row)},${(20 + 3 * Math.sin(row / 10)).toFixed(3)}`)
  const input = join(folder, 'pump.csv')
  writeFileSync(input, `timestamp,value\n${rows.join('\n')}\n`)
  const modules = [
    { type: 'GRU', name: 'gru', hidden_size: 4 },
    { type: 'Linear', name: 'head' },
  ]
  const network = ['--window', '16', '--horizons', '2', '--set', `model.modules=${JSON.stringify(modules)}`]
  const out = join(folder, engine)
  const code = await runProgram(['train', input, '--out', out, ...network, '--epochs', '3', '--engine', engine])
  expect(code).toBe(0)
  return JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')).card
}

test('residua train --engine tfjs teaches what our own engine teaches, and the card names the engine', async () => {
  const written: string[] = []
  const take = (text: string | Uint8Array): boolean => written.push(String(text)) > 0
  vi.spyOn(process.stdout, 'write').mockImplementation(take)
  vi.spyOn(process.stderr, 'write').mockImplementation(take)
  const own = await cardFrom('residua')
  const other = await cardFrom('tfjs')
  expect(own.settings.engine).toBe('residua')
  expect(other.settings.engine).toMatch(/^tfjs-(wasm|node) \d+\.\d+\.\d+$/)
  expect(other.epochs).toBe(3)
  // Some dozens of updates by gradients that agree to 1e-4.
  expect(other.losses.train / own.losses.train).toBeCloseTo(1, 3)
  expect(other.losses.validation / own.losses.validation).toBeCloseTo(1, 3)
})

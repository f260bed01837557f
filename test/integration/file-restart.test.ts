import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { until } from '../servers/until.ts'
import { Program } from './plant/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-restart-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sensors = 6
const rows = 20_000
const channels = Array.from({ length: sensors }, (_, index) => `s${index}`)

function history(): string {
  const path = join(folder, 'history.csv')
  const lines = Array.from({ length: rows }, (_, row) => {
    const values = channels.map((_, index) =>
      (Math.sin((row + 7 * index) / 50) + ((row * 7919) % 100) / 500).toFixed(3),
    )
    return `${1_700_000_000 + row},${values.join(',')}`
  })
  writeFileSync(path, `timestamp,${channels.join(',')}\n${lines.join('\n')}\n`)
  return path
}

/** A configuration that reads the history and appends its scores to a file of its own. */
function configure(name: string, input: string): { readonly config: string; readonly scores: string } {
  const config = join(folder, `${name}.yaml`)
  const scores = join(folder, `${name}.csv`)
  const text = {
    sources: [{ type: 'file', paths: [input] }],
    sinks: [{ type: 'file', scores }],
    state: { type: 'lmdb', path: join(folder, `${name}-state`) },
    server: { host: '127.0.0.1', port: 0 },
  }
  writeFileSync(config, JSON.stringify(text))
  return { config, scores }
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0)

test('a file read and written over three kill -9 is byte for byte the file of a calm run', async () => {
  const input = history()
  const calm = configure('calm', input)
  const calmRun = new Program(['run', '-c', calm.config, '--log-level', 'warn'])
  expect(await calmRun.ended, calmRun.output).toBe(0)
  const expected = readFileSync(calm.scores)
  expect(expected.toString().split('\n')).toHaveLength(1 + rows * sensors + 1)

  const torn = configure('torn', input)
  for (const share of [0.2, 0.45, 0.7]) {
    const run = new Program(['run', '-c', torn.config, '--log-level', 'warn'])
    await until('a part of the scores', () => sizeOf(torn.scores) > share * expected.length, { timeoutMs: 60_000 })
    await run.signal('SIGKILL')
    expect(sizeOf(torn.scores)).toBeLessThan(expected.length)
  }
  const last = new Program(['run', '-c', torn.config, '--log-level', 'warn'])
  expect(await last.ended, last.output).toBe(0)
  expect(readFileSync(torn.scores).equals(expected)).toBe(true)
}, 240_000)

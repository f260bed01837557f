import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { freePorts } from '../../servers/ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-run-'))

afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  process.exitCode = undefined
})

async function start(rest: string, ...words: string[]): Promise<{ url: string; ended: Promise<number> }> {
  const [port] = await freePorts(1)
  const file = join(folder, `${port}.yaml`)
  writeFileSync(file, `server: { port: ${port} }\nlimits: { sensors: 10 }\n${rest}`)
  const ended = runProgram(['run', '-c', file, '--json', '--log-level', 'error', ...words])
  return { url: `http://127.0.0.1:${port}`, ended }
}

async function answers(url: string): Promise<string> {
  return fetch(url).then(
    (answer) => answer.text(),
    () => '',
  )
}

test.each([
  ['SIGTERM', 0],
  ['SIGINT', 130],
] as const)('a plant takes readings until %s, drains and ends with %i', { timeout: 20_000 }, async (signal, code) => {
  const state = join(folder, signal)
  const { url, ended } = await start(`sources: [{ type: http }]\nstate: { type: lmdb, path: ${state} }\n`)
  await expect.poll(() => answers(`${url}/readyz`), { timeout: 15_000 }).toContain('"ready":true')
  const body = 'temperature,asset=fan value=21.5 1700000000000'
  const written = await fetch(`${url}/api/v1/write?precision=ms`, { method: 'POST', body })
  expect(await written.json()).toEqual({ accepted: 1, rejected: [] })
  expect(await answers(`${url}/api/v1/sensors`)).toContain('"total":1')
  expect(await answers(`${url}/metrics`)).toContain('residua_anomaly_score{sensor=')
  process.emit(signal, signal)
  expect(await ended).toBe(code)
  expect(await answers(`${url}/healthz`)).toBe('')
})

test('a plant whose sources all end is done by itself', { timeout: 20_000 }, async () => {
  const input = join(folder, 'history.csv')
  const rows = Array.from({ length: 50 }, (_, row) => `${1_700_000_000_000 + row * 1_000},${row % 7}`)
  writeFileSync(input, `timestamp,value\n${rows.join('\n')}\n`)
  const output = join(folder, 'scores.csv')
  const { ended } = await start(
    `sources: [{ type: file, paths: [${input}] }]\nsinks: [{ type: file, scores: ${output} }]\nstate: { type: memory }\n`,
  )
  expect(await ended).toBe(0)
})

test('a port that is taken ends the start with an operating error', { timeout: 20_000 }, async () => {
  const first = await start('sources: [{ type: http }]\nstate: { type: memory }\n')
  await expect.poll(() => answers(`${first.url}/healthz`), { timeout: 15_000 }).not.toBe('')
  const file = join(folder, 'second.yaml')
  const port = new URL(first.url).port
  writeFileSync(file, `server: { port: ${port} }\nsources: [{ type: http }]\nstate: { type: memory }\n`)
  expect(await runProgram(['run', '-c', file, '--json', '--log-level', 'error'])).toBe(1)
  process.emit('SIGTERM', 'SIGTERM')
  expect(await first.ended).toBe(0)
})

test('a state of the reference kernel is refused by the fast one, and taken over when that is asked for', {
  timeout: 30_000,
}, async () => {
  const state = join(folder, 'reference-state')
  const input = join(folder, 'for-kernels.csv')
  const rows = Array.from({ length: 50 }, (_, row) => `${1_700_000_000_000 + row * 1_000},${row % 7}`)
  writeFileSync(input, `timestamp,value\n${rows.join('\n')}\n`)
  const plant = `sources: [{ type: file, paths: [${input}] }]\nstate: { type: lmdb, path: ${state} }\n`
  const endOf = async (...words: string[]): Promise<number> => (await start(plant, ...words)).ended
  expect(await endOf('--kernel', 'reference')).toBe(0)
  expect(await endOf()).toBe(1)
  appendFileSync(input, `${1_700_000_050_000},3\n`)
  expect(await endOf('--allow-kernel-change')).toBe(0)
  expect(await endOf()).toBe(0)
  expect(await endOf('--kernel', 'reference')).toBe(1)
})

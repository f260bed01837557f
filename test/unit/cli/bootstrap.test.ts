import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { runProgram } from '../../../src/cli/program.ts'
import { freePorts } from '../../servers/ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-bootstrap-'))
const minuteMs = 60_000
const startMs = Date.UTC(2026, 0, 1)
const rows = 1_500

afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  process.exitCode = undefined
})

/** Three channels of a pump that follow one load. */
function pump(seed: number): (row: number) => number[] {
  const random = createPrng(seed)
  return (row) => {
    const load = 5 * Math.sin(row / 40) + random.normal()
    return [
      50 + load + 0.3 * random.normal(),
      20 + load / 2 + 0.3 * random.normal(),
      5 - load / 5 + 0.1 * random.normal(),
    ]
  }
}

const ids = ['pump/a', 'pump/b', 'pump/c']
const history = join(folder, 'history.csv')
const values = pump(3)
const lines = Array.from({ length: rows }, (_, row) => `${startMs + row * minuteMs},${values(row).join(',')}`)
writeFileSync(history, `timestamp,${ids.join(',')}\n${lines.join('\n')}\n`)

async function plant(name: string, bootstrap: string) {
  const [port] = await freePorts(1)
  const file = join(folder, `${name}-${port}.yaml`)
  writeFileSync(
    file,
    `server: { port: ${port} }
limits: { sensors: 10 }
sources: [{ type: http }]
state: { type: lmdb, path: ${join(folder, name)} }
assets: [{ name: pump, channels: ["pump/*"] }]
sinks: [{ type: file, scores: ${join(folder, `${name}.csv`)}, alarms: ${join(folder, `${name}-alarms.csv`)} }]
bootstrap: ${bootstrap}
`,
  )
  const ended = runProgram(['run', '-c', file, '--json', '--log-level', 'error'])
  const url = `http://127.0.0.1:${port}`
  const sensors = async (): Promise<{ id: string; state: string; quality: string; time: string }[]> =>
    ((await (await fetch(`${url}/api/v1/sensors`)).json()) as { items: never[] }).items
  const write = (timeMs: number, reading: readonly number[]) => {
    const body = ids.map((id, at) => `x,sensor=${id} value=${reading[at]} ${timeMs}`).join('\n')
    return fetch(`${url}/api/v1/write?precision=ms`, { method: 'POST', body })
  }
  const ready = () =>
    expect
      .poll(
        () =>
          fetch(`${url}/readyz`).then(
            (answer) => answer.status,
            () => 0,
          ),
        { timeout: 15_000 },
      )
      .toBe(200)
  const stop = async () => {
    process.emit('SIGTERM', 'SIGTERM')
    return ended
  }
  return { url, sensors, write, ready, stop, ended }
}

test('sensors and their asset are ready at their first live reading, and sinks get live rows alone', {
  timeout: 60_000,
}, async () => {
  const first = await plant('ready', `{ from: ${history} }`)
  await first.ready()
  expect((await first.sensors()).map(({ id, state }) => `${id} ${state}`)).toEqual([
    'pump normal',
    'pump/a normal',
    'pump/b normal',
    'pump/c normal',
  ])
  const later = startMs + 40 * 86_400_000
  for (let row = 0; row < 3; row++) await first.write(later + row * minuteMs, values(rows + row))
  // Older than the history: late.
  await first.write(startMs, values(rows))
  expect((await first.sensors()).map(({ quality }) => quality)).toEqual(['good', 'good', 'good', 'good'])
  expect(await first.stop()).toBe(0)
  const scores = readFileSync(join(folder, 'ready.csv'), 'utf8').trim().split('\n').slice(1)
  expect(scores.length).toBeGreaterThanOrEqual(12)
  expect(scores.filter((line) => !line.startsWith('2026-02-10'))).toEqual([])
  // The asset tells a tick from the two before it, and these are of another month.
  expect(scores.filter((line) => line.includes('warmup')).map((line) => line.split(',')[1])).toEqual(['pump', 'pump'])
  expect(readFileSync(join(folder, 'ready-alarms.csv'), 'utf8').trim().split('\n')).toHaveLength(1)

  // What has a state is not touched: a history that is gone by now is not missed.
  rmSync(history)
  const second = await plant('ready', `{ from: ${history} }`)
  await second.ready()
  expect((await second.sensors()).map(({ state }) => state)).toEqual(['normal', 'normal', 'normal', 'normal'])
  expect(await second.stop()).toBe(0)
})

test('a history that is not there ends the start with what to do, or is done without', {
  timeout: 60_000,
}, async () => {
  const missing = join(folder, 'nowhere.csv')
  const config = join(folder, 'missing.yaml')
  writeFileSync(
    config,
    `sources: [{ type: http }]\nserver: { port: 0 }\nstate: { type: memory }\nbootstrap: { from: ${missing} }\n`,
  )
  expect(await runProgram(['run', '-c', config, '--json', '--log-level', 'error'])).toBe(1)
  const willing = await plant('willing', `{ from: ${missing}, onFailure: continue }`)
  await willing.ready()
  expect((await willing.sensors()).map(({ id, state }) => `${id} ${state}`)).toEqual(['pump warmup'])
  expect(await willing.stop()).toBe(0)
})

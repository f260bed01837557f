import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whileLocked } from '../../../../src/cli/registry/registry-lock.ts'

let folder = ''
let other: ChildProcess | undefined
const lock = (): string => join(folder, 'lock')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-lock-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  other?.kill('SIGKILL')
  other = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** Another process, which lives so long. */
function processFor(ms: number): number {
  other = spawn(process.execPath, ['-e', `setTimeout(() => {}, ${ms})`])
  return other.pid!
}

function heldBy(pid: number, ageMs = 0, host = hostname()): void {
  writeFileSync(lock(), JSON.stringify({ pid, host, token: 'another' }))
  const time = new Date(Date.now() - ageMs)
  utimesSync(lock(), time, time)
}

/** Time runs away, so that patience ends at once. */
function hurry(): void {
  let ms = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    ms += 2_000
    return ms
  })
}

test('names its owner while it is held and is gone afterwards, also after a failure', () => {
  const held = whileLocked(folder, () => JSON.parse(readFileSync(lock(), 'utf8')) as { pid: number })
  expect(held.pid).toBe(process.pid)
  expect(() =>
    whileLocked(folder, () => {
      throw new Error('in between')
    }),
  ).toThrow('in between')
  expect(readdirSync(folder)).toEqual([])
})

test('refuses, naming the owner, while a living process holds it, and leaves that lock alone', () => {
  const pid = processFor(60_000)
  heldBy(pid)
  hurry()
  expect(() => whileLocked(folder, () => 1)).toThrow(`is held by process ${pid} on ${hostname()}`)
  expect(existsSync(lock())).toBe(true)
})

test('takes over the lock of a process that died', async () => {
  const pid = processFor(1)
  await new Promise((resolve) => other!.once('exit', resolve))
  heldBy(pid)
  expect(whileLocked(folder, () => 1)).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test.each([
  ['of another machine', 2 ** 22 - 1, 'elsewhere'],
  ['of an earlier process with this id', process.pid, hostname()],
])('a lock %s counts while it is young, and is taken over when no change could last so long', (_, pid, host) => {
  hurry()
  heldBy(pid, 0, host)
  expect(() => whileLocked(folder, () => 1)).toThrow(/is held by/)
  heldBy(pid, 60_000, host)
  expect(whileLocked(folder, () => 1)).toBe(1)
})

test('what a crash left of taking over does not stand in the way for ever', () => {
  heldBy(2 ** 22 - 1, 60_000, 'elsewhere')
  writeFileSync(`${lock()}.removing`, '')
  const time = new Date(Date.now() - 60_000)
  utimesSync(`${lock()}.removing`, time, time)
  expect(whileLocked(folder, () => 1)).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

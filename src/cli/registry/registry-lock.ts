import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { OperatingError } from '../../base/errors.ts'
import { writeFailure } from '../../ports/write-failure.ts'
import { isAlive } from '../../state/directory-lock.ts'

/** A change takes milliseconds: who holds the lock for so long was stopped, or its process id belongs to another by now. */
const staleMs = 30_000
/** How long a change waits for another one. */
const patienceMs = 5_000
const pauseMs = 10
/** A lock of this age under the own process id is of an earlier process of that id, as in a container that came back. */
const ownMs = 1_000

interface Owner {
  readonly pid: number
  readonly host: string
  readonly token: string
}

/**
 * Does one change of a model's registry while no other process does one.
 *
 * Waits for another change, some seconds at most. The lock of a process that died is taken over; one of another machine,
 * whose processes cannot be seen, after half a minute. `change` must be short and synchronous.
 * Errors: `OperatingError('registry')` naming the owner, or a directory that cannot be written.
 */
export function whileLocked<T>(dir: string, change: () => T): T {
  const lock = join(dir, 'lock')
  const token = randomUUID()
  take(lock, { pid: process.pid, host: hostname(), token })
  try {
    return change()
  } finally {
    if (ownerOf(lock)?.token === token) rmSync(lock, { force: true })
  }
}

function take(lock: string, owner: Owner): void {
  const until = performance.now() + patienceMs
  while (!taken(lock, owner)) {
    if (isStale(lock)) {
      removeStale(lock)
    } else if (performance.now() > until) {
      const other = ownerOf(lock)
      const who = other === undefined ? 'another process' : `process ${other.pid} on ${other.host}`
      throw new OperatingError('registry', `${lock} is held by ${who}, which is changing this model; try again`)
    } else {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
    }
  }
}

/** Makes the lock where there is none. */
function taken(lock: string, owner: Owner): boolean {
  try {
    writeFileSync(lock, JSON.stringify(owner), { flag: 'wx' })
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw writeFailure(lock, cause, 'registry')
  }
}

function ownerOf(lock: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

function ageMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

function isStale(lock: string): boolean {
  const age = ageMs(lock)
  if (age > staleMs) return true
  const owner = ownerOf(lock)
  if (owner === undefined || owner.host !== hostname()) return false
  return owner.pid === process.pid ? age > ownMs : !isAlive(owner.pid)
}

/** Only who has the right to remove looks again and removes, so nobody takes away a lock that is new by then. */
function removeStale(lock: string): void {
  const right = `${lock}.removing`
  try {
    writeFileSync(right, '', { flag: 'wx' })
  } catch {
    if (ageMs(right) > staleMs) rmSync(right, { force: true })
    return
  }
  try {
    if (isStale(lock)) rmSync(lock, { force: true })
  } finally {
    rmSync(right, { force: true })
  }
}

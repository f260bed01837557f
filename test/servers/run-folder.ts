import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const variable = 'RESIDUA_TEST_RUN_FOLDER'
let serial = 0

/** Makes the folder of one test run and tells it to the test processes through the environment. */
export function openRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'residua-test-'))
  mkdirSync(join(folder, 'pids'))
  process.env[variable] = folder
  return folder
}

/** The folder of this test run: everything a server writes lies below it and goes with it. */
export function runFolder(): string {
  const folder = process.env[variable]
  if (folder !== undefined) return folder
  const own = openRunFolder()
  process.once('exit', () => closeRunFolder(own))
  return own
}

/** A new empty folder for one server. */
export function serverFolder(name: string): string {
  serial += 1
  const folder = join(runFolder(), `${name}-${process.pid}-${serial}`)
  mkdirSync(join(folder, 'config'), { recursive: true })
  mkdirSync(join(folder, 'data'))
  return folder
}

/** Writes down a started process, so that it is ended with the run even when its test process died before. */
export function notePid(pid: number): void {
  writeFileSync(join(runFolder(), 'pids', String(pid)), startTime(pid))
}

/** Forgets a process that has ended. */
export function forgetPid(pid: number): void {
  rmSync(join(runFolder(), 'pids', String(pid)), { force: true })
}

/** Ends what still runs of this test run, each by its id, and removes the folder. */
export function closeRunFolder(folder: string): void {
  for (const name of readdirSync(join(folder, 'pids'))) {
    const pid = Number(name)
    // Ids are given again: only a process with the same start time is ours.
    const noted = readFileSync(join(folder, 'pids', name), 'utf8')
    if (noted !== startTime(pid)) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended between the look and the signal.
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command in parentheses may hold spaces: fields count from behind it; field 22 is the start time.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return 'gone'
  }
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OperatingError } from '../base/errors.ts'

/**
 * Keeps two processes from writing one state directory: a file with the owner's process id.
 *
 * A file left by a killed process is taken over. Fails to see an owner in another container, where process ids differ.
 * Errors: `state` when a living process owns the directory. Returns the function that gives the lock back.
 */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, 'owner.pid')
  const owner = ownerOf(file)
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new OperatingError(
      'state',
      `the state in ${directory} is used by process ${owner}; stop that one, or give this one another state.path`,
    )
  }
  writeFileSync(file, String(process.pid))
  return () => rmSync(file, { force: true })
}

function ownerOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** Whether a process of this id runs, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

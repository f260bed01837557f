import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it, and answers with those that it made, the outermost first.
 *
 * Node's own recursive mkdir never ends where a file system makes no directories, as /proc; so it is used nowhere.
 * Errors: as the file system.
 */
export function makeDirectory(dir: string): string[] {
  if (existsSync(dir)) return []
  const above = makeDirectory(dirname(dir))
  try {
    mkdirSync(dir)
    return [...above, dir]
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(dir)) return above
    throw error
  }
}

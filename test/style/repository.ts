import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the clone. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A file of the clone, by its path from the root. */
export function readFile(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The parts of package.json that rules look at. */
export function readPackage(): {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
} {
  return JSON.parse(readFile('package.json'))
}

import { describe, expect, it } from 'vitest'
import { readFile } from './repository.ts'

interface LockEntry {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const packages = JSON.parse(readFile('package-lock.json')).packages as Readonly<Record<string, LockEntry>>
const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))

describe('the lock file', () => {
  it('lists every optional package, or npm ci refuses it: choose a version whose builds exist for every platform', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {})
        .filter((name) => !names.has(name))
        .map((name) => `${path}: ${name}`),
    )
    expect(missing).toEqual([])
  })
  it('names no registry, so that everyone installs from their own', () => {
    const named = Object.entries(packages).filter(([, { resolved }]) => resolved?.startsWith('http'))
    expect(named.map(([path]) => path)).toEqual([])
  })
})

import { nearestWord } from '../../config/nearest.ts'
import { shippedModels } from '../model-files.ts'
import type { RegistryRecord, VersionRecord } from './record.ts'
import { RegistryRefusal } from './registry-refusal.ts'

const nameForm = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/

/** Whether a text can be the name of a registered model: it is also the name of a folder. */
export function isName(name: string): boolean {
  return nameForm.test(name)
}

/** Errors: `RegistryRefusal` for a name that cannot be one, or that ships with the program. */
export function checkName(name: string): void {
  if (!isName(name)) {
    const form = '1 to 64 letters, digits, . _ or -, a letter or digit first and no dot last'
    throw new RegistryRefusal('invalid', `"${name}" cannot be the name of a model: it needs ${form}`)
  }
  if (Object.hasOwn(shippedModels, name)) {
    throw new RegistryRefusal('invalid', `"${name}" is a model that ships with Residua: choose another name`)
  }
}

/** A model's name and its version, of `NAME` or `NAME@VERSION`. */
export interface Reference {
  readonly name: string
  readonly version: number | null
}

/** Reads `NAME` or `NAME@VERSION` (`NAME@v3` is `NAME@3`); undefined for what has neither form. */
export function parseReference(text: string): Reference | undefined {
  const [, name, version] = /^([^@]+)(?:@v?([1-9]\d{0,8}))?$/.exec(text) ?? []
  if (name === undefined || !isName(name)) return undefined
  return { name, version: version === undefined ? null : Number(version) }
}

/** What a person is told of a name that is not registered: the nearest one, or all. */
export function unknownName(name: string, names: readonly string[], root: string): string {
  const nearest = nearestWord(name, names)
  const known = names.length === 0 ? `${root} has none yet` : `${root} has ${names.join(', ')}`
  return `no model "${name}" is registered: ${nearest === undefined ? known : `did you mean ${nearest}?`}`
}

/** A version of a record. Errors: `RegistryRefusal` naming those that there are. */
export function findVersion({ name, versions }: RegistryRecord, version: number): VersionRecord {
  const found = versions.find((one) => one.version === version)
  if (found !== undefined) return found
  const there = versions.map((one) => one.version).join(', ')
  throw new RegistryRefusal('unknown', `${name} has no version ${version}; there are ${there}`)
}

/** Why a rollback has no way. */
export function nothingToRollBackTo({ name, live, history }: RegistryRecord, to?: number): RegistryRefusal {
  const fix = `residua models promote ${name}@${to ?? 'VERSION'}`
  if (to !== undefined && to === live) return new RegistryRefusal('conflict', `${name}@${to} is live already`)
  if (history.length === 0) {
    const why = live === null ? 'no version of it is live' : `no other version was live before ${name}@${live}`
    return new RegistryRefusal('conflict', `${name} has nothing to roll back to: ${why}; ${fix} makes one live`)
  }
  const before = [...new Set(history)].map((version) => `${name}@${version}`).join(', ')
  return new RegistryRefusal('conflict', `${name}@${to} was not live before (${before} were); ${fix} makes it live`)
}

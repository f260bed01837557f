import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, renameSync, rmSync, type Stats, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf, OperatingError } from '../../base/errors.ts'
import type { RegisteredVersion as VersionOfModel } from '../../ports/plant-models.ts'
import { writeFailure } from '../../ports/write-failure.ts'
import { readAudit, recordChange } from './audit-log.ts'
import {
  type AuditEntry,
  auditPath,
  type RegistryRecord,
  readRecord,
  recordPath,
  syncDirectory,
  type VersionRecord,
  writeRecord,
} from './record.ts'
import { copyModels, describeModels, verifyFiles } from './registered-files.ts'
import { whileLocked } from './registry-lock.ts'
import { checkName, findVersion, isName, nothingToRollBackTo, unknownName } from './registry-names.ts'
import { RegistryRefusal } from './registry-refusal.ts'

/** Where models are registered unless a configuration, an option or `RESIDUA_MODELS` says otherwise. */
export const defaultRegistry = './residua-models'

/** Who makes a change, and why; both are kept in the audit log. */
export interface Who {
  readonly by: string
  readonly reason: string
}

/** One version of a model: a copy that nobody changes. */
export interface RegisteredVersion extends VersionOfModel {
  /** Absolute: a model directory, or one with a model a sensor. */
  readonly dir: string
}

/** A model with its versions. */
export interface RegisteredModel {
  readonly name: string
  readonly live: number | null
  /** The version that is to be compared with the live one. */
  readonly shadow: number | null
  /** What was live before, newest last; a rollback goes there. */
  readonly history: readonly number[]
  readonly versions: readonly RegisteredVersion[]
  /** Grows with each change. */
  readonly revision: number
}

/** What is changed of a record; its revision and audit entry come with it. */
type Change = Pick<AuditEntry, 'action' | 'version' | 'from'> & Partial<Omit<RegistryRecord, 'change' | 'revision'>>

const copyPrefix = 'adding-'
/** A copy that is older was left by a process that died. */
const leftCopyMs = 3_600_000

/** A file as it was when it was read last. */
interface Seen {
  readonly stamp: string
  readonly revision: number
}

/**
 * The models of a plant on disk: `<root>/<name>/registry.json`, `v1/`, `v2/`, …, `audit.ndjson`.
 *
 * A change is made under a lock and is visible whole or not at all; readers need no lock. All calls are synchronous.
 * Errors: `RegistryRefusal` for what is asked wrongly, `OperatingError('registry')` for the file system,
 * `OperatingError('model')` for a version whose files are damaged.
 */
export class Registry {
  readonly root: string
  readonly #seen = new Map<string, Seen>()

  /** `root` need not exist; the first model makes it. */
  constructor(root: string) {
    this.root = resolve(root)
  }

  /** A model; null where there is none of this name. */
  read(name: string): RegisteredModel | null {
    const record = isName(name) ? readRecord(this.#dir(name)) : undefined
    return record === undefined ? null : this.#modelOf(record)
  }

  /** A model. Errors: `RegistryRefusal` for a name that is not registered, with the nearest one. */
  model(name: string): RegisteredModel {
    return this.#modelOf(this.#record(name))
  }

  /** All models whose record can be read, by name. */
  list(): RegisteredModel[] {
    return this.survey().models
  }

  /** All models, by name, and what is wrong with those whose record cannot be read. */
  survey(): { readonly models: RegisteredModel[]; readonly damaged: string[] } {
    const models: RegisteredModel[] = []
    const damaged: string[] = []
    for (const name of this.names()) {
      try {
        models.push(this.model(name))
      } catch (error) {
        damaged.push(messageOf(error))
      }
    }
    return { models, damaged }
  }

  /** Names of all models, sorted. Errors: `OperatingError('registry')` for a root that cannot be read. */
  names(): string[] {
    try {
      const entries = readdirSync(this.root)
      return entries.filter((name) => isName(name) && isThere(this.#dir(name))).sort()
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new OperatingError('registry', `${this.root} cannot be read: ${messageOf(cause)}`, { cause })
    }
  }

  /** The revision of a model, null where there is none; only a look at the file's times while nothing changes. */
  revision(name: string): number | null {
    if (!isName(name)) return null
    let stats: Stats
    try {
      stats = statSync(recordPath(this.#dir(name)))
    } catch {
      return null
    }
    const stamp = `${stats.ino} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.size}`
    const seen = this.#seen.get(name)
    if (seen?.stamp === stamp) return seen.revision
    const revision = readRecord(this.#dir(name))?.revision ?? null
    if (revision !== null) this.#seen.set(name, { stamp, revision })
    return revision
  }

  /** Every change of a model, oldest first. */
  audit(name: string): AuditEntry[] {
    const record = this.#record(name)
    return readAudit(this.#dir(name), record)
  }

  /** Where a model's directory lies. */
  directory(name: string): string {
    this.#record(name)
    return this.#dir(name)
  }

  /** A version of a model. Errors: `RegistryRefusal` for an unknown name or version. */
  version(name: string, version: number): RegisteredVersion {
    return this.#versionOf(name, findVersion(this.#record(name), version))
  }

  /** Compares a version's files with what was registered. Errors: `OperatingError('model')` naming the file. */
  verify(name: string, version: number): void {
    const record = this.#record(name)
    this.#verify(record, version)
  }

  /**
   * Copies a model directory and registers it as the next version; a model that is there already is that version.
   *
   * Errors: `RegistryRefusal` for a name that cannot be one; as reading a model.
   */
  add(name: string, dir: string, who: Who): RegisteredVersion {
    checkName(name)
    const described = describeModels(resolve(dir))
    const home = this.#dir(name)
    const there = readRecord(home)?.versions.find(({ fingerprint }) => fingerprint === described.fingerprint)
    if (there !== undefined) return this.#versionOf(name, there)
    const copy = join(home, `${copyPrefix}${randomUUID()}`)
    try {
      attempt(home, () => copyModels(resolve(dir), copy))
      verifyFiles(copy, `the copy of ${dir}`, described)
      return whileLocked(home, () => this.#register(name, copy, described, who))
    } finally {
      if (existsSync(copy)) rmSync(copy, { recursive: true })
    }
  }

  /** Makes a version live; a shadow that becomes live is no shadow any more. */
  promote(name: string, version: number, who: Who): RegisteredModel {
    return this.#change(name, who, (record) => {
      findVersion(record, version)
      if (record.live === version) return null
      this.#verify(record, version)
      const history = record.live === null ? record.history : [...record.history, record.live]
      return { action: 'promote', version, from: record.live, history, ...madeLive(record, version) }
    })
  }

  /**
   * Makes live again what was live before, or the last time that `to` was.
   *
   * Errors: `RegistryRefusal` where nothing was live before, or `to` never was.
   */
  rollback(name: string, who: Who, to?: number): RegisteredModel {
    return this.#change(name, who, (record) => {
      const at = to === undefined ? record.history.length - 1 : record.history.lastIndexOf(to)
      const version = record.history[at]
      if (version === undefined) throw nothingToRollBackTo(record, to)
      this.#verify(record, version)
      const history = record.history.slice(0, at)
      return { action: 'rollback', version, from: record.live, history, ...madeLive(record, version) }
    })
  }

  /** Makes a version the shadow, or ends the shadow with null. */
  shadow(name: string, version: number | null, who: Who): RegisteredModel {
    return this.#change(name, who, (record) => {
      if (version === record.shadow) return null
      if (version === null) return { action: 'end-shadow', version: record.shadow, from: record.shadow, shadow: null }
      findVersion(record, version)
      if (version === record.live) {
        throw new RegistryRefusal('conflict', `${name}@${version} is live: a shadow is compared with another version`)
      }
      this.#verify(record, version)
      return { action: 'shadow', version, from: record.shadow, shadow: version }
    })
  }

  #dir(name: string): string {
    return join(this.root, name)
  }

  #record(name: string): RegistryRecord {
    const record = isName(name) ? readRecord(this.#dir(name)) : undefined
    if (record !== undefined) return record
    throw new RegistryRefusal('unknown', unknownName(name, this.names(), this.root))
  }

  #modelOf({ name, live, shadow, history, versions, revision }: RegistryRecord): RegisteredModel {
    const all = versions.map((version) => this.#versionOf(name, version))
    return { name, live, shadow, history, versions: all, revision }
  }

  #versionOf(name: string, { files: _files, ...rest }: VersionRecord): RegisteredVersion {
    return { ...rest, dir: join(this.#dir(name), `v${rest.version}`) }
  }

  #verify(record: RegistryRecord, version: number): void {
    const found = findVersion(record, version)
    verifyFiles(join(this.#dir(record.name), `v${version}`), `${record.name}@${version}`, found)
  }

  /** Under the lock: gives a copy its number. What a crash left under that number was never registered. */
  #register(name: string, copy: string, described: Omit<VersionRecord, 'version' | 'addedAt' | 'addedBy'>, who: Who) {
    const home = this.#dir(name)
    const record = readRecord(home)
    const there = record?.versions.find(({ fingerprint }) => fingerprint === described.fingerprint)
    if (there !== undefined) return this.#versionOf(name, there)
    // A record that was put back from a backup is older than the log: a version that it does not know stays as it is.
    const known = [...(record?.versions ?? []), ...readAudit(home).filter(({ action }) => action === 'add')]
    const version = Math.max(0, ...known.map(({ version }) => version ?? 0)) + 1
    const place = join(home, `v${version}`)
    attempt(place, () => {
      removeLeftCopies(home, copy)
      rmSync(place, { recursive: true, force: true })
      renameSync(copy, place)
      syncDirectory(home)
    })
    const added: VersionRecord = { version, addedAt: new Date().toISOString(), addedBy: who.by, ...described }
    const versions = [...(record?.versions ?? []), added]
    this.#commit(name, record, { action: 'add', version, from: null, versions }, who)
    return this.#versionOf(name, added)
  }

  #change(name: string, who: Who, change: (record: RegistryRecord) => Change | null): RegisteredModel {
    this.#record(name)
    return whileLocked(this.#dir(name), () => {
      const record = this.#record(name)
      const changed = change(record)
      return this.#modelOf(changed === null ? record : this.#commit(name, record, changed, who))
    })
  }

  /** The record first, which holds its own audit entry, then the log: after a crash the next change completes the log. */
  #commit(name: string, before: RegistryRecord | undefined, changed: Change, who: Who): RegistryRecord {
    const home = this.#dir(name)
    const { action, version, from, ...fields } = changed
    const revision = (before?.revision ?? 0) + 1
    const at = new Date().toISOString()
    const change = { at, by: who.by, action, model: name, version, from, reason: who.reason, revision }
    const none = { format: 1 as const, name, live: null, shadow: null, history: [], versions: [] }
    const after: RegistryRecord = { ...none, ...before, ...fields, revision, change }
    if (before !== undefined) recordChange(home, before)
    writeRecord(home, after)
    recordChange(home, after)
    return after
  }
}

function attempt(path: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    throw writeFailure(path, cause, 'registry')
  }
}

/** A directory with an audit log and no record is a model, too: a damaged one. */
function isThere(home: string): boolean {
  return existsSync(recordPath(home)) || existsSync(auditPath(home))
}

function madeLive({ shadow }: RegistryRecord, version: number): Partial<RegistryRecord> {
  return { live: version, shadow: shadow === version ? null : shadow }
}

function removeLeftCopies(home: string, own: string): void {
  for (const name of readdirSync(home)) {
    const path = join(home, name)
    if (!name.startsWith(copyPrefix) || path === own) continue
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && Date.now() - stats.mtimeMs > leftCopyMs) rmSync(path, { recursive: true, force: true })
  }
}

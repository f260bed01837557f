import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, OperatingError } from '../../base/errors.ts'
import { writeFailure } from '../../ports/write-failure.ts'
import { misfitOf, trainedOnSchema } from '../model-card.ts'

const version = z.object({
  version: z.int().min(1),
  addedAt: z.string(),
  addedBy: z.string(),
  fingerprint: z.string(),
  /** Sensors with a model of their own; 0: one model for any. */
  sensors: z.int().min(0),
  parent: z.string().nullable(),
  data: trainedOnSchema.nullable(),
  metrics: z.record(z.string(), z.number()).nullable(),
  /** SHA-256 by path of what is loaded. */
  files: z.record(z.string(), z.string()),
})

/** One line of the audit log. */
export const auditEntry = z.object({
  at: z.string(),
  by: z.string(),
  action: z.enum(['add', 'promote', 'rollback', 'shadow', 'end-shadow']),
  model: z.string(),
  version: z.int().nullable(),
  /** What was live (or, for a shadow, what was the shadow) before. */
  from: z.int().nullable(),
  reason: z.string(),
  revision: z.int().min(1),
})

const recordSchema = z.object({
  format: z.literal(1),
  name: z.string(),
  revision: z.int().min(1),
  live: z.int().nullable(),
  shadow: z.int().nullable(),
  history: z.array(z.int()),
  versions: z.array(version),
  /** The change that made this revision: with it a crash between this file and the audit log loses no entry. */
  change: auditEntry,
})

/** What `registry.json` holds. */
export type RegistryRecord = z.infer<typeof recordSchema>
/** A version as `registry.json` has it. */
export type VersionRecord = z.infer<typeof version>
/** One change: who made it, when and why. `at` is ISO 8601, wall time. */
export type AuditEntry = Readonly<z.infer<typeof auditEntry>>

const file = 'registry.json'

/** Where a model's record lies. */
export function recordPath(dir: string): string {
  return join(dir, file)
}

/** Where a model's audit log lies. */
export function auditPath(dir: string): string {
  return join(dir, 'audit.ndjson')
}

/** A model's record; undefined where there is none. Errors: `OperatingError('registry')` for a file that is damaged or lost. */
export function readRecord(dir: string): RegistryRecord | undefined {
  const path = recordPath(dir)
  const fix = 'put it back from a backup, or move its directory away and add the versions in it again'
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOTDIR' || (code === 'ENOENT' && !existsSync(auditPath(dir)))) return undefined
    const what = code === 'ENOENT' ? 'is missing, but there was one' : `cannot be read (${messageOf(cause)})`
    throw new OperatingError('registry', `${path} ${what}: ${fix}`, { cause })
  }
  try {
    return recordSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new OperatingError('registry', `${path} is damaged (${misfitOf(cause)}): ${fix}`, { cause })
  }
}

/** Puts a model's record in place of the last, whole or not at all. Errors: `OperatingError('registry')`. */
export function writeRecord(dir: string, record: RegistryRecord): void {
  const path = recordPath(dir)
  const beside = `${path}.${process.pid}.part`
  try {
    writeFileSync(beside, `${JSON.stringify(record, null, 2)}\n`, { flush: true })
    renameSync(beside, path)
    syncDirectory(dir)
  } catch (cause) {
    throw writeFailure(path, cause, 'registry')
  }
}

/** Makes the names in a directory survive a power cut; systems that cannot open directories need it not. */
export function syncDirectory(dir: string): void {
  let handle: number
  try {
    handle = openSync(dir, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(handle)
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    closeSync(handle)
  }
}

import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { messageOf, OperatingError } from '../../base/errors.ts'
import { writeFailure } from '../../ports/write-failure.ts'
import { type AuditEntry, auditEntry, auditPath, type RegistryRecord, syncDirectory } from './record.ts'

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new OperatingError('registry', `${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

/** The whole lines; what a crash left of a line that was being written is not among them. */
function entriesOf(path: string, text: string): AuditEntry[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.flatMap((line, at) => {
    if (line === '') return []
    try {
      return [auditEntry.parse(JSON.parse(line))]
    } catch (cause) {
      const fix = 'put the log back from a backup, or move it away: the versions stay, and a new log begins'
      throw new OperatingError('registry', `${path}:${at + 1} is no entry of an audit log: ${fix}`, { cause })
    }
  })
}

/** Every change of a model, oldest first, the last one of its record even where a crash kept it from the log. */
export function readAudit(dir: string, record?: RegistryRecord): AuditEntry[] {
  const path = auditPath(dir)
  const entries = entriesOf(path, textOf(path))
  if (record === undefined || entries.at(-1)?.revision === record.change.revision) return entries
  return [...entries, record.change]
}

/**
 * Writes the change of a record to the end of the log, unless it is there. Call under the lock.
 *
 * A crash between record and log is healed by calling it again before the next change; half a line at the end goes.
 * Errors: `OperatingError('registry')`.
 */
export function recordChange(dir: string, { change }: RegistryRecord): void {
  const path = auditPath(dir)
  const text = textOf(path)
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const last = entriesOf(path, whole.slice(whole.lastIndexOf('\n', whole.length - 2) + 1)).at(-1)
  if (last?.revision === change.revision && whole.length === text.length) return
  try {
    const handle = openSync(path, 'a')
    try {
      if (whole.length < text.length) ftruncateSync(handle, Buffer.byteLength(whole))
      if (last?.revision !== change.revision) writeSync(handle, `${JSON.stringify(change)}\n`)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    syncDirectory(dir)
  } catch (cause) {
    throw writeFailure(path, cause, 'registry')
  }
}

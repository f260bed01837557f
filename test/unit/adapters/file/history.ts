import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll } from 'vitest'
import { FileSource, type FileSourceOptions } from '../../../../src/adapters/file/source.ts'
import type { RawRecord } from '../../../../src/domain/record.ts'
import { silentLog } from '../../../../src/ports/log.ts'
import type { HistoryListener, SourceContext } from '../../../../src/ports/source.ts'
import { collect } from '../../codec/collect.ts'

/** A folder of its own for one test file. */
export const folder = mkdtempSync(join(tmpdir(), 'residua-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes a file, compressed when its name says so; answers with its path. */
export function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(content) : content)
  return path
}

/** What a source gave until it ended. */
export interface Read {
  readonly readings: readonly [sensor: string, timeMs: number | undefined, value: number, quality: number][]
  readonly rejects: readonly [reason: string, line: number | undefined][]
  readonly records: readonly RawRecord[]
  readonly positions: readonly Readonly<Record<string, string>>[]
  readonly warnings: readonly string[]
}

/** Runs a file source to its end and decodes all it delivers. Errors: whatever made the source fail. */
export async function readFiles(
  options: FileSourceOptions,
  context: Partial<SourceContext> = {},
  listener?: HistoryListener,
): Promise<Read> {
  const source = new FileSource('files', options, listener)
  const records: RawRecord[] = []
  const positions: Readonly<Record<string, string>>[] = []
  const warnings: string[] = []
  let fail: (error: unknown) => void = () => undefined
  const failure = new Promise<never>((_, reject) => {
    fail = reject
  })
  await source.start({
    clock: { now: () => 1_800_000_000_000 },
    log: { ...silentLog, warn: (_, message) => void warnings.push(message) },
    positions: {},
    deliver: async (delivery) => {
      records.push(...delivery.records)
      positions.push(delivery.positions)
    },
    revoked: () => undefined,
    connected: () => undefined,
    lag: () => undefined,
    failed: fail,
    ...context,
  })
  await Promise.race([source.finished, failure])
  const found = records.map((record) => collect(source.decoder, record.bytes, record))
  return {
    readings: found.flatMap(({ readings }) => readings),
    rejects: found.flatMap(({ rejects }) => rejects),
    records,
    positions,
    warnings,
  }
}

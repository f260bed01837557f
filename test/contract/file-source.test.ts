import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileSource } from '../../src/adapters/file/index.ts'
import type { Source } from '../../src/ports/source.ts'
import { type SourceHarness, sourceSuite } from './source-suite.ts'

/** The suite counts records; a file hands over blocks of lines, so its blocks are shown to the suite line by line. */
function byLine(source: Source): Source {
  return {
    name: source.name,
    decoder: source.decoder,
    start: (context) =>
      source.start({
        ...context,
        clock: context.clock,
        log: context.log,
        positions: context.positions,
        connected: (up, reason) => context.connected(up, reason),
        failed: (error) => context.failed(error),
        lag: (readings) => context.lag(readings),
        revoked: (names) => context.revoked(names),
        deliver: (delivery) => {
          const records = delivery.records.flatMap((record) =>
            Buffer.from(record.bytes)
              .toString()
              .trimEnd()
              .split('\n')
              .map((text) => ({ ...record, bytes: Buffer.from(text) })),
          )
          return context.deliver({ ...delivery, records, acknowledge: () => delivery.acknowledge() })
        },
      }),
    stop: () => source.stop(),
    close: () => source.close(),
  }
}

sourceSuite('a file', async (): Promise<SourceHarness> => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-file-'))
  const path = join(folder, 'history.ndjson')
  writeFileSync(path, '')
  return {
    create: () => byLine(fileSource.create('history', fileSource.options.parse({ type: 'file', paths: [path] }))),
    send: async (texts) => appendFileSync(path, texts.map((text) => `${text}\n`).join('')),
    sendFirst: true,
    remembers: false,
    close: async () => rmSync(folder, { recursive: true }),
  }
})

import { describe, expect, it } from 'vitest'
import { sourceAdapters } from '../../src/adapters/registry.ts'
import type { SourceAdapter } from '../../src/ports/adapter.ts'

/** Where each kind of the registry runs the suite of `source-suite.ts`, or why it cannot. */
const suites: Readonly<Record<keyof typeof sourceAdapters, string>> = {
  mqtt: 'needs a broker: test/integration/mqtt-source.test.ts runs the suite',
  kafka: 'needs a broker: test/integration/kafka-source.test.ts runs the suite',
  file: 'test/contract/file-source.test.ts runs the suite',
  http: 'has nothing to read again: who gets no answer sends again; test/unit/adapters/http/source.test.ts',
}

/** The least options of each kind. */
const least: Readonly<Record<keyof typeof sourceAdapters, Readonly<Record<string, unknown>>>> = {
  mqtt: { url: 'mqtt://127.0.0.1', topics: ['a'] },
  kafka: { brokers: ['127.0.0.1:9092'], topics: ['a'] },
  file: { paths: ['a.csv'] },
  http: {},
}

for (const [type, where] of Object.entries(suites)) it.skip(`${type} ${where}`)

describe.each(Object.entries(sourceAdapters) as [keyof typeof sourceAdapters, SourceAdapter<unknown>][])(
  'the %s source of the registry',
  (type, adapter) => {
    const options = { type, ...least[type] }

    it('is listed under its own type', () => {
      expect(adapter.type).toBe(type)
      expect(adapter.options.safeParse(options).success).toBe(true)
    })

    it('refuses another type, and a key that nobody knows', () => {
      expect(adapter.options.safeParse({ ...options, type: 'something-else' }).success).toBe(false)
      const { error } = adapter.options.safeParse({ ...options, noSuchOption: 1 })
      expect(JSON.stringify(error?.issues)).toContain('noSuchOption')
    })

    it('does nothing before it is started, has its name and a decoder, and can be closed at once', async () => {
      const source = adapter.create('one', adapter.options.parse(options))
      expect(source.name).toBe('one')
      expect(typeof source.decoder.decode).toBe('function')
      await source.stop()
      await source.close()
    })
  },
)

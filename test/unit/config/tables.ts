import { z } from 'zod'
import type { AdapterTables } from '../../../src/config/parse.ts'
import { duration, secret, sinkSettings } from '../../../src/ports/options.ts'

/** Small adapter tables, so that these tests do not depend on the adapters' own options. */
export const tables: AdapterTables = {
  sources: {
    mqtt: {
      type: 'mqtt',
      options: z.strictObject({
        type: z.literal('mqtt'),
        url: z.url(),
        topics: z.array(z.string()).min(1),
        password: secret().optional(),
        keepAlive: duration().default(30_000),
        codec: z
          .discriminatedUnion('type', [
            z.strictObject({ type: z.literal('json'), value: z.string().default('$.value') }),
            z.strictObject({ type: z.literal('csv') }),
          ])
          .prefault({ type: 'json' }),
      }),
    },
  },
  sinks: {
    webhook: {
      type: 'webhook',
      options: z.strictObject({
        type: z.literal('webhook'),
        url: z.url(),
        secret: secret().optional(),
        ...sinkSettings({ policy: 'spill' }),
      }),
    },
  },
  deadLetters: {
    file: { type: 'file', options: z.strictObject({ type: z.literal('file'), path: z.string() }) },
  },
  histories: {
    file: { type: 'file', options: z.strictObject({ type: z.literal('file'), paths: z.array(z.string()).min(1) }) },
    kafka: {
      type: 'kafka',
      options: z.strictObject({
        type: z.literal('kafka'),
        brokers: z.array(z.string().regex(/^[^:]+:\d+$/, 'expected HOST:PORT')),
        topics: z.array(z.string()),
        password: secret().optional(),
      }),
    },
  },
}

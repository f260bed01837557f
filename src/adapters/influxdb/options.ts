import { z } from 'zod'
import { httpUrl, requestTimeout } from '../../ports/http-options.ts'
import { duration, secret, sinkSettings, tls } from '../../ports/options.ts'

const every = {
  type: z.literal('influxdb'),
  /** Address of the server, with its path prefix when it has one. */
  url: httpUrl(),
  tls: tls().optional(),
  timeout: requestTimeout(),
  /** Which readings become `residua_score` points. */
  scores: z.enum(['all', 'changes', 'none']).default('changes'),
  /** Whether alarm transitions become `residua_alarm` points. */
  alarms: z.boolean().default(true),
  ...sinkSettings({ policy: 'spill' }),
}

const version1 = z
  .strictObject({
    version: z.literal(1),
    ...every,
    /** Made when it is missing, if the user may. */
    database: z.string().min(1),
    retentionPolicy: z.string().min(1).optional(),
    username: z.string().min(1).optional(),
    password: secret().optional(),
  })
  .refine((options) => (options.username === undefined) === (options.password === undefined), {
    path: ['password'],
    error: 'expected username and password together',
  })

const version2 = z.strictObject({
  version: z.literal(2),
  ...every,
  org: z.string().min(1),
  bucket: z.string().min(1),
  token: secret(),
})

const version3 = z.strictObject({
  version: z.literal(3),
  ...every,
  database: z.string().min(1),
  /** May be missing only where the server runs without authentication. */
  token: secret().optional(),
})

/** Options of the InfluxDB sink, one form for each major version of the server. */
export const influxdbOptions = z.discriminatedUnion('version', [version1, version2, version3], {
  error: 'expected version 1, 2 or 3: the major version of the InfluxDB server',
})
/** Parsed options of the InfluxDB sink. */
export type InfluxdbOptions = z.infer<typeof influxdbOptions>
/** Parsed options for a server of version 1. */
export type Influxdb1Options = z.infer<typeof version1>
/** Parsed options for a server that takes line protocol and a token. */
export type InfluxdbTokenOptions = z.infer<typeof version2> | z.infer<typeof version3>

/** Options of history that InfluxDB has: one InfluxQL query, to a server of version 1, or a later one that understands it. */
export const influxdbHistoryOptions = z
  .strictObject({
    type: z.literal('influxdb'),
    url: httpUrl(),
    tls: tls().optional(),
    /** How long the server may be silent. */
    timeout: duration().default(60_000),
    database: z.string().min(1),
    retentionPolicy: z.string().min(1).optional(),
    /** Its rows are read in the order in which they come. */
    query: z.string().regex(/^\s*select\b/i, 'expected an InfluxQL query: SELECT … FROM …'),
    username: z.string().min(1).optional(),
    password: secret().optional(),
  })
  .refine((options) => (options.username === undefined) === (options.password === undefined), {
    path: ['password'],
    error: 'expected username and password together',
  })
/** Parsed options of history in InfluxDB. */
export type InfluxdbHistoryOptions = z.infer<typeof influxdbHistoryOptions>

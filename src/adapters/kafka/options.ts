import { z } from 'zod'
import { codecOptions, topicPath } from '../../codec/options.ts'
import { duration, secret, sinkSettings, tls } from '../../ports/options.ts'

const broker = z.string().regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'expected HOST:PORT')

/** A topic's name as Kafka allows it. */
const topic = z
  .string()
  .regex(/^[\w.-]{1,249}$/, 'expected the name of a topic: letters, digits, dot, underscore and hyphen')

/** How to reach a cluster, for the source, the sink and the dead letters alike. */
const connection = {
  brokers: z.array(broker).min(1, 'expected at least one HOST:PORT'),
  clientId: z.string().min(1).default('residua'),
  tls: z.union([tls(), z.boolean()]).default(false),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('plain'),
      username: z.string().min(1),
      password: secret(),
    })
    .optional(),
}

const compression = z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('none')

/**
 * Options of the Kafka source.
 *
 * `group` is the consumer group; members of one group divide the partitions. `fromBeginning` says where a group that
 * has no position begins: at the oldest message, or (default) at the next one. A position that is stored with the state
 * wins over the group's. `path` turns levels of the topic (parted by `/`, so usually the whole name) into labels.
 */
export const kafkaSourceOptions = z.strictObject({
  type: z.literal('kafka'),
  ...connection,
  topics: z.array(topic).min(1, 'expected at least one topic'),
  group: z.string().min(1).default('residua'),
  path: topicPath().optional(),
  codec: codecOptions,
  fromBeginning: z.boolean().default(false),
  sessionTimeout: duration().default(10_000),
  heartbeatInterval: duration().default(2_000),
})

/** Parsed options of the Kafka source. */
export type KafkaSourceOptions = z.infer<typeof kafkaSourceOptions>

/** Options of history that Kafka topics hold: all of it, from the oldest message to the newest at the start. */
export const kafkaHistoryOptions = z.strictObject({
  type: z.literal('kafka'),
  ...connection,
  topics: z.array(topic).min(1, 'expected at least one topic'),
  path: topicPath().optional(),
  codec: codecOptions,
})

/** Parsed options of history in Kafka topics. */
export type KafkaHistoryOptions = z.infer<typeof kafkaHistoryOptions>

/**
 * Options of the Kafka sink.
 *
 * `scores` and `alarms` are topics; what has no topic is not written. `select` says which scores: the deciding ones
 * (`changes`) or `all`. `form: reading` writes a message a reading, keyed by the asset or else the sensor; `form: batch`
 * writes one array for each partition and batch, each reading in the partition its key decides, without a key.
 */
export const kafkaSinkOptions = z
  .strictObject({
    type: z.literal('kafka'),
    ...connection,
    scores: topic.optional(),
    alarms: topic.optional(),
    select: z.enum(['changes', 'all']).default('changes'),
    form: z.enum(['reading', 'batch']).default('reading'),
    compression,
    timeout: duration().default(10_000),
    ...sinkSettings({ policy: 'block' }),
  })
  .refine(({ scores, alarms }) => scores !== undefined || alarms !== undefined, {
    path: ['scores'],
    error: 'expected scores: TOPIC, alarms: TOPIC, or both',
  })

/** Parsed options of the Kafka sink. */
export type KafkaSinkOptions = z.infer<typeof kafkaSinkOptions>

/**
 * Options of the Kafka dead-letter sink: what cannot be decoded, with its original bytes, and the headers `reason`,
 * `detail`, `source`, `topic` and `arrival` (ms since 1970).
 */
export const kafkaDeadLetterOptions = z.strictObject({
  type: z.literal('kafka'),
  ...connection,
  topic: topic.default('residua.dead-letter'),
  compression,
  timeout: duration().default(10_000),
})

/** Parsed options of the Kafka dead-letter sink. */
export type KafkaDeadLetterOptions = z.infer<typeof kafkaDeadLetterOptions>

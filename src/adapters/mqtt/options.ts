import { z } from 'zod'
import { codecOptions, topicPath } from '../../codec/options.ts'
import { duration, secret, sinkSettings, tls } from '../../ports/options.ts'
import { topicFilterMistake } from './topic.ts'

const brokerUrl = z.string().refine(isBrokerUrl, {
  error:
    'expected the address of a broker, mqtt://HOST:PORT or mqtts://, ws://, wss://, without a user name: that stands in username and password',
})

function isBrokerUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return (
    url !== undefined &&
    ['mqtt:', 'mqtts:', 'ws:', 'wss:'].includes(url.protocol) &&
    url.hostname !== '' &&
    url.username === '' &&
    url.password === ''
  )
}

const topicFilter = z.string().superRefine((filter, context) => {
  const mistake = topicFilterMistake(filter)
  if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake })
})

/** How to reach a broker, for the source and the sink alike. */
const connection = {
  url: brokerUrl,
  username: z.string().optional(),
  password: secret().optional(),
  protocolVersion: z.union([z.literal(5), z.literal(4)]).default(5),
  keepAlive: duration().default(30_000),
  tls: tls().optional(),
}

/**
 * Options of the MQTT source.
 *
 * `clientId` names the session and must be unique on the broker; default `residua-NAME`, NAME being the source's.
 * `persistent` asks the broker to keep session and undelivered messages while we are away, `sessionExpiry` for how long
 * (version 5; a 3.1.1 broker decides itself). `inflight` bounds the messages that wait for our acknowledgement. The broker's
 * own bounds matter as much: beyond Mosquitto's `max_queued_messages` (1,000) it drops what we have not yet acknowledged.
 * `topics` may be shared subscriptions, `$share/GROUP/FILTER`; each member needs its own `clientId`.
 */
export const mqttSourceOptions = z.strictObject({
  type: z.literal('mqtt'),
  ...connection,
  topics: z.array(topicFilter).min(1, 'expected at least one topic filter'),
  path: topicPath().optional(),
  codec: codecOptions,
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(1),
  clientId: z.string().min(1).max(200).optional(),
  persistent: z.boolean().default(true),
  sessionExpiry: duration().default(86_400_000),
  inflight: z.int().min(1).max(65_535).default(10_000),
})

/** Parsed options of the MQTT source. */
export type MqttSourceOptions = z.infer<typeof mqttSourceOptions>

/**
 * Options of the MQTT sink.
 *
 * Alarms are published, retained, as `PREFIX/PLANT/alarm/SENSOR`; scores, when asked for, as `PREFIX/PLANT/score/SENSOR`.
 */
export const mqttSinkOptions = z.strictObject({
  type: z.literal('mqtt'),
  ...connection,
  prefix: z
    .string()
    .regex(/^[^#+\0]+$/, 'expected the beginning of a topic, without #, + and NUL')
    .default('residua'),
  scores: z.enum(['none', 'changes', 'all']).default('none'),
  alarms: z.boolean().default(true),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(1),
  clientId: z.string().min(1).max(200).optional(),
  timeout: duration().default(10_000),
  ...sinkSettings({ policy: 'spill' }),
})

/** Parsed options of the MQTT sink. */
export type MqttSinkOptions = z.infer<typeof mqttSinkOptions>

import kafkajs, { type Kafka, type KafkaConfig, type RetryOptions, type SASLOptions } from 'kafkajs'
import type { Log } from '../../ports/log.ts'
import { readSecret } from '../../ports/secret.ts'
import { readTls, type TlsOptions } from '../../ports/tls-files.ts'
import { registerCompression } from './compression.ts'

/** How to reach a cluster, and as whom, as the options of source, sink and dead letters say it. */
export interface ConnectionOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls: boolean | TlsOptions
  readonly sasl?:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
        readonly username: string
        readonly password: string
      }
    | undefined
}

/**
 * A kafkajs client for these options, with every compression registered and its log among our debug lines: what matters
 * of it is reported by the adapters in their own words.
 *
 * Errors: `auth` when the password's reference leads nowhere, `connect` when a certificate file cannot be read.
 */
export function createKafka(
  options: ConnectionOptions,
  log: Log,
  retry: RetryOptions,
  requestTimeoutMs: number,
): Kafka {
  registerCompression()
  const config: KafkaConfig = {
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: 3_000,
    authenticationTimeout: 5_000,
    requestTimeout: requestTimeoutMs,
    retry,
    logCreator:
      () =>
      ({ namespace, log: { message, ...fields } }) =>
        log.debug({ namespace, error: fields['error'] }, `kafkajs: ${message}`),
    ...(options.tls === false ? {} : { ssl: options.tls === true ? true : readTls(options.tls, 'connect') }),
    ...(options.sasl === undefined ? {} : { sasl: saslOptions(options.sasl) }),
  }
  return new kafkajs.Kafka(config)
}

/** The mechanism is a discriminant in the types of kafkajs: a union is spread over its members. */
function saslOptions(sasl: NonNullable<ConnectionOptions['sasl']>): SASLOptions {
  const { mechanism, username } = sasl
  return { mechanism, username, password: readSecret(sasl.password) } as SASLOptions
}

import { type ErrorCode, messageOf, OperatingError } from '../../base/errors.ts'

/** What went wrong, in the words of the error table. */
export interface Failure {
  readonly code: 'auth' | 'missing' | 'timeout' | 'rejected' | 'unreachable' | 'server'
  readonly text: string
}

const refusedTypes: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'the cluster does not authorise this user for the topic',
  GROUP_AUTHORIZATION_FAILED: 'the cluster does not authorise this user for the consumer group',
  CLUSTER_AUTHORIZATION_FAILED: 'the cluster does not authorise this user',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'the cluster does not authorise this user to write',
}

const rejectedTypes = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'INVALID_TOPIC_EXCEPTION',
])

const connectionNames = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
])

/** Finds the cause in what kafkajs throws: it wraps errors in "retries exceeded" and the like. */
export function failureOf(error: unknown): Failure {
  const chain = causes(error)
  const innermost = messageOf(chain.at(-1))
  for (const cause of chain) {
    const { name, type } = cause
    if (cause instanceof OperatingError)
      return { code: cause.code === 'auth' ? 'auth' : 'unreachable', text: innermost }
    if (name === 'KafkaJSSASLAuthenticationError') {
      return { code: 'auth', text: `the cluster refused the user name or password: ${innermost}` }
    }
    if (type !== undefined && type in refusedTypes) return { code: 'auth', text: refusedTypes[type]! }
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return { code: 'missing', text: 'the topic does not exist' }
    if (type !== undefined && rejectedTypes.has(type)) return { code: 'rejected', text: innermost }
    if (name === 'KafkaJSRequestTimeoutError') return { code: 'timeout', text: innermost }
  }
  const unreachable = chain.some(({ name }) => connectionNames.has(name))
  return { code: unreachable ? 'unreachable' : 'server', text: innermost }
}

/**
 * The operating error of a failed write to `topics`.
 *
 * A missing topic may be created while we wait, as a login may be put right, and nothing must be lost until then: both
 * are tried again.
 */
export function writeError(error: unknown, topics: string): OperatingError {
  const { code, text } = failureOf(error)
  const missing = code === 'missing' ? `the topic ${topics} does not exist: create it` : undefined
  const table: Readonly<Record<Failure['code'], ErrorCode>> = {
    auth: 'denied',
    missing: 'unreachable',
    timeout: 'timeout',
    rejected: 'rejected',
    unreachable: 'unreachable',
    server: 'server',
  }
  return new OperatingError(table[code], missing ?? `${topics}: ${text}`, { cause: error })
}

interface Cause extends Error {
  readonly type?: string
}

function causes(error: unknown): Cause[] {
  const chain: Cause[] = []
  for (let next = error; next instanceof Error && chain.length < 8; ) {
    chain.push(next)
    const { cause, originalError } = next as Error & { readonly originalError?: unknown }
    next = cause ?? originalError
  }
  return chain.length === 0 ? [new Error(messageOf(error))] : chain
}

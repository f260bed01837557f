import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { failureOf, writeError } from '../../../../src/adapters/kafka/failure.ts'

const { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded } = kafkajs

function exceeded(cause: Error): Error {
  return new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 3, retryTime: 100 })
}

function named(name: string): Error {
  return Object.assign(new Error('bad password'), { name })
}

function protocolError(type: string): Error {
  return Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type })
}

test('the cause is found below the wrapping of kafkajs', () => {
  expect(failureOf(exceeded(new KafkaJSConnectionError('Connection error: connect ECONNREFUSED')))).toEqual({
    code: 'unreachable',
    text: 'Connection error: connect ECONNREFUSED',
  })
  expect(failureOf(named('KafkaJSSASLAuthenticationError')).code).toBe('auth')
  expect(failureOf(exceeded(protocolError('UNKNOWN_TOPIC_OR_PARTITION'))).code).toBe('missing')
  expect(failureOf('odd')).toEqual({ code: 'server', text: 'odd' })
})

test('what may be put right is tried again, what the broker will never take is not', () => {
  for (const error of [
    named('KafkaJSSASLAuthenticationError'),
    protocolError('UNKNOWN_TOPIC_OR_PARTITION'),
    protocolError('TOPIC_AUTHORIZATION_FAILED'),
    protocolError('NOT_ENOUGH_REPLICAS'),
    new KafkaJSConnectionError('closed'),
  ]) {
    expect(writeError(error, 't').retryable).toBe(true)
  }
  expect(writeError(protocolError('MESSAGE_TOO_LARGE'), 't')).toMatchObject({ code: 'rejected', retryable: false })
})

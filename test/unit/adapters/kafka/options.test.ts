import { expect, test } from 'vitest'
import { kafkaDeadLetterOptions, kafkaSinkOptions, kafkaSourceOptions } from '../../../../src/adapters/kafka/options.ts'
import { kafkaSink } from '../../../../src/adapters/kafka/sink.ts'

const brokers = ['127.0.0.1:9092']

test('the shortest source is enough, and everything else has its default', () => {
  const options = kafkaSourceOptions.parse({ type: 'kafka', brokers, topics: ['readings'] })
  expect(options).toMatchObject({ group: 'residua', fromBeginning: false, codec: { type: 'json' }, tls: false })
})

test('a sink without a topic is refused', () => {
  const parsed = kafkaSinkOptions.safeParse({ type: 'kafka', brokers })
  expect(parsed.error?.issues[0]?.message).toContain('scores: TOPIC')
})

test('a sink writes what has a topic: the deciding scores unless all are asked for', () => {
  const sinkOf = (input: object) =>
    kafkaSink.create('k', kafkaSinkOptions.parse({ type: 'kafka', brokers, ...input })).settings
  expect(sinkOf({ scores: 's' })).toMatchObject({ scores: 'changes', alarms: false, policy: 'block' })
  expect(sinkOf({ scores: 's', select: 'all', alarms: 'a' })).toMatchObject({ scores: 'all', alarms: true })
  expect(sinkOf({ alarms: 'a' })).toMatchObject({ scores: 'none', alarms: true })
})

test('mistakes are refused', () => {
  const source = { type: 'kafka', brokers, topics: ['readings'] }
  for (const mistake of [
    { brokers: ['nowhere'] },
    { brokers: [] },
    { topics: [] },
    { topics: ['a b'] },
    { fromBegining: true },
    { sasl: { username: 'u', password: 'plain text' } },
    { sasl: { mechanism: 'oauth', username: 'u', password: '${P}' } },
  ]) {
    expect(kafkaSourceOptions.safeParse({ ...source, ...mistake }).success).toBe(false)
  }
  expect(kafkaDeadLetterOptions.parse({ type: 'kafka', brokers }).topic).toBe('residua.dead-letter')
})

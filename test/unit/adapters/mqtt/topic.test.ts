import { expect, test } from 'vitest'
import { outputTopic, topicFilterMistake } from '../../../../src/adapters/mqtt/topic.ts'

test('outputTopic() keeps a sensor id as it is, but for the characters that MQTT forbids', () => {
  expect(outputTopic('plant/hall/pump-7/temperature')).toBe('plant/hall/pump-7/temperature')
  expect(outputTopic('a+b#c\0d e/ü')).toBe('a_b_c_d e/ü')
})

test('valid filters are taken, shared subscriptions among them', () => {
  for (const filter of ['a', '#', '+', 'a/+/b/#', '$share/g/#', '$share/g/a/+', '/', 'a//b', '$SYS/#']) {
    expect(topicFilterMistake(filter)).toBeUndefined()
  }
})

test('invalid filters are refused with what was expected', () => {
  for (const filter of [
    '',
    'a+',
    'a/b#',
    '#/a',
    'a/#/b',
    '$share/g',
    '$share//a',
    '$share/g+/a',
    '$share/g/',
    'a\0b',
  ]) {
    expect(topicFilterMistake(filter)).toMatch(/^expected/)
  }
})

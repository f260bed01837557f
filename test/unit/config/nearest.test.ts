import { expect, test } from 'vitest'
import { nearestWord } from '../../../src/config/nearest.ts'

const keys = ['server', 'sources', 'sinks', 'sensors', 'batchDelay', 'delayOn', 'url']

test.each([
  ['serverr', 'server'],
  ['sorces', 'sources'],
  ['batch_delay', 'batchDelay'],
  ['BatchDealy', 'batchDelay'],
  ['delay', 'delayOn'],
  ['ulr', 'url'],
])('%s is near %s', (word, meant) => {
  expect(nearestWord(word, keys)).toBe(meant)
})

test('a word that is like none of them has no nearest', () => {
  expect(nearestWord('kitchen', keys)).toBeUndefined()
  expect(nearestWord('x', keys)).toBeUndefined()
})

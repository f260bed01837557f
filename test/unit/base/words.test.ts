import { expect, test } from 'vitest'
import { ConfigurationError, errorTable, OperatingError } from '../../../src/base/errors.ts'
import { fnv64 } from '../../../src/base/hash.ts'
import { parseBytes, parseDuration } from '../../../src/base/units.ts'

test('durations and sizes need their unit', () => {
  expect([parseDuration('30s'), parseDuration('250ms'), parseDuration('1.5h')]).toEqual([30_000, 250, 5_400_000])
  expect([parseDuration('30'), parseDuration('s'), parseDuration('-5s')]).toEqual([undefined, undefined, undefined])
  expect([parseBytes('64MiB'), parseBytes('1kB'), parseBytes('12')]).toEqual([64 * 1024 ** 2, 1000, undefined])
})

test('the hash separates its parts', () => {
  expect(fnv64(['ab', 'c'])).not.toBe(fnv64(['a', 'bc']))
  expect(fnv64(['a'])).toMatch(/^[0-9a-f]{16}$/)
})

test('an operating error knows its stage and whether to try again from the table', () => {
  const error = new OperatingError('busy', 'later')
  expect([error.stage, error.retryable]).toEqual([errorTable.busy.stage, true])
  expect(new OperatingError('model', 'x').retryable).toBe(false)
})

test('a configuration error tells all problems at once', () => {
  const error = new ConfigurationError([
    { path: 'a', expected: 'one' },
    { path: 'b', expected: 'two' },
  ])
  expect(error.message).toBe('a: one\nb: two')
})

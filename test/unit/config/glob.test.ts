import { expect, test } from 'vitest'
import { globMatcher } from '../../../src/config/glob.ts'

test.each([
  ['plant/*/*/temperature', ['plant/a/b/temperature'], ['plant/a/temperature', 'plant/a/b/c/temperature']],
  ['plant/**', ['plant', 'plant/a', 'plant/a/b'], ['plants', 'plant2/a']],
  ['**/temperature', ['temperature', 'a/temperature', 'a/b/temperature'], ['a/temperature2', 'xtemperature']],
  ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['a/b', 'az']],
  ['pump-*/temp*', ['pump-7/temp', 'pump-7/temperature'], ['pump-7/a/temp', 'Pump-7/temp']],
  ['**', ['anything', 'a/b'], []],
  ['t.1(a)', ['t.1(a)'], ['tx1(a)', 't.1a']],
])('the pattern %s matches whole ids, level by level', (pattern, yes, no) => {
  const matches = globMatcher(pattern)
  expect(yes.filter((id) => !matches(id))).toEqual([])
  expect(no.filter(matches)).toEqual([])
})

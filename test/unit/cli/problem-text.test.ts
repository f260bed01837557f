import { expect, test } from 'vitest'
import { problemText } from '../../../src/cli/problem-text.ts'

test('problems are printed with place, value, expectation and hint, one after another', () => {
  const text = problemText('residua.yaml', [
    {
      path: 'server.port',
      value: '8080',
      expected: 'expected a number',
      hint: 'write it without quotes: 8080',
      line: 7,
    },
    { path: 'sources', expected: 'missing: expected a list' },
    { path: 'x', value: 'a'.repeat(100), expected: 'expected less' },
  ])
  expect(text.split('\n')).toEqual([
    'residua.yaml has 3 problems:',
    '',
    '  residua.yaml:7  server.port = "8080"',
    '    expected a number',
    '    write it without quotes: 8080',
    '  sources',
    '    missing: expected a list',
    `  x = "${'a'.repeat(59)}…`,
    '    expected less',
    '',
  ])
})

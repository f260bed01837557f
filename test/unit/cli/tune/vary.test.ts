import { expect, test } from 'vitest'
import { ConfigurationError } from '../../../../src/base/errors.ts'
import { parseVary, readSearchSpace } from '../../../../src/cli/tune/vary.ts'

test.each([
  ['fit.rate=0.001..0.02', ['fit.rate', { from: 0.001, to: 0.02 }]],
  ['fit.rate=1e-4..0.02:linear', ['fit.rate', { from: 0.0001, to: 0.02, scale: 'linear' }]],
  ['data.window=16..64:log:step=16', ['data.window', { from: 16, to: 64, scale: 'log', step: 16 }]],
  ['x=-2..-1', ['x', { from: -2, to: -1 }]],
  ['data.window=32,64', ['data.window', [32, 64]]],
  ['data.target=change,level', ['data.target', ['change', 'level']]],
  ['data.calendar=["hour"],["hour","day"]', ['data.calendar', [['hour'], ['hour', 'day']]]],
])('--vary %s', (text, expected) => {
  expect(parseVary(text)).toEqual(expected)
})

test.each(['fit.rate', 'fit.rate=', '=1..2', 'fit.rate=1..2:cubic', 'fit.rate=1..2:step=0'])(
  '--vary %s is refused with what was expected',
  (text) => {
    expect(() => parseVary(text)).toThrow(ConfigurationError)
  },
)

test('a field of --vary wins over that of the file; a file that is not there is named', () => {
  expect(() => readSearchSpace('/nowhere/space.yaml', [])).toThrow(/--search: there is no such file/)
  const space = readSearchSpace(undefined, ['data.window=8,16', 'data.window=32,64'])
  expect(space).toEqual([{ kind: 'choices', path: 'data.window', values: [32, 64] }])
})

import { expect, test } from 'vitest'
import { ConfigurationError } from '../../../../src/base/errors.ts'
import { parseSearchSpace } from '../../../../src/train/tune/search-space.ts'
import { gridPoints, randomPoints } from '../../../../src/train/tune/space-points.ts'
import { checkSearchSpace, planOfTrial } from '../../../../src/train/tune/trial-plan.ts'

function problemsOf(act: () => unknown): readonly { readonly path: string; readonly expected: string }[] {
  try {
    act()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  return []
}

test('a range is searched in ratios where its ends are a factor of ten apart, and whole where its ends are', () => {
  const read = parseSearchSpace({
    'fit.rate': { from: 0.001, to: 0.02 },
    'fit.l2': { from: 0, to: 0.5 },
    'data.window': { from: 16, to: 64, step: 16 },
    'fit.batch': { from: 8, to: 32 },
    'data.scaler': ['standard', 'robust', 'standard'],
  })
  expect(read).toEqual([
    { kind: 'range', path: 'fit.rate', from: 0.001, to: 0.02, scale: 'log', step: null },
    { kind: 'range', path: 'fit.l2', from: 0, to: 0.5, scale: 'linear', step: null },
    { kind: 'range', path: 'data.window', from: 16, to: 64, scale: 'linear', step: 16 },
    { kind: 'range', path: 'fit.batch', from: 8, to: 32, scale: 'linear', step: 1 },
    { kind: 'choices', path: 'data.scaler', values: ['standard', 'robust'] },
  ])
})

test('every mistake of a space is told with its field', () => {
  const wrong = {
    a: [],
    b: 3,
    c: { from: 2, to: 1 },
    d: { from: 0, to: 1, scale: 'log' },
    e: { from: 0, to: 1, step: 2 },
  }
  expect(problemsOf(() => parseSearchSpace(wrong)).map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(problemsOf(() => parseSearchSpace({}))).toHaveLength(1)
})

test('a grid has every combination, ends included, and no value twice', () => {
  const space = parseSearchSpace({ 'fit.rate': { from: 0.01, to: 1 }, 'fit.batch': { from: 1, to: 2 }, x: ['a', 'b'] })
  const points = [...(gridPoints(space, 3) as Iterable<ReadonlyMap<string, unknown>> & Iterator<unknown>)]
  expect(points).toHaveLength(3 * 2 * 2)
  expect([...new Set(points.map((point) => point.get('fit.rate')))]).toEqual([0.01, 0.1, 1])
  expect(new Set(points.map((point) => JSON.stringify([...point]))).size).toBe(12)
  expect(Object.fromEntries(points[0]!)).toEqual({ 'fit.rate': 0.01, 'fit.batch': 1, x: 'a' })
  expect(Object.fromEntries(points[1]!)).toEqual({ 'fit.rate': 0.01, 'fit.batch': 1, x: 'b' })
})

test('random points lie in the space, on their steps, and a small space ends', () => {
  const space = parseSearchSpace({ 'fit.rate': { from: 0.001, to: 0.1 }, 'data.window': { from: 16, to: 60, step: 8 } })
  const points = randomPoints(space, 7)
  const rates: number[] = []
  const windows = new Set<unknown>()
  for (let n = 0; n < 400; n++) {
    const point = points.next().value as ReadonlyMap<string, unknown>
    rates.push(point.get('fit.rate') as number)
    windows.add(point.get('data.window'))
  }
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.001)
  expect(Math.max(...rates)).toBeLessThanOrEqual(0.1)
  // Half of a log range lies below the geometric mean of its ends: 200 of 400, with a standard deviation of 10.
  expect(Math.abs(rates.filter((rate) => rate < 0.01).length - 200)).toBeLessThan(40)
  expect([...windows].sort()).toEqual([16, 24, 32, 40, 48, 56])
  const small = randomPoints(parseSearchSpace({ x: ['a', 'b'], y: { from: 1, to: 3 } }), 1)
  let count = 0
  while (small.next().done !== true) count++
  expect(count).toBe(6)
})

test('the same seed gives the same points, another one others', () => {
  const space = parseSearchSpace({ 'fit.rate': { from: 0.001, to: 0.1 } })
  const first = (seed: number): unknown => randomPoints(space, seed).next().value
  expect(first(3)).toEqual(first(3))
  expect(first(3)).not.toEqual(first(4))
})

test('a trial changes fields of modules that come from a preset', () => {
  const point = new Map<string, unknown>([
    ['preset', 'lstm'],
    ['model.modules.0.hidden_size', 12],
    ['fit.rate', 0.002],
  ])
  const plan = planOfTrial({ data: { window: 20 } }, point)
  expect(plan.model.modules[0]).toEqual({ type: 'LSTM', name: 'lstm', hidden_size: 12 })
  expect(plan.fit.rate).toBe(0.002)
  expect(plan.data.window).toBe(20)
})

test.each([
  ['a field that is not there', { 'fit.speed': [1, 2] }, 'fit.speed'],
  ['a value that the plan does not take', { 'data.window': [0, 32] }, 'data.window'],
  ['a module that is not there', { 'model.modules.7.hidden_size': [8] }, 'model.modules.7.hidden_size'],
  ['an option that the module does not have', { 'model.modules.0.size': [8] }, 'model.modules.0.size'],
  ['a field that decides what is judged', { 'data.validation': [0.1, 0.2] }, 'data.validation'],
  ['epochs, which successive halving gives out', { 'fit.epochs': [10, 20] }, 'fit.epochs'],
])('%s is refused before anything runs', (_, fields, path) => {
  const problems = problemsOf(() => checkSearchSpace({}, parseSearchSpace(fields), true))
  expect(problems.map((problem) => problem.path)).toEqual([path])
})

test('epochs can be searched where there is no halving, and there must be a validation part', () => {
  checkSearchSpace({}, parseSearchSpace({ 'fit.epochs': [10, 20] }), false)
  const without = { data: { validation: 0 } }
  const problems = problemsOf(() => checkSearchSpace(without, parseSearchSpace({ 'fit.rate': [0.1] }), false))
  expect(problems.map(({ path }) => path)).toEqual(['data.validation'])
})

test('widths and kinds of modules, of an optimizer and of presets can be searched', () => {
  const fields = {
    preset: ['gru', 'lstm', 'residual'],
    'model.modules.0.hidden_size': { from: 8, to: 64, step: 8 },
    'fit.optimizer.kind': ['sgd', 'adam'],
    'data.calendar': [[], ['hour']],
  }
  expect(problemsOf(() => checkSearchSpace({}, parseSearchSpace(fields), true))).toEqual([])
})

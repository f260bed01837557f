import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../../src/base/errors.ts'
import { fitNetwork } from '../../../src/train/fit/fit.ts'
import { createOwnLearner } from '../../../src/train/fit/own-learner.ts'
import { makeLesson } from '../../../src/train/lesson.ts'
import { parsePlan, withSettings } from '../../../src/train/plan.ts'
import { presets } from '../../../src/train/presets.ts'
import { historyOf, waves } from './data/series.ts'

function problemPaths(plan: unknown): string[] {
  try {
    parsePlan(plan)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ path }) => path)
    throw error
  }
  return []
}

describe('parsePlan()', () => {
  test('names every wrong field with its path, all at once', () => {
    const wrong = {
      data: { window: 0, scaler: 'zscore', calendar: ['month'], windwo: 3 },
      fit: { rate: -1, epochs: 1.5, loss: 'rmse', schedule: { kind: 'step' }, optimizer: { kind: 'lion' } },
      modle: {},
    }
    expect(new Set(problemPaths(wrong))).toEqual(
      new Set([
        'data.calendar.0',
        'data.scaler',
        'data.windwo',
        'data.window',
        'fit.epochs',
        'fit.loss',
        'fit.optimizer.kind',
        'fit.rate',
        'fit.schedule.every',
        'modle',
      ]),
    )
  })

  test('refuses what is no plan, a preset that is not there, and shares that leave nothing to train on', () => {
    expect(problemPaths([])).toEqual(['plan'])
    expect(problemPaths({ preset: 'grue' })).toEqual(['preset'])
    expect(problemPaths({ preset: 'toString' })).toEqual(['preset'])
    expect(problemPaths({ model: { modules: [] } })).toEqual(['model.modules'])
    expect(problemPaths({ data: { validation: 0.6, test: 0.6 } })).toEqual(['data.validation'])
  })

  test('an optimizer or a schedule of another kind takes the place of the whole one, one of the same kind is merged', () => {
    const other = parsePlan({
      preset: 'textbook-lstm',
      fit: { optimizer: { kind: 'sgd' }, schedule: { kind: 'cosine' } },
    })
    expect(other.fit.optimizer).toEqual({ kind: 'sgd', momentum: 0.9, nesterov: false, decay: 0 })
    expect(other.fit.schedule).toEqual({ kind: 'cosine', lowest: 0, warmUp: 0 })
    expect(other.data).toMatchObject({ target: 'level', scaler: 'minmax', window: 30 })
    const same = parsePlan({ preset: 'textbook-lstm', fit: { optimizer: { kind: 'adam', eps: 1e-7 } } })
    expect(same.fit.optimizer).toMatchObject({ kind: 'adam', eps: 1e-7, betas: [0.9, 0.999] })
  })

  test('one field of the usual optimizer or schedule can be set alone', () => {
    const { fit } = parsePlan({ fit: { optimizer: { decay: 0.02 }, schedule: { warmUp: 2 } } })
    expect(fit.optimizer).toMatchObject({ kind: 'adamw', decay: 0.02, betas: [0.9, 0.999] })
    expect(fit.schedule).toEqual({ kind: 'one-cycle', warmUp: 2 })
    expect(parsePlan({}).fit.optimizer).toMatchObject({ kind: 'adamw', decay: 1e-3, eps: 1e-8 })
    expect(problemPaths({ fit: { schedule: { speed: 2 } } })).toEqual(['fit.schedule.speed'])
  })

  test('modules that are given take the place of those of the preset', () => {
    const modules = [{ type: 'RNN', hidden_size: 3 }, { type: 'Linear' }]
    expect(parsePlan({ model: { modules } }).model.modules).toEqual(modules)
  })
})

describe('withSettings()', () => {
  test('sets a field by its path, in lists as well, and leaves the plan it was given alone', () => {
    const plan = { model: { modules: [{ hidden_size: 4 }, { type: 'Linear' }] } }
    const changed = withSettings(
      plan,
      new Map<string, unknown>([
        ['model.modules.0.hidden_size', 8],
        ['fit.rate', 0.1],
      ]),
    )
    expect(changed).toEqual({ model: { modules: [{ hidden_size: 8 }, { type: 'Linear' }] }, fit: { rate: 0.1 } })
    expect(plan.model.modules[0]).toEqual({ hidden_size: 4 })
  })
})

describe.each(Object.keys(presets))('preset %s', (preset) => {
  test('trains an epoch on small data, and its losses are numbers', () => {
    const small = { data: { window: 24 }, fit: { epochs: 1 } }
    const lesson = makeLesson([historyOf([waves(240)])], parsePlan({ preset, ...small }), null)
    const learner = createOwnLearner(lesson.model, lesson.settings)
    const { fit } = lesson.plan
    const fitting = fitNetwork(learner, lesson, { epochs: 1, batch: fit.batch, rate: fit.rate, seed: fit.seed })
    let next = fitting.next()
    while (next.done !== true) next = fitting.next()
    learner.close()
    expect(next.value.bestEpoch).toBe(1)
    expect(next.value.history[0]!.train).toBeGreaterThan(0)
    expect(next.value.history[0]!.validation).toBeGreaterThan(0)
  })
})

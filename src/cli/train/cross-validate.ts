import type { Model } from '../../model/model.ts'
import type { History } from '../../train/data/history.ts'
import { rollingOrigin } from '../../train/evaluate/rolling-origin.ts'
import { fitNetwork } from '../../train/fit/fit.ts'
import { makeLesson, taughtModel } from '../../train/lesson.ts'
import type { TrainingPlan } from '../../train/plan.ts'
import { testPart } from '../../train/test-part.ts'
import { createLearner } from './create-learner.ts'
import { type FitOutput, runFit } from './run-fit.ts'

/** What one fold came to: mean errors one step ahead over all channels, each as a part of that of the value before. */
export interface FoldResult {
  readonly fitRows: number
  readonly testRows: number
  readonly relativeError: number
}

/** What a cross-validation needs of a training. */
export interface CrossValidation {
  readonly name: string
  readonly histories: readonly History[]
  /** The histories up to a moment, cleaned by what a training part of so large a share says. */
  upTo(endMs: number, fitShare: number): readonly History[]
  readonly plan: TrainingPlan
  readonly from: Model | null
  readonly output: FitOutput | null
  readonly stopAsked: () => boolean
}

/**
 * Trains once a fold on everything before its test rows, and judges it on these: rolling-origin cross-validation.
 *
 * The folds are cut in the first history, and at the same moments in the others. Ends early when it is asked to stop.
 * Errors: `ConfigurationError` for more folds than rows; `OperatingError` as a training.
 */
export async function crossValidate(task: CrossValidation, folds: number): Promise<FoldResult[]> {
  const { histories, plan, from } = task
  const first = histories[0]!
  const results: FoldResult[] = []
  for (const [at, { test }] of rollingOrigin(first.timeMs.length, folds).entries()) {
    const endMs = first.timeMs[test.to - 1]!
    const data = { ...plan.data, test: (test.to - test.from) / test.to }
    const lesson = makeLesson(task.upTo(endMs, 1 - data.test - data.validation), { ...plan, data }, from)
    const learner = await createLearner(lesson)
    const driver = { ...task, name: `${task.name} fold ${at + 1} of ${folds}`, ticks: lesson.train.ticks }
    const result = await runFit(fitNetwork(learner, lesson, lesson.plan.fit), {
      ...driver,
      save() {},
      now: () => performance.now(),
    })
    learner.close()
    const card = { summary: '', data: '', seed: plan.fit.seed, epochs: 0, losses: {}, settings: {}, command: '' }
    const model = taughtModel(lesson, task.name, result.weights, card)
    const tests = lesson.prepared.flatMap((one) => testPart(model, one, one.split.test, lesson.train.ticks))
    const ratios = tests.map(({ mae, naiveMae }) => mae / naiveMae).filter(Number.isFinite)
    const relativeError = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
    const judged = lesson.prepared[0]!.split.test
    results.push({ fitRows: judged.from, testRows: judged.to - judged.from, relativeError })
    if (task.stopAsked()) break
  }
  return results
}

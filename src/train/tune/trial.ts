import { OperatingError } from '../../base/errors.ts'
import type { History } from '../data/history.ts'
import { type FitState, fitNetwork } from '../fit/fit.ts'
import type { Learner } from '../fit/learner.ts'
import { type Lesson, makeLesson, taughtModel } from '../lesson.ts'
import type { TrainingPlan } from '../plan.ts'
import { relativeError } from './objective.ts'

/** One trial, to the end of one rung. */
export interface TrialTask {
  readonly plan: TrainingPlan
  /** Epochs at the end of the rung, from the very beginning. */
  readonly epochs: number
  /** Where the rung before ended; null: from the beginning. */
  readonly from: FitState | null
  /** Horizons on which trials are compared. */
  readonly horizons: number
}

/** What a trial came to at the end of a rung. */
export interface TrialEnd {
  /** Mean error on the validation part, as a share of that of the last value. */
  readonly objective: number
  /** Of the best epoch. */
  readonly validationLoss: number
  readonly bestEpoch: number
  /** Epochs that were trained: fewer than asked where patience ended it. */
  readonly epochs: number
  /** From which a promoted trial goes on as if it had never stopped. */
  readonly state: FitState
}

/** What is around a trial. */
export interface TrialDriver {
  createLearner(lesson: Lesson): Promise<Learner>
  /** Called after each batch; true ends the trial without a result. */
  pause(): Promise<boolean>
}

/**
 * Trains one trial to the end of a rung and judges it on the validation part; null when it was asked to stop.
 *
 * The plan keeps its epochs, so that the schedule of a trial that goes on is that of one that was never stopped.
 * Errors: as `makeLesson`, `fitNetwork` and `relativeError`: a trial that fails is no reason to end a search.
 */
export async function runTrial(
  histories: readonly History[],
  task: TrialTask,
  driver: TrialDriver,
): Promise<TrialEnd | null> {
  const lesson = makeLesson(histories, task.plan, null)
  const learner = await driver.createLearner(lesson)
  try {
    const state = await fitUntil(lesson, learner, task, driver)
    return state === null ? null : judged(lesson, state, task.horizons)
  } finally {
    learner.close()
  }
}

async function fitUntil(
  lesson: Lesson,
  learner: Learner,
  { epochs: until, from }: TrialTask,
  driver: TrialDriver,
): Promise<FitState | null> {
  if (from !== null && from.history.length >= until) return from
  let state = from
  for (const { finished, epoch } of fitNetwork(learner, lesson, lesson.plan.fit, from ?? undefined)) {
    if (finished !== null) {
      state = finished.state()
      if (epoch >= until) return state
    }
    if (await driver.pause()) return null
  }
  // Patience ended it before its rung did: there is nothing more to train.
  return state
}

function judged(lesson: Lesson, state: FitState, horizons: number): TrialEnd {
  const losses = state.history.map(({ train, validation }) => validation ?? train)
  const validationLoss = Math.min(...losses)
  const card = { summary: '', data: '', seed: 0, epochs: 0, losses: {}, settings: {}, command: '' }
  const model = taughtModel(lesson, 'trial', state.best, card)
  const { window, horizons: own } = lesson.plan.data
  if (own < horizons) throw new OperatingError('model', `it forecasts ${own} steps; trials are compared on ${horizons}`)
  const objective = relativeError(model, lesson.prepared, window, horizons)
  const bestEpoch = state.history[losses.indexOf(validationLoss)]!.epoch
  return { objective, validationLoss, bestEpoch, epochs: state.history.length, state }
}

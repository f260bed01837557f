import type { Model } from '../../../../src/model/model.ts'
import type { History } from '../../../../src/train/data/history.ts'
import type { Prepared } from '../../../../src/train/data/prepare.ts'
import { fitNetwork } from '../../../../src/train/fit/fit.ts'
import { createOwnLearner } from '../../../../src/train/fit/own-learner.ts'
import { withWeights } from '../../../../src/train/fit/with-weights.ts'
import { makeLesson, taughtModel } from '../../../../src/train/lesson.ts'
import { calibrationsOf } from '../../../../src/train/linear/calibrate.ts'
import { correctedBy } from '../../../../src/train/linear/corrected-model.ts'
import { type GateReport, gateReport } from '../../../../src/train/linear/gate-report.ts'
import { parsePlan } from '../../../../src/train/plan.ts'

const card = { summary: '', data: '', seed: 1, epochs: 1, losses: {}, settings: {}, command: '' }

/** A model, what its report says, and the history that it was made of. */
export interface Trained {
  readonly model: Model
  readonly report: GateReport
  readonly prepared: Prepared
}

/** A model as `residua train` makes it, with what its report says. */
export function trained(history: History, fit: object): Trained {
  const lesson = makeLesson([history], parsePlan({ preset: 'telemetry-long', fit }), null)
  const learner = createOwnLearner(lesson.model, lesson.settings)
  const fitting = fitNetwork(learner, lesson, lesson.plan.fit)
  let next = fitting.next()
  while (next.done !== true) next = fitting.next()
  const bare = taughtModel(lesson, 'vessel', next.value.weights, card)
  learner.close()
  const report = gateReport(correctedBy(bare, lesson.prepared), bare.linear!.gates)
  return {
    model: withWeights(bare, new Map(), { calibrations: calibrationsOf(bare, lesson.prepared) }),
    report,
    prepared: lesson.prepared[0]!,
  }
}

import type { Learner } from '../../train/fit/learner.ts'
import { createOwnLearner } from '../../train/fit/own-learner.ts'
import type { Lesson } from '../../train/lesson.ts'

/** The engine that the plan asks for; TensorFlow.js is loaded only then, and what it warns of goes to standard error. */
export async function createLearner({ plan, model, settings }: Lesson): Promise<Learner> {
  if (plan.fit.engine === 'residua') return createOwnLearner(model, settings)
  const { createTfjsLearner } = await import('../../train/tfjs/tfjs-learner.ts')
  return createTfjsLearner(model, settings, (warning) => process.stderr.write(`${warning}\n`))
}

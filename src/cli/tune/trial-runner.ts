import { ConfigurationError, messageOf, OperatingError } from '../../base/errors.ts'
import type { History } from '../../train/data/history.ts'
import { runTrial, type TrialEnd, type TrialTask } from '../../train/tune/trial.ts'
import { createLearner } from '../train/create-learner.ts'

/** Ms that a trial works before it lets signals and messages have their turn. */
const sliceMs = 25

/** A trial's result, or why it has none. */
export type TrialOutcome = TrialEnd | { readonly failed: string }

/** Where trials are run. */
export interface TrialRunner {
  /** Trials that run at once. */
  readonly size: number
  /** Null: it was stopped on the way. Rejects only where the program is at fault. */
  run(task: TrialTask): Promise<TrialOutcome | null>
  /** Ends what runs, without results. */
  close(): Promise<void>
}

/** Runs trials in this process, one at a time. */
export function createOwnRunner(histories: readonly History[]): TrialRunner {
  let closed = false
  return {
    size: 1,
    run: async (task) => {
      // Trials that are over within a slice would otherwise never let a signal or the end of the time be heard.
      await new Promise((resolve) => setImmediate(resolve))
      return closed ? null : runOrFail(histories, task, () => closed)
    },
    close: async () => {
      closed = true
    },
  }
}

/** Runs one trial; data or a plan that it cannot be trained with make it fail, and only it. */
export async function runOrFail(
  histories: readonly History[],
  task: TrialTask,
  stopAsked: () => boolean,
): Promise<TrialOutcome | null> {
  let sliceEnd = performance.now() + sliceMs
  const pause = async (): Promise<boolean> => {
    if (performance.now() > sliceEnd) {
      await new Promise((resolve) => setImmediate(resolve))
      sliceEnd = performance.now() + sliceMs
    }
    return stopAsked()
  }
  try {
    return await runTrial(histories, task, { createLearner, pause })
  } catch (error) {
    if (error instanceof OperatingError || error instanceof ConfigurationError) return { failed: messageOf(error) }
    throw error
  }
}

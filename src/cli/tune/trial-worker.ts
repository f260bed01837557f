import { parentPort, workerData } from 'node:worker_threads'
import type { History } from '../../train/data/history.ts'
import type { TrialTask } from '../../train/tune/trial.ts'
import { runOrFail } from './trial-runner.ts'

/** What a thread is given at its start. */
export type ThreadData = readonly History[]

/** The thread of `worker-runner.ts`: histories once, then a trial a message, one at a time. */
const histories = workerData as ThreadData

parentPort!.on('message', (task: TrialTask) => {
  // A rejection is a fault of the program: unhandled, it ends the thread and is told as its error.
  void runOrFail(histories, task, () => false).then((outcome) => parentPort!.postMessage(outcome))
})

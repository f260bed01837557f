import { Worker } from 'node:worker_threads'
import type { History } from '../../train/data/history.ts'
import type { TrialTask } from '../../train/tune/trial.ts'
import type { TrialOutcome, TrialRunner } from './trial-runner.ts'
import type { ThreadData } from './trial-worker.ts'

/**
 * The program of a thread. Node 20 reads no TypeScript: from the source tree it is the one that was built last.
 */
const program = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/cli/tune/trial-worker.js' : './trial-worker.js',
  import.meta.url,
)

/** A thread and how the promise of the trial that it runs is settled. */
interface Thread {
  readonly worker: Worker
  settle: { resolve(outcome: TrialOutcome | null): void; reject(error: unknown): void } | null
}

/**
 * Runs trials in so many threads, which share one copy of the histories.
 *
 * What a trial gives is the same bits as in this process; which of several ends first is not.
 */
export function createWorkerRunner(histories: readonly History[], size: number): TrialRunner {
  const shared = histories.map(inSharedMemory)
  const threads = Array.from({ length: size }, () => startThread(shared))
  return {
    size,
    run: (task: TrialTask) =>
      new Promise((resolve, reject) => {
        const free = threads.find(({ settle }) => settle === null)!
        free.settle = { resolve, reject }
        free.worker.postMessage(task)
      }),
    close: async () => {
      for (const thread of threads) thread.settle?.resolve(null)
      await Promise.all(threads.map(({ worker }) => worker.terminate()))
    },
  }
}

function startThread(histories: ThreadData): Thread {
  const worker = new Worker(program, { workerData: histories })
  const thread: Thread = { worker, settle: null }
  const take = (): Thread['settle'] => {
    const { settle } = thread
    thread.settle = null
    return settle
  }
  worker.on('message', (outcome: TrialOutcome | null) => take()?.resolve(outcome))
  worker.on('error', (error) => take()?.reject(error))
  return thread
}

function inSharedMemory(history: History): History {
  const timeMs = new Float64Array(new SharedArrayBuffer(history.timeMs.byteLength))
  const values = new Float64Array(new SharedArrayBuffer(history.values.byteLength))
  const gapBefore = new Uint8Array(new SharedArrayBuffer(history.gapBefore.byteLength))
  timeMs.set(history.timeMs)
  values.set(history.values)
  gapBefore.set(history.gapBefore)
  return { ...history, timeMs, values, gapBefore }
}

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { OperatingError } from '../../base/errors.ts'
import { fnv64 } from '../../base/hash.ts'
import type { FitState } from '../../train/fit/fit.ts'
import { readFitState, writeFitState } from '../../train/fit/progress-state.ts'
import { type Job, Search } from '../../train/tune/search.ts'
import { planOfTrial } from '../../train/tune/trial-plan.ts'
import { writeWhole } from '../model-directory.ts'
import { readBytes } from '../read-file.ts'
import type { Journal, JournalRow } from './journal.ts'
import type { TrialOutcome, TrialRunner } from './trial-runner.ts'
import type { TunePlan } from './tune-plan.ts'

/** What a search works with. */
export interface SearchWork {
  readonly plan: TunePlan
  readonly dir: string
  /** Results that are there already are not had again. */
  readonly journal: Journal
  readonly runner: TrialRunner
  /** SHA-256 of the data, in what a saved state belongs to. */
  readonly fingerprint: string
  /** Resolves when the search is to end before its work is done. */
  readonly stop: Promise<unknown>
  /** Called whenever a trial begins or ends. */
  onChange(running: number): void
}

/**
 * Runs a search to its end, or until it is stopped: what has not ended by then is left without a result.
 *
 * Each rung's end is on the disk, with the state that its trial goes on from, before the next work is given out.
 * Errors: `OperatingError('write')`.
 */
export async function runSearch(work: SearchWork): Promise<'done' | 'stopped'> {
  const { plan, journal, runner } = work
  const search = new Search(plan.points(), plan.search)
  const strange = journal.rows.find(({ rung }) => rung >= plan.search.rungs.length)
  if (strange !== undefined) throw journal.misfit(strange, `there are ${plan.search.rungs.length} rungs`)
  for (const { trial, rung, objective } of journal.rows) search.report({ trial, rung, objective: objective ?? NaN })
  const running = new Map<number, Promise<void>>()
  let stopped = false
  const stop = work.stop.then(() => {
    stopped = true
  })
  try {
    for (;;) {
      while (!stopped && running.size < runner.size) {
        const job = search.next()
        if (job === null) break
        running.set(
          job.trial,
          runJob(work, search, job).finally(() => running.delete(job.trial)),
        )
        work.onChange(running.size)
      }
      if (running.size === 0) return stopped ? 'stopped' : 'done'
      await Promise.race([...running.values(), stop])
      work.onChange(running.size)
      if (stopped) return 'stopped'
    }
  } finally {
    await runner.close()
    await Promise.allSettled(running.values())
  }
}

async function runJob(
  { plan, dir, journal, runner, fingerprint }: SearchWork,
  search: Search,
  job: Job,
): Promise<void> {
  const { trial, rung, epochs, point } = job
  const training = planOfTrial(plan.learning.declared, point)
  const settings = fnv64([JSON.stringify(training), fingerprint])
  const from = rung === 0 ? null : savedState(dir, trial, settings)
  const began = performance.now()
  const outcome = await runner.run({ plan: training, epochs, from, horizons: plan.horizons })
  if (outcome === null) return
  const name = stateFile(trial)
  const isLast = rung === plan.search.rungs.length - 1
  if (!('failed' in outcome) && !isLast) writeWhole(join(dir, 'states'), name, writeFitState(outcome.state, settings))
  journal.append({ trial, rung, values: Object.fromEntries(point), ...measured(outcome), seconds: secondsSince(began) })
  if (isLast) rmSync(join(dir, 'states', name), { force: true })
  search.report({ trial, rung, objective: 'failed' in outcome ? Number.NaN : outcome.objective })
}

function measured(outcome: TrialOutcome): Omit<JournalRow, 'trial' | 'rung' | 'values' | 'seconds'> {
  if ('failed' in outcome) {
    return { epochs: 0, objective: null, validationLoss: null, bestEpoch: null, failed: outcome.failed }
  }
  const { epochs, objective, validationLoss, bestEpoch } = outcome
  return { epochs, objective, validationLoss, bestEpoch }
}

const secondsSince = (began: number): number => Math.round(performance.now() - began) / 1_000

const stateFile = (trial: number): string => `trial-${trial + 1}.state`

/** Where a trial goes on from; null: its state is lost, and it is trained again from the beginning, to the same bits. */
function savedState(dir: string, trial: number, settings: string): FitState | null {
  const path = join(dir, 'states', stateFile(trial))
  if (!existsSync(path)) return null
  const bytes = readBytes(path, 'read', 'remove it, and the trial is trained again from its beginning')
  try {
    return readFitState(bytes, settings)
  } catch (error) {
    if (error instanceof OperatingError) return null
    throw error
  }
}

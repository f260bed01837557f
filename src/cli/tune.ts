import { join } from 'node:path'
import { Command, Option } from 'commander'
import { OperatingError } from '../base/errors.ts'
import { fnv64 } from '../base/hash.ts'
import { planOfTrial } from '../train/tune/trial-plan.ts'
import { exitCodes } from './exit-codes.ts'
import { checkWritable, writeWhole } from './model-directory.ts'
import { leftOutText } from './train/left-out.ts'
import { addInputOptions, addPlanOptions } from './train/options.ts'
import { type ReadHistories, readHistories } from './train/read-histories.ts'
import type { Taught } from './train/taught.ts'
import { trainOne } from './train/train-one.ts'
import { sentenceOf } from './train/training-report.ts'
import { Journal, journalFile } from './tune/journal.ts'
import { failedRows, leaderboardText, rankedRows, searchPage } from './tune/leaderboard.ts'
import { runSearch } from './tune/run-search.ts'
import { SearchProgress } from './tune/search-progress.ts'
import { createOwnRunner, type TrialRunner } from './tune/trial-runner.ts'
import { planTune, type TuneArguments, type TunePlan } from './tune/tune-plan.ts'
import { createWorkerRunner } from './tune/worker-runner.ts'
import { type SignalWatch, untilSignal } from './until-signal.ts'

const resultFiles = ['leaderboard.txt', 'tune.html', 'best.json'] as const

async function tune(inputs: readonly string[], args: TuneArguments): Promise<void> {
  const plan = planTune(inputs, args)
  checkWritable(args.out, [journalFile, ...resultFiles])
  for (const folder of ['best', 'states']) checkWritable(join(args.out, folder), [])
  const stop = { asked: false }
  const signal = untilSignal(() => {
    stop.asked = true
  })
  try {
    const read = await readHistories(plan.learning.read, signal)
    if (read === null) {
      process.exitCode = exitCodes.interrupted
      return
    }
    process.stderr.write(leftOutText(read))
    const journal = openJournal(plan, args, read)
    try {
      await search(plan, args, read, journal, signal)
      writeResults(plan, args, journal)
      const best = stop.asked ? null : await trainBest(plan, args, read, journal, () => stop.asked)
      process.stdout.write(args.json === true ? `${json(journal, best)}\n` : text(args, journal, best, stop.asked))
      process.exitCode = stop.asked ? exitCodes.interrupted : exitCodes.done
    } finally {
      journal.close()
    }
  } finally {
    signal.forget()
  }
}

function openJournal(plan: TunePlan, args: TuneArguments, { fingerprint }: ReadHistories): Journal {
  const settings = fnv64([plan.settings, fingerprint])
  if (args.resume !== true) return Journal.begin(args.out, settings, args.force === true)
  return Journal.resume(args.out, settings, (warning) => process.stderr.write(`${warning}\n`))
}

async function search(
  plan: TunePlan,
  args: TuneArguments,
  { histories, fingerprint }: ReadHistories,
  journal: Journal,
  signal: SignalWatch,
): Promise<void> {
  const runner: TrialRunner =
    plan.workers === 1 ? createOwnRunner(histories) : createWorkerRunner(histories, plan.workers)
  const progress = new SearchProgress(args.json === true ? null : process.stderr, () => performance.now(), plan)
  let timer: NodeJS.Timeout | undefined
  const timeIsUp = new Promise((resolve) => {
    if (plan.budgetMs !== null) timer = setTimeout(resolve, plan.budgetMs)
  })
  const onChange = (running: number): void => progress.show(journal.rows, running)
  try {
    const stop = Promise.race([signal.heard, timeIsUp])
    await runSearch({ plan, dir: args.out, journal, runner, fingerprint, stop, onChange })
  } finally {
    clearTimeout(timer)
    progress.end()
  }
}

/** Writes the page and the table, and the plan of the best trial where there is one. */
function writeResults(plan: TunePlan, { out }: TuneArguments, { rows }: Journal): void {
  const notes = [
    'Error / last value: mean absolute error on the validation part, over all horizons and channels, as a share of that ' +
      'of repeating the last value; below 1 is better than it. The test part was not looked at.',
  ]
  writeWhole(out, 'leaderboard.txt', leaderboardText(rows))
  writeWhole(out, 'tune.html', searchPage(rows, 'Tuning', notes))
  const best = rankedRows(rows)[0]
  if (best === undefined) return
  const training = planOfTrial(plan.learning.declared, new Map(Object.entries(best.values)))
  writeWhole(out, 'best.json', `${JSON.stringify(training, null, 2)}\n`)
}

/** Trains the best plan to its end: a network for all channels, as the trials were. */
async function trainBest(
  plan: TunePlan,
  { out, json }: TuneArguments,
  { histories }: ReadHistories,
  { rows }: Journal,
  stopAsked: () => boolean,
): Promise<Taught> {
  const best = rankedRows(rows)[0]
  if (best === undefined) {
    const files = plan.learning.read.replay.source.paths
    const why = failedRows(rows)[0]?.failed ?? 'no trial ended within the budget; give a longer --budget'
    throw new OperatingError('training', `the search found nothing in ${files.join(', ')}: ${why}`)
  }
  const training = planOfTrial(plan.learning.declared, new Map(Object.entries(best.values)))
  const command = `residua ${process.argv.slice(2).join(' ')}`
  const output = json === true ? null : process.stderr
  return trainOne({
    ...{ name: 'best', dir: join(out, 'best'), histories, plan: training, from: null, resume: false },
    ...{ command, files: plan.learning.read.replay.source.paths, output, stopAsked },
  })
}

function text({ out }: TuneArguments, { rows }: Journal, best: Taught | null, interrupted: boolean): string {
  const lines = [leaderboardText(rows)]
  if (best !== null) lines.push(`best: trained to its end in ${best.dir}\n  ${sentenceOf(best)}\n`)
  lines.push(`${join(out, 'tune.html')} has the pictures, ${join(out, 'best.json')} the plan for train --plan\n`)
  if (interrupted) lines.push('stopped: --resume goes on with what is missing\n')
  return lines.join('')
}

function json({ rows }: Journal, best: Taught | null): string {
  return JSON.stringify({
    trials: rankedRows(rows),
    failed: failedRows(rows),
    best: best === null ? null : { dir: best.dir, weights: best.model.fingerprint },
  })
}

const repeated = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value]

/** `residua tune`: a search over the fields of a plan. */
export function tuneCommand(): Command {
  const vary = new Option(
    '--vary <path=values>',
    'a field of the plan and its values, such as fit.rate=0.001..0.02 or data.window=32,64; may be repeated',
  ).argParser(repeated)
  const command = addPlanOptions(addInputOptions(new Command('tune')))
    .description('search for the plan that forecasts best on the validation part; the test part is not looked at')
    .requiredOption('--out <dir>', 'the directory of the search')
    .option(
      '--search <file>',
      'the search space as YAML or JSON: a list of values or { from, to, scale, step } a field',
    )
    .addOption(vary)
    .option('--method <name>', 'grid, random or asha: asynchronous successive halving', 'asha')
    .option('--trials <n>', 'trials at most (27 where neither trials nor a budget are given)')
    .option('--budget <duration>', 'time for the search, such as 10m; training the best comes on top')
    .option('--points <n>', 'values of a range in a grid', '5')
    .option('--reduction <n>', 'asha: one trial of so many is trained further', '3')
    .option('--min-epochs <n>', 'asha: epochs before a trial is compared (a ninth of --epochs)')
    .option('--workers <n>', 'threads (one less than there are cores)')
    .option('--resume', 'go on with a search that was stopped, or with more trials')
    .option('--force', 'overwrite a search that is there')
    .addHelpText('after', helpText)
  return command.action(tune)
}

const helpText = `
A range is from..to, with :log or :linear (log where the ends are a factor of ten apart) and :step=8; whole ends give
whole numbers. Trials are compared by their mean error on the validation part as a share of that of repeating the last
value, which is fair to other windows, losses and scalers. The directory holds trials.ndjson, leaderboard.txt,
tune.html, best.json and the best model, trained to its end, in best/. Several channels share one network, as with
train --shared. With one worker the same seed gives the same search; with more, timing decides who is promoted first.

Examples:
  residua tune history.csv --vary fit.rate=0.001..0.02 --vary data.window=32,64,128 --out tuned
  residua tune history.csv --vary model.modules.0.hidden_size=8..64:step=8 --vary preset=gru,lstm --budget 10m --out tuned
  residua tune history.csv --search space.yaml --method grid --points 4 --out tuned --resume`

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { ConfigurationError } from '../base/errors.ts'
import type { Model } from '../model/model.ts'
import type { History } from '../train/data/history.ts'
import { exitCodes } from './exit-codes.ts'
import { checkWritable, modelFiles } from './model-directory.ts'
import { folderOf, writeModelSet } from './model-set.ts'
import { loadNamedModel } from './named-models.ts'
import { registryOption } from './registry-option.ts'
import { type LearningArguments, type LearningPlan, planLearning } from './train/arguments.ts'
import { tellingLeftOut } from './train/left-out.ts'
import { addInputOptions, addPlanOptions } from './train/options.ts'
import { type ReadHistories, readHistories } from './train/read-histories.ts'
import type { Taught } from './train/taught.ts'
import { trainOne } from './train/train-one.ts'
import { trainedJson, trainedText } from './train/training-summary.ts'
import { untilSignal } from './until-signal.ts'

interface TrainArguments extends LearningArguments {
  readonly out: string
  readonly from?: string
  readonly registry?: string
  readonly shared?: boolean
  readonly folds?: string
  readonly resume?: boolean
  readonly force?: boolean
}

/** One network to train: its name, its place, and what it learns from. */
interface Part {
  readonly name: string
  readonly dir: string
  readonly histories: readonly History[]
}

function checkOut({ out, resume, force }: TrainArguments): void {
  if (resume === true || force === true || !existsSync(join(out, 'model.json'))) return
  const expected = 'there is a model already; it would be overwritten'
  throw new ConfigurationError([
    { path: '--out', value: out, expected, hint: 'name another directory, or give --force' },
  ])
}

function foldsOf({ folds = '0' }: TrainArguments): number {
  if (/^\d{1,3}$/.test(folds)) return Number(folds)
  throw new ConfigurationError([
    { path: '--folds', value: folds, expected: 'expected a whole number of folds, such as 5' },
  ])
}

/** A model a channel, each in a folder of its own; one model, where there is one channel or all share it. */
function partsOf({ histories }: ReadHistories, { out, shared }: TrainArguments): Part[] {
  const name =
    out
      .split(/[\\/]/)
      .filter((part) => part !== '')
      .at(-1) ?? 'model'
  if (histories.length === 1 || shared === true) return [{ name, dir: out, histories }]
  return histories.map((history) => ({
    name: history.name,
    dir: join(out, folderOf(history.name)),
    histories: [history],
  }))
}

async function train(inputs: readonly string[], args: TrainArguments): Promise<void> {
  const plan = planLearning(inputs, args)
  checkOut(args)
  checkWritable(args.out, [...modelFiles, 'plan.json'])
  const from = args.from === undefined ? null : loadNamedModel(args.from, args.registry)
  const stop = { asked: false }
  const signal = untilSignal(() => {
    stop.asked = true
  })
  try {
    const read = await readHistories(plan.read, signal)
    if (read === null) {
      process.exitCode = exitCodes.interrupted
      return
    }
    const taught = await tellingLeftOut(read, () => trainParts(read, args, plan, from, stop))
    const interrupted = stop.asked
    process.stdout.write(args.json === true ? `${trainedJson(taught, read)}\n` : trainedText(taught, read, interrupted))
    process.exitCode = interrupted ? exitCodes.interrupted : exitCodes.done
  } finally {
    signal.forget()
  }
}

async function trainParts(
  read: ReadHistories,
  args: TrainArguments,
  plan: LearningPlan,
  from: Model | null,
  stop: { readonly asked: boolean },
): Promise<Taught[]> {
  const taught: Taught[] = []
  const parts = partsOf(read, args)
  const count = foldsOf(args)
  const output = args.json === true ? null : process.stderr
  for (const part of parts) {
    // A part that was finished before an interruption is not trained again.
    const unfinished = existsSync(join(part.dir, 'training.state'))
    if (args.resume === true && parts.length > 1 && !unfinished && existsSync(join(part.dir, 'model.json'))) continue
    const resume = args.resume === true && (unfinished || parts.length === 1)
    const command = `residua ${process.argv.slice(2).join(' ')}`
    const stopAsked = (): boolean => stop.asked
    const files = plan.read.replay.source.paths
    const task = { ...part, plan: plan.training, from, resume, command, files, output, stopAsked }
    const upTo = (endMs: number, share: number): readonly History[] =>
      read.upTo(endMs, share).filter(({ name }) => part.histories.some((one) => one.name === name))
    taught.push(await trainOne(count === 0 ? task : { ...task, folds: { count, upTo } }))
    if (stop.asked) break
  }
  if (parts.length > 1) {
    // After an interruption some have no model yet; a list that names them could not be loaded.
    const there = parts.filter(({ dir }) => existsSync(join(dir, 'model.json')))
    writeModelSet(args.out, new Map(there.map(({ name }) => [name, folderOf(name)])))
  }
  return taught
}

/** `residua train`: a model from history. */
export function trainCommand(): Command {
  const command = addPlanOptions(addInputOptions(new Command('train')))
    .description('make a model from history: data prepared by the pipeline that also runs live, own training kernels')
    .requiredOption('--out <dir>', 'the directory of the model')
    .option('--shared', 'one model for all sensors instead of one each')
    .option(
      '--from <model>',
      'go on from a model (one that ships or is registered, or a directory) instead of from nothing',
    )
    .addOption(registryOption())
    .option('--freeze <names>', 'modules or tensors that are not changed, separated by commas, such as gru')
    .option('--folds <n>', 'first a cross-validation with a rolling origin, in so many folds')
    .option('--resume', 'go on with a training that was stopped, bit for bit as if it had not been')
    .option('--force', 'overwrite a model that is there')
    .addHelpText(
      'after',
      `
The directory holds model.json (with its card), weights.safetensors, training.html, loss.svg, residuals.svg,
forecast.svg, losses.csv and plan.json. Ctrl-C stops after the batch with the best weights so far.

Examples:
  residua train history.csv --out models/pump
  residua train history.csv --preset textbook-lstm --epochs 20 --out models/textbook
  residua train history.csv --from base --freeze gru --set fit.rate=0.001 --out models/tuned
  residua train machine.csv --as asset --asset press-3 --context load --calendar day --out models/press-3`,
    )
  return command.action(train)
}

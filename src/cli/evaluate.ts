import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { ConfigurationError, OperatingError } from '../base/errors.ts'
import type { Model } from '../model/model.ts'
import type { History } from '../train/data/history.ts'
import { evaluationText } from '../train/evaluate/evaluation-text.ts'
import { parsePlan } from '../train/plan.ts'
import { type ChannelEvaluation, type EvaluateSettings, evaluateHistory } from './evaluate/evaluate-history.ts'
import { evaluationIndex, evaluationReport } from './evaluate/evaluation-report.ts'
import { exitCodes } from './exit-codes.ts'
import { checkWritable, writeWhole } from './model-directory.ts'
import { folderOf, loadPipelineModels, readModelSet } from './model-set.ts'
import { resolveModel } from './named-models.ts'
import { fromFile, readJsonObject } from './read-file.ts'
import { registryOption } from './registry-option.ts'
import { durationMs, inputPlan, type LearningArguments } from './train/arguments.ts'
import { leftOutText, tellingLeftOut } from './train/left-out.ts'
import { addInputOptions } from './train/options.ts'
import { readHistories } from './train/read-histories.ts'
import { untilSignal } from './until-signal.ts'

interface EvaluateArguments extends LearningArguments {
  readonly model: string
  readonly registry?: string
  readonly out?: string
  readonly test?: string
  readonly steps?: string
  readonly by?: string
}

function numberOption(option: string, text: string, low: number, high: number, expected: string): number {
  const value = Number(text)
  if (value >= low && value <= high && text.trim() !== '') return value
  throw new ConfigurationError([{ path: option, value: text, expected }])
}

/**
 * What the plan beside a trained model says of its data; nothing for a model from elsewhere.
 *
 * Errors: `OperatingError('model')` for a plan that is damaged.
 */
function planBeside(dir: string): Partial<ReturnType<typeof parsePlan>['data']> {
  const path = join(dir, 'plan.json')
  if (!existsSync(path)) return {}
  const fix = 'put it back from a backup, or remove it and give --test and --period'
  const json = readJsonObject(path, 'model', fix)
  return fromFile(path, 'model', fix, () => parsePlan(json).data)
}

function settingsOf(args: EvaluateArguments, beside: ReturnType<typeof planBeside>): EvaluateSettings {
  const share = numberOption('--test', args.test ?? String(beside.test || 0.3), 0.01, 0.9, 'a share from 0.01 to 0.9')
  const steps = numberOption('--steps', args.steps ?? '10', 1, 1_000, 'a whole number of steps, at least 1')
  const seed = numberOption('--seed', args.seed ?? '1', 0, 2 ** 31, 'a whole number')
  const { by } = args
  if (by !== undefined && by !== 'stream' && by !== 'windows') {
    throw new ConfigurationError([{ path: '--by', value: by, expected: 'expected stream or windows' }])
  }
  return { test: share, horizons: Math.floor(steps), by: by ?? null, window: beside.window ?? 64, seed }
}

async function run(inputs: readonly string[], args: EvaluateArguments): Promise<void> {
  const { path } = resolveModel(args.model, args.registry)
  const folders = readModelSet(path)
  const models = loadPipelineModels(path)
  const first = folders === null ? models.model : [...models.own.values()][0]!
  const beside = planBeside(folders === null ? path : [...folders.values()][0]!)
  const settings = settingsOf(args, beside)
  const asset = first.forecast?.channels !== undefined
  const read = inputPlan(inputs, { ...args, as: asset ? 'asset' : 'sensors' })
  const context = first.forecast?.context ?? []
  const periodMs = args.period === undefined ? (beside.periodMs ?? null) : durationMs('--period', args.period)
  if (args.out !== undefined) checkWritable(args.out, ['evaluation.json', 'evaluation.html'])
  const signal = untilSignal()
  try {
    const data = { ...read.data, ...beside, periodMs, skipAlarms: false }
    // What is judged is cleaned by what the rows before it are like, as the simple methods are fitted on these.
    const part = { fitShare: 1 - settings.test, cut: 'own' } as const
    const found = await readHistories({ ...read, replay: { ...read.replay, context }, context, data, ...part }, signal)
    if (found === null) {
      process.exitCode = exitCodes.interrupted
      return
    }
    const judge = (history: History): ChannelEvaluation[] => {
      const model = folders === null ? models.model : models.own.get(history.name)
      if (model !== undefined) return evaluateHistory(model, history, settings)
      process.stderr.write(`${history.name}: there is no model of it in ${args.model}\n`)
      return []
    }
    const judged = await tellingLeftOut(found, () => found.histories.flatMap(judge))
    process.stderr.write(leftOutText(found))
    if (judged.length === 0) throw new OperatingError('read', `${args.model} has no model of any of these channels`)
    tell(judged, args, first)
  } finally {
    signal.forget()
  }
}

function tell(judged: readonly ChannelEvaluation[], args: EvaluateArguments, { name, fingerprint }: Model): void {
  const json = JSON.stringify({
    model: { name, weights: fingerprint },
    channels: judged.map(({ channel, table }) => ({ channel, ...table })),
  })
  if (args.out !== undefined) {
    writeWhole(args.out, 'evaluation.json', `${json}\n`)
    if (judged.length > 1) {
      const index = evaluationIndex(judged, name, (channel) => `${folderOf(channel)}.html`)
      writeWhole(args.out, 'evaluation.html', index)
    }
    for (const one of judged) {
      const { page, svgs } = evaluationReport(one)
      const folder = folderOf(one.channel)
      writeWhole(args.out, judged.length === 1 ? 'evaluation.html' : `${folder}.html`, page)
      for (const [ending, svg] of svgs) writeWhole(args.out, judged.length === 1 ? ending : `${folder}-${ending}`, svg)
    }
  }
  const text = judged.map(({ channel, table }) => `${channel}\n${evaluationText(table)}`).join('\n')
  process.stdout.write(args.json === true ? `${json}\n` : `${text.trimEnd()}\n`)
}

/** `residua evaluate`: a model beside the simple methods, so that one that loses to them is seen to lose. */
export function evaluateCommand(): Command {
  return addInputOptions(new Command('evaluate'))
    .description('judge a model on the last part of a history, beside naive, EWMA, AR, MA, ARMA and ridge forecasts')
    .requiredOption('--model <name or folder>', 'the model: a name that ships, a directory, or one that is registered')
    .addOption(registryOption())
    .option('--test <share>', 'the last share of the rows is judged (default: that of the training, else 0.3)')
    .option('--steps <n>', 'steps ahead that are judged, at most those of the model', '10')
    .option(
      '--by <way>',
      'stream: as it runs live (the default where it can); windows: each row at the end of a window',
    )
    .option('--period <duration>', 'puts the readings on a grid first, such as 5m')
    .option('--seed <n>', 'of the bootstrap', '1')
    .option('--out <dir>', 'evaluation.json, and a page and its pictures (SVG) a channel')
    .addHelpText(
      'after',
      `
Examples:
  residua evaluate history.csv --model models/pump --out evaluation
  residua evaluate history.csv --model base --steps 1`,
    )
    .action(run)
}

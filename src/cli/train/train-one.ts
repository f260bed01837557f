import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '../../base/errors.ts'
import { fnv64 } from '../../base/hash.ts'
import type { Model, ModelCard, TrainedOn } from '../../model/model.ts'
import type { History } from '../../train/data/history.ts'
import { type FitResult, type FitState, fitNetwork } from '../../train/fit/fit.ts'
import { readFitState, writeFitState } from '../../train/fit/progress-state.ts'
import { withWeights } from '../../train/fit/with-weights.ts'
import { type Lesson, makeLesson, taughtModel } from '../../train/lesson.ts'
import { calibrationsOf } from '../../train/linear/calibrate.ts'
import { correctedBy } from '../../train/linear/corrected-model.ts'
import { type GateReport, gateReport } from '../../train/linear/gate-report.ts'
import type { TrainingPlan } from '../../train/plan.ts'
import { type ChannelTest, testPart } from '../../train/test-part.ts'
import { checkWritable, modelFiles, writeModelFiles, writeWhole } from '../model-directory.ts'
import { fromFile, readBytes } from '../read-file.ts'
import { createLearner } from './create-learner.ts'
import { type CrossValidation, crossValidate } from './cross-validate.ts'
import { fingerprintOf } from './read-histories.ts'
import { type FitOutput, runFit } from './run-fit.ts'
import type { Taught } from './taught.ts'
import { reportFiles, writeReport } from './training-report.ts'

/** File of an unfinished training, in the model's own directory. */
const stateFile = 'training.state'

/** One training of one network. */
export interface TrainingTask {
  readonly name: string
  readonly dir: string
  readonly histories: readonly History[]
  readonly plan: TrainingPlan
  readonly from: Model | null
  readonly resume: boolean
  /** Folds of a cross-validation that is made first, and the histories of each; none by default. */
  readonly folds?: { readonly count: number; readonly upTo: CrossValidation['upTo'] }
  readonly command: string
  /** The inputs, for the card. */
  readonly files: readonly string[]
  readonly output: FitOutput | null
  readonly stopAsked: () => boolean
}

/**
 * Trains one network and writes its directory: model, card, loss curve, residuals, forecast on the test part.
 *
 * After every epoch the state is saved; a training that was stopped goes on from there with `resume`, bit for bit.
 * Errors: `ConfigurationError` for a plan that does not fit the data; `OperatingError` read, model or write.
 */
export async function trainOne(task: TrainingTask): Promise<Taught> {
  const { name, dir, plan, from, output, stopAsked } = task
  checkWritable(dir, [...modelFiles, ...reportFiles, stateFile])
  const lesson = makeLesson(task.histories, plan, from)
  const fingerprint = fingerprintOf(task.histories)
  const settings = fnv64([JSON.stringify(lesson.plan), fingerprint, lesson.model.fingerprint])
  const saved = task.resume ? readState(dir, settings) : undefined
  writeWhole(dir, 'plan.json', `${JSON.stringify(lesson.plan, null, 2)}\n`)
  const folds =
    task.folds === undefined ? [] : await crossValidate({ ...task, upTo: task.folds.upTo }, task.folds.count)
  const learner = await createLearner(lesson)
  const began = performance.now()
  try {
    const fitting = fitNetwork(learner, lesson, lesson.plan.fit, saved)
    const save = (state: () => FitState): void => writeWhole(dir, stateFile, writeFitState(state(), settings))
    const driver = { name, ticks: lesson.train.ticks, output, stopAsked, save, now: () => performance.now() }
    // Saved before the first epoch too, so that a training stopped within it goes on, and an older one's state is gone.
    if (saved === undefined) {
      const weights = learner.weights()
      save(() => ({ history: [], weights, best: weights, memory: learner.memory() }))
    }
    const result = await runFit(fitting, driver)
    const card = cardOf(task, lesson, result, fingerprint, learner.engine)
    const unjudged = taughtModel(lesson, name, result.weights, card)
    const tests = lesson.prepared.flatMap((one) => testPart(unjudged, one, testRange(one.split), lesson.train.ticks))
    const gate =
      unjudged.linear === null ? null : gateReport(correctedBy(unjudged, lesson.prepared), unjudged.linear.gates)
    const judged = {
      ...card,
      ...metricsOf(tests),
      ...(gate === null ? {} : { settings: { ...card.settings, ...gateSettings(gate) } }),
    }
    const model = withWeights(unjudged, new Map(), {
      card: judged,
      calibrations: calibrationsOf(unjudged, lesson.prepared),
    })
    writeModelFiles(dir, model)
    const seconds = (performance.now() - began) / 1_000
    const taught = { name, dir, model, lesson, result, tests, gate, folds, seconds }
    writeReport(taught)
    if (result.stopped !== 'interrupted') rmSync(join(dir, stateFile), { force: true })
    return taught
  } finally {
    learner.close()
  }
}

/** What the card says of the gates. */
function gateSettings({ errors, verdict }: GateReport): Record<string, string> {
  return { gates: errors.map(({ gate }) => gate.toFixed(3)).join(' '), verdict }
}

/** The test part; without one the validation part, which chose the epoch but was not trained on. */
function testRange({ test, validation }: Lesson['prepared'][number]['split']): { from: number; to: number } {
  return test.to > test.from ? test : validation
}

/** What the rows that were not trained on say; with several channels, only what means the same in every unit. */
function metricsOf(tests: readonly ChannelTest[]): Pick<ModelCard, 'metrics'> {
  const judged = tests.filter(({ mae, naiveMae }) => Number.isFinite(mae / naiveMae))
  if (judged.length === 0) return {}
  const rows = judged.reduce((sum, { timeMs }) => sum + timeMs.length, 0)
  const relativeError = judged.reduce((sum, { mae, naiveMae }) => sum + mae / naiveMae, 0) / judged.length
  const [{ mae, naiveMae }] = judged as [ChannelTest]
  return { metrics: { testRows: rows, relativeError, ...(tests.length === 1 ? { mae, naiveMae } : {}) } }
}

/** The facts of the data as the card has them. */
function trainedOnOf({ histories, files }: TrainingTask, fingerprint: string): TrainedOn {
  const first = histories.map(({ timeMs }) => timeMs[0]!)
  const last = histories.map(({ timeMs }) => timeMs.at(-1)!)
  return {
    fingerprint,
    rows: histories.reduce((sum, { timeMs }) => sum + timeMs.length, 0),
    fromMs: Math.min(...first),
    toMs: Math.max(...last),
    channels: histories.flatMap(({ channels }) => channels),
    files,
  }
}

function readState(dir: string, settings: string): FitState {
  const path = join(dir, stateFile)
  if (!existsSync(path)) {
    const expected = `there is no unfinished training in ${dir}`
    throw new ConfigurationError([{ path: '--resume', expected, hint: 'leave --resume out to begin one' }])
  }
  const fix = 'remove it and begin anew without --resume'
  const bytes = readBytes(path, 'read', fix)
  return fromFile(path, 'read', fix, () => readFitState(bytes, settings))
}

function cardOf(task: TrainingTask, lesson: Lesson, result: FitResult, data: string, engine: string): ModelCard {
  const { histories, from, command } = task
  const rows = histories.reduce((sum, { timeMs }) => sum + timeMs.length, 0)
  const names = histories.flatMap(({ channels }) => channels)
  const { fit: fitPlan, data: dataPlan } = lesson.plan
  const best = result.history.find(({ epoch }) => epoch === result.bestEpoch)
  const validation = best?.validation
  return {
    summary: `${from === null ? 'Trained' : `Tuned further from ${from.name}`} on ${names.length === 1 ? 'one channel' : `${names.length} channels`}.`,
    data: `${rows} rows of ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}; SHA-256 ${data}`,
    seed: fitPlan.seed,
    epochs: result.history.length,
    losses: {
      ...(best === undefined ? {} : { train: best.train }),
      ...(validation === undefined || validation === null ? {} : { validation }),
    },
    settings: {
      engine,
      loss: fitPlan.loss,
      optimizer: fitPlan.optimizer.kind,
      rate: fitPlan.rate,
      batch: fitPlan.batch,
      window: dataPlan.window,
      scaler: dataPlan.scaler,
      bestEpoch: result.bestEpoch,
    },
    command,
    ...(from === null ? {} : { from: `${from.name}-${from.fingerprint}` }),
    trainedOn: trainedOnOf(task, data),
  }
}

import { ConfigurationError, OperatingError, type Problem } from '../../base/errors.ts'
import { createPrng } from '../../base/prng.ts'
import { shuffledOrder } from '../../base/shuffled-order.ts'
import { type Batch, knownTargets, WindowBatches } from './batches.ts'
import type { Examples } from './examples.ts'
import type { Learner } from './learner.ts'
import { rateAt, type Schedule, scheduleProblems } from './schedule.ts'

/** How long, how fast and in which order a network is fitted. */
export interface FitSettings {
  /** Rounds over all windows, at most. */
  readonly epochs: number
  /** Windows of one update: that for which the learner was made. */
  readonly batch: number
  /** Learning rate that the schedule begins with, or reaches. */
  readonly rate: number
  /** Default constant. */
  readonly schedule?: Schedule
  /** Stops after so many epochs in a row that are not better by more than `minDelta`; 0 (default): never. */
  readonly patience?: number
  readonly minDelta?: number
  /** The weights that are kept: of the epoch with the lowest loss (default), or of the last one. */
  readonly keep?: 'best' | 'last'
  /** Deviation of the normal noise that is added to every input while training. Default 0. */
  readonly inputNoise?: number
  /** Decides the order of the windows, and the noise. */
  readonly seed: number
}

/** One round: mean losses over the known targets, without penalties, and the rate of its last update. */
export interface EpochRecord {
  /** Counts from 1. */
  readonly epoch: number
  /** While it was trained: with dropout, and of weights that were changing. */
  readonly train: number
  /** Of the weights at its end; null without validation windows. */
  readonly validation: number | null
  readonly rate: number
}

/** What a fit needs to go on from the end of an epoch as if it had never stopped. */
export interface FitState {
  readonly history: readonly EpochRecord[]
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly best: ReadonlyMap<string, Float32Array>
  /** The learner's own: moments of the optimizer, draws of dropout. */
  readonly memory: ReadonlyMap<string, Float64Array>
}

/** Where a fit stands, after each batch. */
export interface FitProgress {
  /** Both count from 1. */
  readonly epoch: number
  readonly epochs: number
  readonly batch: number
  readonly batches: number
  /** Mean loss of this epoch so far. */
  readonly loss: number
  /** Of the last epoch that is over; null before, and without validation windows. */
  readonly validationLoss: number | null
  readonly rate: number
  /** Windows trained, over all epochs; of how many, unless it stops early. */
  readonly windows: number
  readonly windowsTotal: number
  /** Its record and state when the epoch is over, else null; the state is copied when it is asked for, before the next batch. */
  readonly finished: { readonly record: EpochRecord; state(): FitState } | null
}

/** What a fit ends with. */
export interface FitResult {
  /** Of the epoch with the lowest loss (validation, or training without one), or of the last one: as `keep` says. */
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly history: readonly EpochRecord[]
  /** 0: it was interrupted in its first epoch, and the weights are those of that moment. */
  readonly bestEpoch: number
  readonly stopped: 'epochs' | 'patience' | 'interrupted'
}

/** A fit under way: `next()` trains one batch, `next('stop')` ends it with the best weights so far. */
export type Fit = Generator<FitProgress, FitResult, 'stop' | undefined>

/** The windows of a fit. */
export interface FitData {
  readonly train: Examples
  readonly validation: Examples | null
}

/**
 * Teaches a network: rounds over shuffled windows, the validation loss after each, the best weights at the end.
 *
 * The order of an epoch depends on the seed and its number only, and rates on the history, so that the same seed gives
 * the same weights bit for bit, resumed or not. The learner is left with the weights of the result.
 * Shapes: windows as `Examples`; the last batch of an epoch is filled up with windows without targets.
 * Errors: `ConfigurationError` for settings; `OperatingError('training')` when a loss is not finite, or no target is known.
 */
export function* fitNetwork(learner: Learner, data: FitData, settings: FitSettings, resumeFrom?: FitState): Fit {
  checkSettings(settings, data)
  const training = new Training(learner, data, settings, resumeFrom)
  while (!training.isOver()) {
    for (const progress of training.epoch()) {
      if ((yield progress) === 'stop') return training.result('interrupted')
    }
  }
  return training.result(training.history.length < settings.epochs ? 'patience' : 'epochs')
}

/** A fit's memory, and the work of one epoch. */
class Training {
  readonly history: EpochRecord[]
  readonly #learner: Learner
  readonly #settings: FitSettings
  readonly #train: WindowBatches
  readonly #validation: WindowBatches | null
  #best: ReadonlyMap<string, Float32Array> | null = null

  constructor(learner: Learner, data: FitData, settings: FitSettings, from: FitState | undefined) {
    this.#learner = learner
    this.#settings = settings
    this.#train = new WindowBatches(data.train, settings.batch)
    this.#validation = data.validation === null ? null : new WindowBatches(data.validation, settings.batch)
    this.history = [...(from?.history ?? [])]
    if (from === undefined) return
    learner.setWeights(from.weights)
    learner.setMemory(from.memory)
    this.#best = from.best
  }

  isOver(): boolean {
    const { epochs, patience = 0, minDelta = 0 } = this.#settings
    if (this.history.length >= epochs) return true
    return patience > 0 && epochsWithoutGain(this.history.map(watched), minDelta) >= patience
  }

  *epoch(): Generator<FitProgress, void> {
    const { epochs, seed } = this.#settings
    const { count: batches, windows } = this.#train
    const epoch = this.history.length + 1
    const order = windowOrder(windows, seed, epoch)
    const mean = new Mean()
    for (let batch = 1; batch <= batches; batch++) {
      const rate = this.#rate(batch)
      this.#step(this.#noisy(this.#train.read(order, batch - 1), epoch, batch), rate, mean, epoch)
      const finished = batch === batches ? this.#finish({ epoch, train: mean.value(), rate }) : null
      yield {
        ...{ epoch, epochs, batch, batches, rate, finished },
        loss: mean.value(),
        validationLoss: this.history.at(-1)?.validation ?? null,
        windows: (epoch - 1) * windows + Math.min(windows, batch * this.#settings.batch),
        windowsTotal: epochs * windows,
      }
    }
  }

  result(stopped: FitResult['stopped']): FitResult {
    const weights = this.#best ?? this.#learner.weights()
    this.#learner.setWeights(weights)
    return { weights, history: this.history, bestEpoch: this.#kept()?.epoch ?? 0, stopped }
  }

  /** The epoch whose weights are kept. */
  #kept(): EpochRecord | undefined {
    return this.#settings.keep === 'last' ? this.history.at(-1) : bestOf(this.history)
  }

  #rate(batch: number): number {
    const { rate, schedule = { kind: 'constant' }, epochs } = this.#settings
    const updatesPerEpoch = this.#train.count
    const update = this.history.length * updatesPerEpoch + batch - 1
    return rateAt(rate, schedule, { update, updatesPerEpoch, epochs, losses: this.history.map(watched) })
  }

  /** Adds noise of its own to every batch of every epoch, whether the training was resumed or not. */
  #noisy(read: Batch, epoch: number, batch: number): Batch {
    const { inputNoise = 0, seed } = this.#settings
    if (inputNoise === 0) return read
    const random = createPrng((seed * 1_000_003 + epoch) * 65_537 + batch)
    for (let n = 0; n < read.x.length; n++) read.x[n] = read.x[n]! + inputNoise * random.normal()
    return read
  }

  #step({ x, target }: Batch, rate: number, mean: Mean, epoch: number): void {
    const targets = knownTargets(target)
    if (targets === 0) return
    const loss = this.#learner.step(x, target, rate)
    if (!Number.isFinite(loss)) throw diverged(`the loss became ${loss} in epoch ${epoch}`)
    mean.add(loss, targets)
  }

  /** The validation loss, the record, and the weights where they are the best. */
  #finish(trained: Omit<EpochRecord, 'validation'>): FitProgress['finished'] {
    if (Number.isNaN(trained.train)) throw new OperatingError('training', 'no window to train on has a known target')
    const record = { ...trained, validation: this.#validationLoss(trained.epoch) }
    this.history.push(record)
    if (this.#kept() === record) this.#best = this.#learner.weights()
    return { record, state: () => this.#state() }
  }

  #validationLoss(epoch: number): number | null {
    const batches = this.#validation
    if (batches === null) return null
    const order = Int32Array.from({ length: batches.windows }, (_, n) => n)
    const mean = new Mean()
    for (let batch = 0; batch < batches.count; batch++) {
      const { x, target } = batches.read(order, batch)
      const { loss, targets } = this.#learner.judge(x, target)
      if (targets > 0) mean.add(loss, targets)
    }
    if (Number.isFinite(mean.value())) return mean.value()
    if (mean.isEmpty()) throw new OperatingError('training', 'no window of the validation part has a known target')
    throw diverged(`the validation loss became ${mean.value()} in epoch ${epoch}`)
  }

  #state(): FitState {
    const weights = this.#learner.weights()
    return { history: [...this.history], weights, best: this.#best ?? weights, memory: this.#learner.memory() }
  }
}

/** A mean whose parts have weights; NaN of nothing. */
class Mean {
  #sum = 0
  #weight = 0

  add(value: number, weight: number): void {
    this.#sum += value * weight
    this.#weight += weight
  }

  value(): number {
    return this.#sum / this.#weight
  }

  isEmpty(): boolean {
    return this.#weight === 0
  }
}

/** The loss that decides which epoch is the best. */
function watched({ train, validation }: EpochRecord): number {
  return validation ?? train
}

/** The first of the epochs with the lowest loss. */
function bestOf(history: readonly EpochRecord[]): EpochRecord | undefined {
  return history.reduce<EpochRecord | undefined>(
    (best, record) => (best === undefined || watched(record) < watched(best) ? record : best),
    undefined,
  )
}

/** Epochs since the last one that was better than all before by more than `minDelta`. */
function epochsWithoutGain(losses: readonly number[], minDelta: number): number {
  let best = Number.POSITIVE_INFINITY
  let waited = 0
  for (const loss of losses) {
    waited++
    if (!(loss < best - minDelta)) continue
    best = loss
    waited = 0
  }
  return waited
}

/** Indices of the windows in the order of an epoch. */
function windowOrder(windows: number, seed: number, epoch: number): Int32Array {
  return shuffledOrder(createPrng(Math.imul(seed, 0x9e3779b1) + epoch), windows)
}

function diverged(what: string): OperatingError {
  return new OperatingError(
    'training',
    `${what}: the training does not settle; use a smaller learning rate, or clip the gradient to a norm of about 1`,
  )
}

function checkSettings(settings: FitSettings, data: FitData): void {
  const { epochs, batch, rate, schedule, patience = 0, minDelta = 0, seed } = settings
  const problems: Problem[] = []
  const check = (path: string, value: number, fits: boolean, expected: string): void => {
    if (!fits) problems.push({ path, value, expected })
  }
  check('epochs', epochs, Number.isInteger(epochs) && epochs > 0, 'a whole number of at least 1')
  check('batch', batch, Number.isInteger(batch) && batch > 0, 'a whole number of at least 1')
  check('rate', rate, rate > 0 && rate < Infinity, 'a number above 0')
  check('patience', patience, Number.isInteger(patience) && patience >= 0, 'a whole number of epochs, 0 for none')
  check('minDelta', minDelta, minDelta >= 0 && minDelta < Infinity, 'a number of at least 0')
  check('seed', seed, Number.isInteger(seed), 'a whole number')
  check('train', data.train.count, data.train.count > 0, 'at least one window')
  if (data.validation !== null)
    check('validation', data.validation.count, data.validation.count > 0, 'a window, or none at all (null)')
  if (schedule !== undefined) problems.push(...scheduleProblems(schedule, 'schedule'))
  if (problems.length > 0) throw new ConfigurationError(problems)
}

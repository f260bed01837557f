import { assert } from '../../base/assert.ts'
import type { Model } from '../../model/model.ts'
import { createTrainer, type Trainer } from '../../model/trainer/trainer.ts'
import { clipGradientNorm, createOptimizer, type Optimizer } from '../optimizer.ts'
import { isFrozen, unknownFrozen } from './frozen.ts'
import type { Learner } from './learner.ts'
import { learnerMemory, setLearnerMemory } from './learner-memory.ts'
import { checkSettings, type LearnerSettings } from './learner-settings.ts'
import { addPenalties, matricesOf } from './penalties.ts'
import { TargetLoss } from './target-loss.ts'

export type { LearnerSettings, OptimizerChoice } from './learner-settings.ts'

/**
 * A network that learns in Residua's own kernels: truncated BPTT over whole windows, each from a state of zeros.
 *
 * Shapes: as `Learner`. A plain head gives O values, a Gaussian 2·O (means, deviations), a Quantile head Q·O.
 * Works when: every module can be trained (`createTrainer`); batch normalisation keeps its stored statistics.
 * Errors: `ConfigurationError` for numbers out of range, a loss that the head does not give, frozen names of no weight;
 * `OperatingError('model')` as `createTrainer`.
 */
export function createOwnLearner(model: Model, settings: LearnerSettings): Learner {
  return new OwnLearner(model, settings)
}

class OwnLearner implements Learner {
  readonly engine = 'residua'
  readonly #trainer: Trainer
  readonly #optimizer: Optimizer
  readonly #loss: TargetLoss
  /** The weights that change, and of them the matrices that have a penalty. */
  readonly #trained: ReadonlyMap<string, Float32Array>
  readonly #penalised: ReadonlyMap<string, Float32Array>
  readonly #settings: LearnerSettings

  constructor(model: Model, settings: LearnerSettings) {
    const { batch, ticks, loss, optimizer, frozen = [], coldTicks = 0, seed } = settings
    checkSettings(settings)
    this.#settings = settings
    this.#loss = new TargetLoss(model, { loss, batch, ticks, coldTicks })
    this.#trainer = createTrainer(model, { batch, ticks, dropout: { seed } })
    const { parameters } = this.#trainer
    unknownFrozen(frozen, [...parameters.keys()])
    this.#trained = new Map([...parameters].filter(([name]) => !isFrozen(name, frozen)))
    this.#penalised = matricesOf(model, this.#trained)
    this.#optimizer = createOptimizer({ ...optimizer, rate: 0 })
  }

  step(x: Float32Array, target: Float32Array, rate: number): number {
    const { loss, targets, gradient } = this.#loss.take(this.#trainer.forward(x), target)
    if (targets === 0) return 0
    const { byName } = this.#trainer.backward(gradient)
    const gradients = new Map([...this.#trained.keys()].map((name) => [name, byName.get(name)!]))
    addPenalties(this.#penalised, gradients, this.#settings)
    const { gradientClip = 0 } = this.#settings
    if (gradientClip > 0) clipGradientNorm(gradients, gradientClip)
    this.#optimizer.rate = rate
    this.#optimizer.update(this.#trained, gradients)
    this.#trainer.repack()
    return loss
  }

  judge(x: Float32Array, target: Float32Array): { readonly loss: number; readonly targets: number } {
    const { loss, targets } = this.#loss.take(this.#trainer.evaluate(x), target)
    return { loss, targets }
  }

  weights(): Map<string, Float32Array> {
    return new Map([...this.#trainer.parameters].map(([name, values]) => [name, values.slice()]))
  }

  setWeights(weights: ReadonlyMap<string, Float32Array>): void {
    for (const [name, values] of this.#trainer.parameters) {
      const given = weights.get(name)
      assert(given?.length === values.length, `the weights of "${name}" must be ${values.length} values`)
      values.set(given)
    }
    this.#trainer.repack()
  }

  memory(): Map<string, Float64Array> {
    return learnerMemory(this.#optimizer, this.#trainer.draws)
  }

  setMemory(memory: ReadonlyMap<string, Float64Array>): void {
    this.#trainer.draws = setLearnerMemory(this.#optimizer, memory)
  }

  /** All memory is the garbage collector's. */
  close(): void {}
}

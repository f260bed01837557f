import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core'
import { assert } from '../../base/assert.ts'
import { dropRate, inputWidth, type TrainingGraph } from '../../model/graph.ts'
import { lowerForTraining } from '../../model/lower.ts'
import type { Model } from '../../model/model.ts'
import { maskKey, writeMask } from '../../model/trainer/mask.ts'
import { isFrozen, unknownFrozen } from '../fit/frozen.ts'
import type { Learner } from '../fit/learner.ts'
import { learnerMemory, setLearnerMemory } from '../fit/learner-memory.ts'
import { checkSettings, type LearnerSettings } from '../fit/learner-settings.ts'
import { addPenalties, matricesOf } from '../fit/penalties.ts'
import { TargetLoss } from '../fit/target-loss.ts'
import { clipGradientNorm, createOptimizer, type Optimizer } from '../optimizer.ts'
import { type LoadedTensorFlow, loadTensorFlow, type TensorFlow } from './load-tensorflow.ts'
import { graphValue, type MaskOf } from './tfjs-graph.ts'
import { type KnownTargets, lossValue } from './tfjs-loss.ts'

/** Tensors that training does not change: statistics of a batch normalisation, which is computed as in evaluation. */
const fixed = /(^|\.)running_(mean|var)$/

/**
 * A network that learns in TensorFlow.js: forward, losses and gradients are its own; the optimizer is ours.
 *
 * So it can be compared with `createOwnLearner` update for update, masks of dropout included.
 * Works when: any module, also cells with activations of Keras' or ONNX' that our own trainer refuses.
 * Shapes: as `Learner`. Allocates: variables until `close`; nothing of a batch is kept.
 * Errors: `ConfigurationError` for numbers out of range, a loss that the head does not give, frozen names of no weight.
 */
export async function createTfjsLearner(
  model: Model,
  settings: LearnerSettings,
  warn: (text: string) => void,
): Promise<Learner> {
  // Checked before a library of some megabytes is loaded.
  checkSettings(settings)
  const targetLoss = new TargetLoss(model, { ...settings, coldTicks: settings.coldTicks ?? 0 })
  const names = [...model.tensors.keys()].filter((name) => !fixed.test(name))
  unknownFrozen(settings.frozen ?? [], names)
  return new TfjsLearner(model, settings, await loadTensorFlow(warn), targetLoss.targets)
}

class TfjsLearner implements Learner {
  readonly engine: string
  readonly #tf: TensorFlow
  readonly #model: Model
  readonly #settings: LearnerSettings
  readonly #targets: number
  readonly #dropping: TrainingGraph
  readonly #drops: boolean
  /** All tensors of the model as the backend has them, and the numbers of those that a learner gives out. */
  readonly #variables: ReadonlyMap<string, Variable>
  readonly #parameters: ReadonlyMap<string, Float32Array>
  readonly #trained: ReadonlyMap<string, Float32Array>
  readonly #penalised: ReadonlyMap<string, Float32Array>
  readonly #optimizer: Optimizer
  #draws = 0

  constructor(model: Model, settings: LearnerSettings, { tf, backend }: LoadedTensorFlow, targets: number) {
    this.engine = backend
    this.#tf = tf
    this.#model = model
    this.#settings = settings
    this.#targets = targets
    this.#dropping = lowerForTraining(model.architecture)
    this.#drops = this.#dropping.nodes.some((node) => dropRate(node) > 0)
    const made = [...model.tensors].map(([name, { data, shape }]) => {
      return [name, tf.tidy(() => tf.variable(tf.tensor(data.slice(), [...shape]), !fixed.test(name)))] as const
    })
    this.#variables = new Map(made)
    const learned = [...model.tensors].filter(([name]) => !fixed.test(name))
    this.#parameters = new Map(learned.map(([name, { data }]) => [name, data.slice()]))
    const { frozen = [], optimizer } = settings
    this.#trained = new Map([...this.#parameters].filter(([name]) => !isFrozen(name, frozen)))
    this.#penalised = matricesOf(model, this.#trained)
    this.#optimizer = createOptimizer({ ...optimizer, rate: 0 })
  }

  step(x: Float32Array, target: Float32Array, rate: number): number {
    const mask = this.#drawMasks()
    const found = this.#tidied(() => this.#gradientsOf(x, target, mask))
    if (found === null) return 0
    const { gradientClip = 0 } = this.#settings
    if (gradientClip > 0) clipGradientNorm(found.gradients, gradientClip)
    this.#optimizer.rate = rate
    this.#optimizer.update(this.#trained, found.gradients)
    this.#assign(this.#trained)
    return found.loss
  }

  judge(x: Float32Array, target: Float32Array): { readonly loss: number; readonly targets: number } {
    return this.#tidied(() => {
      const known = this.#known(target)
      if (known.count === 0) return { loss: 0, targets: 0 }
      const loss = this.#lossOf(x, known, this.#model.graph, () => null)
      return { loss: loss.dataSync()[0]!, targets: known.count }
    })
  }

  weights(): Map<string, Float32Array> {
    return new Map([...this.#parameters].map(([name, values]) => [name, values.slice()]))
  }

  setWeights(weights: ReadonlyMap<string, Float32Array>): void {
    for (const [name, values] of this.#parameters) {
      const given = weights.get(name)
      assert(given?.length === values.length, `the weights of "${name}" must be ${values.length} values`)
      values.set(given)
    }
    this.#assign(this.#parameters)
  }

  memory(): Map<string, Float64Array> {
    return learnerMemory(this.#optimizer, this.#draws)
  }

  setMemory(memory: ReadonlyMap<string, Float64Array>): void {
    this.#draws = setLearnerMemory(this.#optimizer, memory)
  }

  close(): void {
    for (const variable of this.#variables.values()) variable.dispose()
  }

  /** Frees every tensor that `compute` makes; what it gives are numbers. */
  #tidied<Result>(compute: () => Result): Result {
    const results: Result[] = []
    this.#tf.tidy(() => {
      results.push(compute())
    })
    return results[0]!
  }

  /** The same masks as our own trainer's: by the seed, the batches before and the place. */
  #drawMasks(): MaskOf {
    if (!this.#drops) return () => null
    const draw = this.#draws++
    return (place, p, shape) => {
      const [ticks, batch, width] = shape
      const factors = new Float32Array(ticks * batch * width)
      const rows = { at: 0, rows: ticks * batch, width, stride: width }
      writeMask(factors, maskKey(this.#settings.seed, draw, place), p, rows)
      return this.#tf.tensor(factors, [...shape])
    }
  }

  #gradientsOf(x: Float32Array, target: Float32Array, mask: MaskOf): Found | null {
    const known = this.#known(target)
    if (known.count === 0) return null
    const names = [...this.#trained.keys()]
    const variables = names.map((name) => this.#variables.get(name)!)
    const { value, grads } = this.#tf.variableGrads(
      () => this.#lossOf(x, known, this.#dropping, mask) as Scalar,
      variables,
    )
    const gradients = new Map<string, Float32Array>()
    for (const [at, name] of names.entries()) {
      // A copy: WASM gives a view of its memory, and clipping writes. A weight that the loss does not reach has none.
      const gradient =
        grads[variables[at]!.name]?.dataSync().slice() ?? new Float32Array(this.#trained.get(name)!.length)
      gradients.set(name, gradient as Float32Array)
    }
    addPenalties(this.#penalised, gradients, this.#settings)
    return { loss: value.dataSync()[0]!, gradients }
  }

  #lossOf(x: Float32Array, known: KnownTargets, graph: TrainingGraph, mask: MaskOf): Tensor {
    const tf = this.#tf
    const { batch, ticks, loss } = this.#settings
    const inputs = inputWidth(this.#model.graph)
    assert(x.length === batch * ticks * inputs, `x must hold ${batch} × ${ticks} × ${inputs} values, not ${x.length}`)
    const weight = (name: string): Tensor => this.#variables.get(name)!
    const output = graphValue({ tf, graph, weight, mask }, tf.tensor(x, [batch, ticks, inputs]))
    return lossValue(tf, this.#model, loss, tf.reshape(output, [-1, output.shape.at(-1)!]), known)
  }

  /** The targets that are known: neither NaN nor of a cold tick. */
  #known(target: Float32Array): KnownTargets {
    const { batch, ticks, coldTicks = 0 } = this.#settings
    const { nodes, output } = this.#model.graph
    const every = nodes[output]!.sequence
    const shape: [number, number] = [every ? batch * ticks : batch, this.#targets]
    const all = shape[0] * shape[1]
    assert(target.length === all, `the targets of a batch are ${all} values, not ${target.length}`)
    const isKnown = (n: number): boolean =>
      !Number.isNaN(target[n]) && (!every || Math.floor(n / this.#targets) % ticks >= coldTicks)
    const known = Float32Array.from(target, (_, n) => (isKnown(n) ? 1 : 0))
    const values = target.map((value, n) => (known[n] === 1 ? value : 0))
    const count = known.reduce((sum, one) => sum + one, 0)
    return { values: this.#tf.tensor(values, shape), known: this.#tf.tensor(known, shape), count }
  }

  #assign(parameters: ReadonlyMap<string, Float32Array>): void {
    const tf = this.#tf
    tf.tidy(() => {
      for (const [name, values] of parameters) {
        const variable = this.#variables.get(name)!
        variable.assign(tf.tensor(values.slice(), variable.shape))
      }
    })
  }
}

interface Found {
  readonly loss: number
  readonly gradients: Map<string, Float32Array>
}

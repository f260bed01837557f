import { assert } from '../../base/assert.ts'
import { ConfigurationError } from '../../base/errors.ts'
import { outputWidth } from '../../model/graph.ts'
import { headOf } from '../../model/head.ts'
import type { Model } from '../../model/model.ts'
import { type Loss, losses } from '../loss.ts'

/** The losses that a network is taught by; `gaussian` and `quantile` are those of the heads of these names. */
export type LossName = 'mse' | 'mae' | 'huber' | 'gaussian' | 'quantile'

/** The names, in the order in which they are told. */
export const lossNames: readonly LossName[] = ['mse', 'mae', 'huber', 'gaussian', 'quantile']

/** What a batch's outputs are worth, and how they should change. */
export interface TargetLossResult {
  /** The mean over the known targets; 0 where there is none. */
  readonly loss: number
  /** How many targets are known. */
  readonly targets: number
  /** At the model's output, in its shape; zero where the target is not known. Written again by the next batch. */
  readonly gradient: Float32Array
}

interface TargetLossOptions {
  readonly loss: LossName
  readonly batch: number
  readonly ticks: number
  readonly coldTicks: number
}

/**
 * The loss of a model's outputs for the targets that are known: NaN and the first, cold ticks of a window have none.
 *
 * Known targets are laid side by side with the values that the head gives for each (one, mean and deviation, or a value a
 * level), as if each were a row of its own; so the losses' means are over known targets only.
 * Shapes: output (B,T,V·O) or (B,V·O), target (B,T,O) or (B,O).
 */
export class TargetLoss {
  /** Targets of a row, O. */
  readonly targets: number
  readonly #loss: Loss
  /** Values of the head for each target, V. */
  readonly #each: number
  readonly #rows: number
  readonly #ticks: number
  readonly #coldTicks: number
  readonly #gradient: Float32Array
  /** Of the known targets: place of the first value in the output, the values, the targets, the gradient. */
  readonly #places: Int32Array
  readonly #known: { readonly values: Float32Array; readonly targets: Float32Array; readonly gradient: Float32Array }

  /** Errors: `ConfigurationError` for a loss that the last module does not go with, or when all ticks are cold. */
  constructor(model: Model, { loss, batch, ticks, coldTicks }: TargetLossOptions) {
    const width = outputWidth(model.graph)
    const { each, compute } = lossOf(model, loss)
    const every = model.graph.nodes[model.graph.output]!.sequence
    if (coldTicks > 0 && every && coldTicks >= ticks) {
      const expected = `fewer than the ${ticks} ticks of a window`
      throw new ConfigurationError([{ path: 'coldTicks', value: coldTicks, expected }])
    }
    this.targets = width / each
    this.#loss = compute
    this.#each = each
    this.#rows = every ? batch * ticks : batch
    this.#ticks = every ? ticks : 1
    this.#coldTicks = every ? coldTicks : 0
    this.#gradient = new Float32Array(this.#rows * width)
    const most = this.#rows * this.targets
    this.#places = new Int32Array(most)
    const values = new Float32Array(most * each)
    this.#known = { values, targets: new Float32Array(most), gradient: new Float32Array(most * each) }
  }

  /** Shapes as above. Allocates nothing. */
  take(output: Float32Array, target: Float32Array): TargetLossResult {
    const all = this.#rows * this.targets
    assert(target.length === all, `the targets of a batch are ${all} values, not ${target.length}`)
    const known = this.#gather(output, target)
    const gradient = this.#gradient
    gradient.fill(0)
    if (known === 0) return { loss: 0, targets: 0, gradient }
    const each = this.#each
    const of = this.#known
    const ofKnown = of.gradient.subarray(0, known * each)
    const loss = this.#loss(of.values.subarray(0, known * each), of.targets.subarray(0, known), ofKnown)
    for (let n = 0; n < known; n++) {
      const place = this.#places[n]!
      for (let v = 0; v < each; v++) gradient[place + v * this.targets] = ofKnown[n * each + v]!
    }
    return { loss, targets: known, gradient }
  }

  /** Lays the known targets and the head's values for them side by side; gives how many there are. */
  #gather(output: Float32Array, target: Float32Array): number {
    const each = this.#each
    const { targets } = this
    const { values, targets: into } = this.#known
    let known = 0
    for (let row = 0; row < this.#rows; row++) {
      if (row % this.#ticks < this.#coldTicks) continue
      for (let o = 0; o < targets; o++) {
        const wanted = target[row * targets + o]!
        if (Number.isNaN(wanted)) continue
        const place = row * targets * each + o
        for (let v = 0; v < each; v++) values[known * each + v] = output[place + v * targets]!
        into[known] = wanted
        this.#places[known++] = place
      }
    }
    return known
  }
}

/** The loss of single targets, and how many values the head gives for each. */
function lossOf(model: Model, loss: LossName): { readonly each: number; readonly compute: Loss } {
  const { kind, each, levels } = headOf(model.architecture)
  const needs = loss === 'gaussian' || loss === 'quantile' ? loss : 'plain'
  if (kind !== needs) {
    const { type } = model.architecture.modules.at(-1)!
    const expected =
      needs === 'plain'
        ? `"${kind}", the loss of the last module, ${type}`
        : `another loss, or a ${needs === 'gaussian' ? 'Gaussian' : 'Quantile'} head as the last module, which is ${type}`
    throw new ConfigurationError([{ path: 'loss', value: loss, expected, hint: `losses are ${lossNames.join(', ')}` }])
  }
  if (kind === 'gaussian') return { each, compute: losses.gaussianHead(1) }
  if (kind === 'quantile') return { each, compute: losses.quantileHead(levels, 1) }
  return { each, compute: loss === 'huber' ? losses.huber() : loss === 'mae' ? losses.mae : losses.mse }
}

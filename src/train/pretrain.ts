import { createPrng, type Prng } from '../base/prng.ts'
import { shuffledOrder } from '../base/shuffled-order.ts'
import { parseArchitecture } from '../model/architecture.ts'
import { createModel, type Model } from '../model/model.ts'
import type { Tensor } from '../model/tensor.ts'
import { AdamW, clipNorm, oneCycle } from './adamw.ts'
import { BackwardRoom, backwardWindow, forwardWindow, layoutOf, type Shape, Tape } from './backward.ts'
import { generateSensor } from './corpus.ts'

/** Settings of the base model's training. */
export interface PretrainSettings {
  readonly seed: number
  readonly hidden: number
  readonly horizons: number
  readonly inputClip: number
  /** Rounds over the same generated corpus. */
  readonly epochs: number
  readonly sensors: number
  readonly rows: number
  /** Rows from which a sensor's scale is taken, as in a warm-up. */
  readonly fitRows: number
  readonly window: number
  readonly batch: number
  readonly peakRate: number
  readonly decay: number
  readonly clip: number
}

/** The settings that made the model which ships. */
export const baseSettings: PretrainSettings = {
  seed: 20261123,
  hidden: 32,
  horizons: 10,
  inputClip: 8,
  epochs: 6,
  sensors: 1024,
  rows: 768,
  fitRows: 375,
  window: 64,
  batch: 16,
  peakRate: 5e-3,
  decay: 1e-3,
  clip: 1,
}

/** A generated sensor made ready: network input, scaled value, and the weight of each horizon in the loss. */
interface Lesson {
  readonly x: Float64Array
  readonly v: Float64Array
  /** 1 / root mean square of v[t+h] − v[t]: every sensor and horizon counts as its gain over persistence. */
  readonly weight: Float64Array
}

/** Rows of a fresh network without loss. */
const coldRows = 10

/** Error size, relative to persistence, from which the loss grows only linearly. */
const huberEdge = 1

function prepare(raw: Float64Array, settings: PretrainSettings): Lesson {
  const { fitRows, horizons, inputClip } = settings
  let mean = 0
  let low = Infinity
  let high = -Infinity
  for (let t = 0; t < fitRows; t++) {
    mean += raw[t]! / fitRows
    low = Math.min(low, raw[t]!)
    high = Math.max(high, raw[t]!)
  }
  let squares = 0
  for (let t = 0; t < fitRows; t++) squares += (raw[t]! - mean) ** 2 / fitRows
  const unit = Math.max(Math.sqrt(squares), 0.025 * (high - low), 1e-9)
  const v = raw.map((value) => (value - mean) / unit)
  const x = v.map((value) => Math.max(-inputClip, Math.min(inputClip, value)))
  const weight = new Float64Array(horizons)
  for (let h = 1; h <= horizons; h++) {
    let change = 0
    for (let t = 0; t + h < v.length; t++) change += (v[t + h]! - v[t]!) ** 2
    weight[h - 1] = 1 / Math.max(Math.sqrt(change / (v.length - h)), 0.01)
  }
  return { x, v, weight }
}

function lessons(random: Prng, settings: PretrainSettings, sensors: number): Lesson[] {
  return Array.from({ length: sensors }, () => prepare(generateSensor(random, settings.rows), settings))
}

/** Loss of a window and its gradient at the outputs: Huber of the error relative to persistence, mean over all. */
function windowLoss(
  lesson: Lesson,
  start: number,
  tape: Tape,
  horizons: number,
  scale: number,
  dy: Float64Array,
): number {
  let loss = 0
  for (let t = 0; t < tape.ticks; t++) {
    for (let h = 1; h <= horizons; h++) {
      const place = t * horizons + h - 1
      dy[place] = 0
      const now = start + t
      if (now < coldRows || now + h >= lesson.v.length) continue
      const weight = lesson.weight[h - 1]!
      const error = weight * (tape.y[place]! - (lesson.v[now + h]! - lesson.v[now]!))
      const size = Math.abs(error)
      loss += scale * (size < huberEdge ? 0.5 * error * error : huberEdge * (size - 0.5 * huberEdge))
      dy[place] = scale * weight * (size < huberEdge ? error : error > 0 ? huberEdge : -huberEdge)
    }
  }
  return loss
}

function initialWeights(random: Prng, shape: Shape): Float64Array {
  const at = layoutOf(shape)
  const w = new Float64Array(at.size)
  const bound = 1 / Math.sqrt(shape.hidden)
  for (let i = 0; i < at.wHead; i++) w[i] = random.between(-bound, bound)
  for (let i = at.wHead; i < at.bHead; i++) w[i] = random.between(-bound, bound) * 0.1
  return w
}

/** What training gives: weights, and mean losses of training by epoch and of unseen generated sensors. */
export interface Pretrained {
  readonly weights: Float64Array
  readonly trainLosses: readonly number[]
  readonly unseenLoss: number
  /** The loss of persistence on the same unseen sensors. */
  readonly persistenceLoss: number
}

/**
 * Trains the base model on generated sensors: GRU and linear head, truncated backpropagation with carried state.
 *
 * The same settings give the same bits: seeded numbers, fixed order, only exact arithmetic and `base/math`.
 * Cost: about 25 µs a row and epoch at 32 hidden units.
 */
export function pretrain(settings: PretrainSettings, progress: (epoch: number, loss: number) => void): Pretrained {
  const random = createPrng(settings.seed)
  const shape: Shape = { inputs: 1, hidden: settings.hidden, outputs: settings.horizons }
  const corpus = lessons(random, settings, settings.sensors)
  const weights = initialWeights(random, shape)
  const optimizer = new AdamW(weights.length, settings.decay)
  const grad = new Float64Array(weights.length)
  const windows = Math.floor(settings.rows / settings.window)
  const batches = Math.floor(settings.sensors / settings.batch)
  const tapes = Array.from({ length: settings.batch }, () => new Tape(shape, settings.window))
  const dy = new Float64Array(settings.window * settings.horizons)
  const room = new BackwardRoom(shape)
  const scale = 1 / (settings.batch * settings.window * settings.horizons)
  const updates = settings.epochs * batches * windows
  const trainLosses: number[] = []
  let update = 0
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = shuffledOrder(random, settings.sensors)
    let total = 0
    for (let batch = 0; batch < batches; batch++) {
      for (const tape of tapes) tape.h.fill(0)
      for (let window = 0; window < windows; window++) {
        grad.fill(0)
        tapes.forEach((tape, row) => {
          const lesson = corpus[order[batch * settings.batch + row]!]!
          const start = window * settings.window
          const x = lesson.x.subarray(start, start + settings.window)
          if (window > 0) tape.h.copyWithin(0, settings.window * settings.hidden)
          forwardWindow(shape, weights, x, tape)
          total += windowLoss(lesson, start, tape, settings.horizons, scale, dy) / (batches * windows)
          backwardWindow(shape, weights, x, tape, dy, room, grad)
        })
        clipNorm(grad, settings.clip)
        optimizer.update(weights, grad, oneCycle(update++, updates, settings.peakRate))
      }
    }
    trainLosses.push(total)
    progress(epoch + 1, total)
  }
  return { weights, trainLosses, ...evaluate(settings, shape, weights) }
}

/** Mean loss on sensors generated from another seed, of the network and of persistence. */
function evaluate(
  settings: PretrainSettings,
  shape: Shape,
  weights: Float64Array,
): { unseenLoss: number; persistenceLoss: number } {
  const unseen = lessons(createPrng(settings.seed + 1), settings, Math.max(8, settings.sensors >> 3))
  const tape = new Tape(shape, settings.rows)
  const still = new Tape(shape, settings.rows)
  const dy = new Float64Array(settings.rows * settings.horizons)
  const scale = 1 / (unseen.length * settings.rows * settings.horizons)
  let unseenLoss = 0
  let persistenceLoss = 0
  for (const lesson of unseen) {
    tape.h.fill(0)
    forwardWindow(shape, weights, lesson.x, tape)
    unseenLoss += windowLoss(lesson, 0, tape, settings.horizons, scale, dy)
    persistenceLoss += windowLoss(lesson, 0, still, settings.horizons, scale, dy)
  }
  return { unseenLoss, persistenceLoss }
}

/** The trained weights as a model, rounded to float32, with its card. */
export function pretrainedModel(name: string, settings: PretrainSettings, result: Pretrained, command: string): Model {
  const { hidden, horizons, inputClip } = settings
  const architecture = parseArchitecture({
    modules: [
      { name: 'gru', type: 'GRU', input_size: 1, hidden_size: hidden },
      { name: 'head', type: 'Linear', in_features: hidden, out_features: horizons },
    ],
  })
  const at = layoutOf({ inputs: 1, hidden, outputs: horizons })
  const tensor = (from: number, shape: readonly number[]): Tensor => {
    const size = shape.reduce((product, n) => product * n, 1)
    return { shape, data: Float32Array.from(result.weights.subarray(from, from + size)) }
  }
  const tensors = new Map<string, Tensor>([
    ['gru.weight_ih_l0', tensor(at.wIn, [3 * hidden, 1])],
    ['gru.weight_hh_l0', tensor(at.wHidden, [3 * hidden, hidden])],
    ['gru.bias_ih_l0', tensor(at.bIn, [3 * hidden])],
    ['gru.bias_hh_l0', tensor(at.bHidden, [3 * hidden])],
    ['head.weight', tensor(at.wHead, [horizons, hidden])],
    ['head.bias', tensor(at.bHead, [horizons])],
  ])
  const losses = Object.fromEntries(result.trainLosses.map((loss, epoch) => [`train${epoch + 1}`, loss]))
  return createModel(name, architecture, tensors, {
    forecast: { horizons, inputClip },
    card: {
      summary:
        'One GRU layer and a linear head; output h−1 is the expected change of the scaled value over h readings. ' +
        'A general model of normal signals, for sensors nobody trained for.',
      data:
        'Generated by src/train/corpus.ts: autoregressive noise, resonances, rhythms, set points, two-point control, ' +
        'switching, steady levels, their mixtures, measurement noise, quantisation. No recorded data, no faults.',
      seed: settings.seed,
      epochs: settings.epochs,
      losses: { ...losses, unseen: result.unseenLoss, unseenPersistence: result.persistenceLoss },
      settings: { ...settings },
      command,
    },
  })
}

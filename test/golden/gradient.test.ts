import { describe, expect, it } from 'vitest'
import { sigmoid } from '../../src/base/math.ts'
import type { HiddenState } from '../../src/model/hidden-state.ts'
import { createTrainer } from '../../src/model/trainer/trainer.ts'
import { type Loss, losses } from '../../src/train/loss.ts'
import { clipGradientNorm, createOptimizer, type OptimizerOptions } from '../../src/train/optimizer.ts'
import { caseNames, type GoldenCase, largestDifference, readCase } from './golden-case.ts'
import { modelOf, recurrentModule } from './golden-run.ts'

/** Of a gradient: relative to the largest element of its tensor. */
const gradientBar = 1e-5

/** The recurrent module `rnn` and the head `fc` of a case, its windows and its target. */
function workOf(name: string) {
  const golden = readCase(name)
  const { json, io } = golden
  const hidden = Number(json['proj_size'] ?? 0) || Number(json['hidden_size'])
  const width = hidden * (json['bidirectional'] === true ? 2 : 1)
  const target = Float32Array.from(io.get('target')!)
  const isLast = json['head'] === 'last'
  const rows = Number(json['batch']) * (isLast ? 1 : Number(json['steps']))
  const head = { name: 'fc', type: 'Linear', in_features: width, out_features: target.length / rows, on: json['head'] }
  const model = modelOf(golden, [recurrentModule(golden, 'rnn'), head])
  const trainer = createTrainer(model, {
    batch: Number(json['batch']),
    ticks: Number(json['steps']),
    batchFirst: json['batch_first'] !== false,
    inputGradient: true,
  })
  return { golden, model, trainer, x: Float32Array.from(io.get('x')!), target, state: stateOf(golden) }
}

function stateOf({ io }: GoldenCase): HiddenState | undefined {
  const h = io.get('h0')
  const c = io.get('c0')
  return h && { h: Float32Array.from(h), ...(c && { c: Float32Array.from(c) }) }
}

function relativeDifference(got: ArrayLike<number>, want: Float64Array): number {
  return largestDifference(got, want) / want.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

describe('the gradients of a trainer', () => {
  it.each(caseNames(/^grad-/))('are those of PyTorch: %s', (name) => {
    const { golden, trainer, x, target, state } = workOf(name)
    const y = trainer.forward(x, state)
    expect(largestDifference(y, golden.io.get('y.f64')!)).toBeLessThan(1e-6)
    const dy = new Float32Array(y.length)
    const loss = losses.mse(y, target, dy)
    expect(Math.abs(loss - golden.io.get('loss.f64')![0]!)).toBeLessThan(1e-6)
    const gradients = trainer.backward(dy)
    const found = new Map<string, Float32Array>([...gradients.byName, ['x', gradients.x!]])
    if (state) found.set('h0', gradients.state.h)
    if (state?.c) found.set('c0', gradients.state.c!)
    const wanted = [...golden.io.keys()].filter((key) => /^grad\..*\.f64$/.test(key)).map((key) => key.slice(5, -4))
    expect([...found.keys()].sort()).toEqual(wanted.sort())
    for (const [tensor, values] of found) {
      expect(relativeDifference(values, golden.io.get(`grad.${tensor}.f64`)!), tensor).toBeLessThan(gradientBar)
    }
  })
})

/** What `case.json` says in words. */
const optimizers: Readonly<Record<string, OptimizerOptions>> = {
  'Adam lr=1e-2 betas=(0.9,0.999) eps=1e-8': { kind: 'adam', rate: 1e-2 },
  'Adam lr=1e-2 betas=(0.8,0.95) eps=1e-6 weight_decay=1e-2 (L2 in the gradient)': {
    kind: 'adam',
    rate: 1e-2,
    betas: [0.8, 0.95],
    eps: 1e-6,
    decay: 1e-2,
  },
  'AdamW lr=1e-2 weight_decay=1e-2 (decoupled)': { kind: 'adamw', rate: 1e-2, decay: 1e-2 },
  'Adam lr=1e-2 amsgrad': { kind: 'adam', rate: 1e-2, amsgrad: true },
  'RMSprop lr=1e-2 alpha=0.99 eps=1e-8': { kind: 'rmsprop', rate: 1e-2 },
  'SGD lr=5e-2 momentum=0.9 nesterov': { kind: 'sgd', rate: 5e-2, momentum: 0.9, nesterov: true },
}

/** Every weight, in the order of `parameters`, as PyTorch has it in a file of the case. */
function weightsIn(io: ReadonlyMap<string, Float64Array>, parameters: Iterable<string>, prefix: string): number[] {
  return [...parameters].flatMap((name) => [...io.get(`${prefix}.${name}.f64`)!])
}

describe('twenty updates of a trainer', () => {
  it.each(caseNames(/^train-/))('follow those of PyTorch: %s', (name) => {
    const { golden, trainer, x, target } = workOf(name)
    const { json, io } = golden
    const optimizer = createOptimizer(optimizers[String(json['optimizer'])]!)
    const clip = json['clip_grad_norm'] as number | null
    const { parameters } = trainer
    const found: number[] = []
    const norms: number[] = []
    const dy = new Float32Array(target.length)
    for (let update = 0; update <= 20; update++) {
      found.push(losses.mse(trainer.forward(x), target, dy))
      const flat = [...parameters.values()].flatMap((values) => [...values])
      if (update === 1) {
        expect(largestDifference(flat, weightsIn(io, parameters.keys(), 'after1'))).toBeLessThan(1e-4)
      }
      if (update === 20) {
        expect(largestDifference(flat, weightsIn(io, parameters.keys(), 'after20'))).toBeLessThan(1e-4)
        break
      }
      const { byName } = trainer.backward(dy)
      norms.push(clipGradientNorm(byName, clip ?? Number.POSITIVE_INFINITY))
      optimizer.update(parameters, byName)
      trainer.repack()
    }
    expect(largestDifference(found, io.get('losses.f64')!)).toBeLessThan(1e-6)
    expect(largestDifference(norms, io.get('grad_norm.f64')!)).toBeLessThan(1e-4)
  })
})

describe('the losses', () => {
  const { io } = readCase('losses')
  const prediction = io.get('pred')!
  const target = io.get('target')!
  const gradient = new Float64Array(prediction.length)
  const byName: Readonly<Record<string, Loss>> = {
    mse: losses.mse,
    l1: losses.mae,
    huber: losses.huber(),
    'huber_0.5': losses.huber(0.5),
    smooth_l1: losses.smoothL1(),
    'pinball_0.1': losses.pinball(0.1),
    // The case takes the sigmoid of `target` as its probabilities.
    bce_logits: (x, y, g) => losses.bceLogits(x, y.map(sigmoid), g),
    logcosh: losses.logCosh,
  }
  it.each(Object.keys(byName))('give the value and the gradient of PyTorch: %s', (name) => {
    expect(Math.abs(byName[name]!(prediction, target, gradient) - io.get(`${name}.f64`)![0]!)).toBeLessThan(1e-12)
    expect(largestDifference(gradient, io.get(`${name}.dpred.f64`)!)).toBeLessThan(1e-12)
  })
  it.each([false, true])('give the value and both gradients of the Gaussian loss (full: %s)', (full) => {
    const name = full ? 'gaussian_nll_full' : 'gaussian_nll'
    const both = { mean: gradient, variance: new Float64Array(prediction.length) }
    const value = losses.gaussianNll(prediction, io.get('var')!, target, both, { full })
    expect(Math.abs(value - io.get(`${name}.f64`)![0]!)).toBeLessThan(1e-12)
    expect(largestDifference(both.mean, io.get(`${name}.dpred.f64`)!)).toBeLessThan(1e-12)
    expect(largestDifference(both.variance, io.get(`${name}.dvar.f64`)!)).toBeLessThan(1e-12)
  })
})

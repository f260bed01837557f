import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { activationNames } from '../../../../src/model/activation.ts'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import { inputWidth, outputWidth } from '../../../../src/model/graph.ts'
import type { Model } from '../../../../src/model/model.ts'
import { initialModel } from '../../../../src/train/fit/initial-weights.ts'
import type { Learner } from '../../../../src/train/fit/learner.ts'
import { createOwnLearner, type LearnerSettings } from '../../../../src/train/fit/own-learner.ts'
import { type LossName, lossNames, TargetLoss } from '../../../../src/train/fit/target-loss.ts'
import { loadTensorFlow } from '../../../../src/train/tfjs/load-tensorflow.ts'
import { createTfjsLearner } from '../../../../src/train/tfjs/tfjs-learner.ts'
import { randomModel } from '../../model/random-model.ts'
import { ticks } from '../../model/windowed-models.ts'
import { architectures, batch } from './architectures.ts'

const base: LearnerSettings = { batch, ticks, loss: 'mse', optimizer: { kind: 'sgd' }, seed: 1 }
const tfjs = (model: Model, settings: LearnerSettings): Promise<Learner> =>
  createTfjsLearner(model, settings, (warning) => expect.unreachable(warning))

/** Windows and targets for a model, every seventh target unknown. */
function batchOf(model: Model, loss: LossName, seed = 5) {
  const random = createPrng(seed)
  const { targets } = new TargetLoss(model, { batch, ticks, loss, coldTicks: 0 })
  const rows = model.graph.nodes[model.graph.output]!.sequence ? batch * ticks : batch
  expect(outputWidth(model.graph) % targets).toBe(0)
  const x = Float32Array.from({ length: batch * ticks * inputWidth(model.graph) }, () => random.between(-1, 1))
  const drawn = Float32Array.from({ length: rows * targets }, () => random.between(-1, 1))
  return { x, target: drawn.map((value, n) => (n % 7 === 3 ? Number.NaN : value)) }
}

type Batch = ReturnType<typeof batchOf>

/** What one step of plain descent at a rate of 1 took from each weight: its gradient. */
function gradientsOf(learner: Learner, { x, target }: Batch): Map<string, Float32Array> {
  const before = learner.weights()
  learner.step(x, target, 1)
  const change = (name: string, after: Float32Array) => after.map((w, n) => before.get(name)![n]! - w)
  return new Map([...learner.weights()].map(([name, after]) => [name, change(name, after)]))
}

/** Differences are relative to a tensor's largest gradient; the weights' own rounding is 6e-8 of about ½. */
async function expectSameGradients(model: Model, settings: LearnerSettings, given: Batch): Promise<void> {
  const other = await tfjs(model, settings)
  const found = gradientsOf(other, given)
  other.close()
  const wanted = gradientsOf(createOwnLearner(model, settings), given)
  expect([...found.keys()]).toEqual([...wanted.keys()])
  for (const [name, want] of wanted) {
    const largest = want.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-3)
    const off = want.reduce((most, g, n) => Math.max(most, Math.abs(g - found.get(name)![n]!)), 0)
    expect(off / largest, name).toBeLessThan(1e-4)
  }
}

function lossFor(modules: readonly Readonly<Record<string, unknown>>[]): LossName {
  const { type } = modules.at(-1)!
  return type === 'Gaussian' ? 'gaussian' : type === 'Quantile' ? 'quantile' : 'mse'
}

describe("TensorFlow's gradients are those of our own learner", () => {
  it.each(Object.entries(architectures))('%s', async (_, modules) => {
    const model = randomModel(modules)
    const loss = lossFor(modules)
    await expectSameGradients(model, { ...base, loss }, batchOf(model, loss))
  })
  it.each(activationNames)('a function behind values of both signs: %s', async (name) => {
    const modules = [
      { name: 'l', type: 'Linear', in_features: 2, out_features: 9 },
      { type: 'Activation', function: name },
      { name: 'o', type: 'Linear', in_features: 9, out_features: 2 },
    ]
    const model = randomModel(modules, 2, 1)
    const { x, target } = batchOf(model, 'mse')
    await expectSameGradients(model, base, { x: x.map((value) => 3 * value), target })
  })
  it('with penalties, a clipped norm, frozen modules and cold ticks', async () => {
    const model = randomModel(architectures['two modules and a dense head']!)
    const settings = { ...base, loss: 'gaussian' as const, l1: 0.01, l2: 0.03, frozen: ['b'], coldTicks: 2 }
    await expectSameGradients(model, settings, batchOf(model, 'gaussian'))
    await expectSameGradients(model, { ...settings, gradientClip: 0.05 }, batchOf(model, 'gaussian'))
  })
  it('with dropped units, of which both draw the same', async () => {
    const cell = { name: 'a', type: 'LSTM', input_size: 2, hidden_size: 16, recurrent_dropout: 0.5 }
    const head = { name: 'head', type: 'Linear', in_features: 16, out_features: 2 }
    const model = randomModel([cell, { type: 'Dropout', p: 0.5 }, head])
    const given = batchOf(model, 'mse')
    await expectSameGradients(model, base, given)
    const dropped = gradientsOf(createOwnLearner(model, base), given).get('head.weight')
    const otherwise = gradientsOf(createOwnLearner(model, { ...base, seed: 2 }), given).get('head.weight')
    expect(dropped).not.toEqual(otherwise)
  })
  it.each([
    ['features of whole windows', { type: 'Dropout1d', p: 0.5 }],
    ['looks of heads', { name: 'b', type: 'MultiheadAttention', embed_dim: 8, num_heads: 2, dropout: 0.5 }],
    ['looks back of a sequence', { type: 'DotAttention', causal: true, dropout: 0.5 }],
    [
      'looks of an additive attention',
      { name: 'b', type: 'AdditiveAttention', in_features: 8, attention_size: 4, query: true, dropout: 0.5 },
    ],
    [
      'one look for all ticks',
      { name: 'b', type: 'AdditiveAttention', in_features: 8, attention_size: 4, dropout: 0.5 },
    ],
  ])('with %s dropped, of which both draw the same', async (_, module) => {
    const cell = { name: 'a', type: 'GRU', input_size: 2, hidden_size: 8 }
    const head = { name: 'head', type: 'Linear', in_features: 8, out_features: 2 }
    const model = randomModel([cell, module, head])
    await expectSameGradients(model, base, batchOf(model, 'mse'))
  })
})

/** A head as `type`, whose weights are all zero, so that its outputs are its biases. */
function constantModel(head: Readonly<Record<string, unknown>>, bias: readonly number[]): Model {
  const model = randomModel([{ name: 'head', in_features: 2, ...head }])
  model.tensors.get('head.weight')!.data.fill(0)
  model.tensors.get('head.bias')!.data.set(bias)
  return model
}

describe('where a loss has a corner, both learners take the same side', () => {
  it.each(['mae', 'huber', 'quantile'] as const)('%s at an error of exactly 0', async (loss) => {
    const head = loss === 'quantile' ? { type: 'Quantile', levels: [0.1, 0.9] } : { type: 'Linear' }
    const model = constantModel({ ...head, out_features: 1 }, loss === 'quantile' ? [0.5, 0.5] : [0.5])
    const { x, target } = batchOf(model, loss)
    await expectSameGradients(model, { ...base, loss }, { x, target: target.map((_, n) => (n < 4 ? 0.25 : 0.5)) })
  })
  it('gaussian at a deviation below the least that counts', async () => {
    // The deviation is log(1 + e^−8) = 3.4e-4, and the error half of the 1e-3 that counts instead.
    const model = constantModel({ type: 'Gaussian', out_features: 1, floor: 0 }, [0.5, -8])
    const { x, target } = batchOf(model, 'gaussian')
    const given = { x, target: target.map(() => 0.5005) }
    await expectSameGradients(model, { ...base, loss: 'gaussian' }, given)
    const slope = gradientsOf(createOwnLearner(model, { ...base, loss: 'gaussian' }), given).get('head.bias')![1]!
    expect(slope).toBeGreaterThan(0.1)
  })
})

const heads: Partial<Record<LossName, Readonly<Record<string, unknown>>>> = {
  gaussian: { type: 'Gaussian' },
  quantile: { type: 'Quantile', levels: [0.1, 0.5, 0.9] },
}

function cellModel(cell: Readonly<Record<string, unknown>>, loss: LossName): Model {
  const head = { name: 'head', type: 'Linear', in_features: 8, out_features: 2, ...heads[loss] }
  const modules = [{ name: 'a', input_size: 2, hidden_size: 8, ...cell }, head]
  return initialModel(parseArchitecture({ modules }), { seed: 2 })
}

describe('createTfjsLearner()', () => {
  it.each(['GRU', 'LSTM'].flatMap((type) => lossNames.map((loss) => [type, loss] as const)))(
    'teaches a small %s by the loss %s as our own does, 20 updates long',
    async (type, loss) => {
      const model = cellModel({ type }, loss)
      const settings: LearnerSettings = { ...base, loss, optimizer: { kind: 'adam' } }
      const own = createOwnLearner(model, settings)
      const other = await tfjs(model, settings)
      const given = [5, 6].map((seed) => batchOf(model, loss, seed))
      const losses = Array.from({ length: 20 }, (_, n) => {
        const { x, target } = given[n % 2]!
        const wanted = own.step(x, target, 0.01)
        expect(Math.abs(other.step(x, target, 0.01) - wanted)).toBeLessThan(1e-4 * Math.max(1, Math.abs(wanted)))
        return wanted
      })
      expect(losses[19]!).toBeLessThan(losses[1]!)
      const { x, target } = given[0]!
      expect(other.judge(x, target).loss).toBeCloseTo(own.judge(x, target).loss, 4)
      expect(other.judge(x, target).targets).toBe(own.judge(x, target).targets)
      other.close()
    },
  )

  it('keeps no tensor of an update or a judgement, and frees all when closed', async () => {
    const { tf } = await loadTensorFlow(() => {})
    const none = tf.memory().numTensors
    const model = randomModel(architectures['two modules and a dense head']!)
    const learner = await tfjs(model, { ...base, loss: 'gaussian' })
    const { x, target } = batchOf(model, 'gaussian')
    const before = tf.memory().numTensors
    for (let n = 0; n < 3; n++) {
      learner.step(x, target, 0.01)
      learner.judge(x, target)
      learner.step(
        x,
        target.map(() => Number.NaN),
        0.01,
      )
      learner.setWeights(learner.weights())
      expect(tf.memory().numTensors).toBe(before)
    }
    learner.close()
    expect(tf.memory().numTensors).toBe(none)
  })

  it.each(['relu', 'hard_sigmoid'])('teaches a cell with gates of %s, which our own refuses', async (gate) => {
    const model = cellModel({ type: 'LSTM', gate_activation: gate }, 'mse')
    expect(() => createOwnLearner(model, base)).toThrow(gate)
    const learner = await tfjs(model, { ...base, optimizer: { kind: 'adam' } })
    const { x, target } = batchOf(model, 'mse')
    const first = learner.judge(x, target).loss
    for (let n = 0; n < 30; n++) learner.step(x, target, 0.02)
    expect(learner.judge(x, target).loss).toBeLessThan(0.8 * first)
    learner.close()
  })

  it('goes on from weights and memory with the same bits, dropped units included', async () => {
    const cell = { name: 'a', type: 'GRU', input_size: 2, hidden_size: 8 }
    const head = { name: 'head', type: 'Linear', in_features: 8, out_features: 2 }
    const model = randomModel([cell, { type: 'Dropout', p: 0.5 }, head])
    const settings: LearnerSettings = { ...base, optimizer: { kind: 'adam' } }
    const { x, target } = batchOf(model, 'mse')
    const first = await tfjs(model, settings)
    for (let n = 0; n < 3; n++) first.step(x, target, 0.01)
    const second = await tfjs(model, settings)
    second.setWeights(first.weights())
    second.setMemory(first.memory())
    for (let n = 0; n < 3; n++) expect(second.step(x, target, 0.01)).toBe(first.step(x, target, 0.01))
    expect(second.weights()).toEqual(first.weights())
    expect(second.memory()).toEqual(first.memory())
    expect(() => second.setWeights(new Map())).toThrow('the weights of "a.weight_ih_l0" must be 48 values')
    first.close()
    second.close()
  })

  it('changes nothing on a batch without a target', async () => {
    const model = cellModel({ type: 'GRU' }, 'mse')
    const learner = await tfjs(model, { ...base, l2: 1 })
    const { x, target } = batchOf(model, 'mse')
    const before = learner.weights()
    expect(learner.step(x, new Float32Array(target.length).fill(Number.NaN), 1)).toBe(0)
    expect(learner.weights()).toEqual(before)
    learner.close()
  })

  it('refuses what our own refuses, in the same words', async () => {
    const model = cellModel({ type: 'GRU' }, 'mse')
    for (const wrong of [{ batch: 0, l2: -1, seed: 0.5 }, { frozen: ['encoder'] }, { loss: 'gaussian' as const }]) {
      const message = (() => {
        try {
          createOwnLearner(model, { ...base, ...wrong })
        } catch (error) {
          return (error as Error).message
        }
        return expect.unreachable()
      })()
      await expect(tfjs(model, { ...base, ...wrong })).rejects.toThrow(message)
    }
  })
})

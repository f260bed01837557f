import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import type { Model } from '../../../../src/model/model.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { initialModel } from '../../../../src/train/fit/initial-weights.ts'
import { createOwnLearner, type LearnerSettings } from '../../../../src/train/fit/own-learner.ts'
import { lossNames } from '../../../../src/train/fit/target-loss.ts'
import { withWeights } from '../../../../src/train/fit/with-weights.ts'

const batch = 2
const ticks = 3
const targets = 2
const nothing = Number.NaN
const random = createPrng(3)
const draw = (size: number): Float32Array => Float32Array.from({ length: size }, () => random.between(-1, 1))
const x = draw(batch * ticks)
const target = draw(batch * ticks * targets)
const base: LearnerSettings = { batch, ticks, loss: 'mse', optimizer: { kind: 'sgd' }, seed: 1 }

function modelOf(head: Readonly<Record<string, unknown>> = { type: 'Linear' }): Model {
  const modules = [
    { name: 'gru', type: 'GRU', input_size: 1, hidden_size: 4 },
    { name: 'gru2', type: 'GRU', input_size: 4, hidden_size: 4 },
    { name: 'head', in_features: 4, out_features: targets, ...head },
  ]
  return initialModel(parseArchitecture({ modules }), { seed: 2 })
}

const heads = {
  gaussian: { type: 'Gaussian' },
  quantile: { type: 'Quantile', levels: [0.1, 0.5, 0.9] },
} as const
const headOf = (loss: string): Readonly<Record<string, unknown>> =>
  heads[loss as keyof typeof heads] ?? { type: 'Linear' }

/** What one step of plain descent at a rate of 1 took from each weight: its gradient. */
function gradientsOf(model: Model, settings: Partial<LearnerSettings>, wanted = target): Map<string, Float32Array> {
  const learner = createOwnLearner(model, { ...base, ...settings })
  const before = learner.weights()
  learner.step(x, wanted, 1)
  return new Map(
    [...learner.weights()].map(([name, after]) => [name, after.map((w, n) => before.get(name)![n]! - w)] as const),
  )
}

/** Float32 weights of about ½ are rounded to 6e-8, and the difference of two of them is off by as much. */
const digits = 6

describe('createOwnLearner()', () => {
  it.each(lossNames)('takes the loss %s over known targets only, as if the others did not exist', (loss) => {
    const model = modelOf(headOf(loss))
    const learner = createOwnLearner(model, { ...base, loss })
    const holes = target.slice()
    // Of one row both targets, of another one.
    holes[0] = holes[1] = holes[7] = nothing
    const single = (kept: number): Float32Array => target.map((value, n) => (n === kept ? value : nothing))
    const known = [...holes.keys()].filter((n) => !Number.isNaN(holes[n]))
    const alone = known.map((n) => learner.judge(x, single(n)))
    expect(alone.every((one) => one.targets === 1)).toBe(true)
    const mean = alone.reduce((sum, one) => sum + one.loss, 0) / known.length
    const judged = learner.judge(x, holes)
    expect(judged.targets).toBe(9)
    expect(judged.loss).toBeCloseTo(mean, 12)
    const steps = known.map((n) => gradientsOf(model, { loss }, single(n)).get('head.bias')!)
    const together = gradientsOf(model, { loss }, holes).get('head.bias')!
    for (const [n, gradient] of together.entries()) {
      expect(gradient).toBeCloseTo(steps.reduce((sum, step) => sum + step[n]!, 0) / known.length, digits)
    }
  })

  it.each(lossNames)('goes down the loss %s by as much as its gradient says', (loss) => {
    const model = modelOf(headOf(loss))
    const learner = createOwnLearner(model, { ...base, loss })
    const gradients = gradientsOf(model, { loss })
    const slope = [...gradients.values()].flatMap((g) => [...g]).reduce((sum, g) => sum + g * g, 0)
    const before = learner.judge(x, target).loss
    const rate = 1e-3
    expect(learner.step(x, target, rate)).toBeCloseTo(before, 12)
    const fall = (before - learner.judge(x, target).loss) / rate
    // The loss is curved: over a step of a thousandth of the gradient it falls by that, but for some hundredths.
    expect(fall / slope).toBeGreaterThan(0.9)
    expect(fall / slope).toBeLessThan(1.1)
  })

  it('adds the slopes of the penalties to matrices that are trained, and to nothing else', () => {
    const model = modelOf()
    const plain = gradientsOf(model, { frozen: ['gru2'] })
    const [l1, l2] = [0.01, 0.03]
    const penalised = gradientsOf(model, { frozen: ['gru2'], l1, l2 })
    for (const [name, gradient] of penalised) {
      const isPenalised = /^(gru\.|head\.)weight/.test(name)
      for (const [n, value] of gradient.entries()) {
        const w = model.tensors.get(name)!.data[n]!
        expect(value).toBeCloseTo(plain.get(name)![n]! + (isPenalised ? 2 * l2 * w + l1 * Math.sign(w) : 0), digits)
      }
    }
  })

  it('gives the loss without penalties', () => {
    const plain = createOwnLearner(modelOf(), base).step(x, target, 1)
    expect(createOwnLearner(modelOf(), { ...base, l1: 1, l2: 1 }).step(x, target, 1)).toBe(plain)
  })

  it('keeps every bit of what is frozen, a module or a tensor', () => {
    const gradients = gradientsOf(modelOf(), { frozen: ['gru', 'head.weight'], l2: 0.1, optimizer: { kind: 'adamw' } })
    for (const [name, gradient] of gradients) {
      const isFrozen = name.startsWith('gru.') || name === 'head.weight'
      expect(gradient.every((g) => g === 0)).toBe(isFrozen)
    }
  })

  it('lists the names when one is frozen that does not exist', () => {
    const frozen = ['gru', 'gr', 'encoder']
    try {
      createOwnLearner(modelOf(), { ...base, frozen })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ name: 'ConfigurationError', problems: [{ value: 'gr' }, { value: 'encoder' }] })
      expect(JSON.stringify(error)).toMatch(/modules are gru, gru2, head; tensors are gru.weight_ih_l0, /)
    }
  })

  it('clips all gradients together to a norm', () => {
    const gradients = gradientsOf(modelOf(), { gradientClip: 0.01 })
    const squares = [...gradients.values()].flatMap((g) => [...g]).reduce((sum, g) => sum + g * g, 0)
    expect(Math.sqrt(squares)).toBeCloseTo(0.01, digits)
  })

  it('leaves the first ticks out where the state is cold', () => {
    const cold = target.map((value, n) => (n % (ticks * targets) < 2 * targets ? nothing : value))
    const learner = createOwnLearner(modelOf(), { ...base, coldTicks: 2 })
    expect(learner.judge(x, target)).toEqual(createOwnLearner(modelOf(), base).judge(x, cold))
    expect(learner.judge(x, target).targets).toBe(4)
    expect(() => createOwnLearner(modelOf(), { ...base, coldTicks: 3 })).toThrow('fewer than the 3 ticks')
  })

  it('has no cold ticks where the model answers once', () => {
    const model = modelOf({ type: 'Linear', on: 'last' })
    expect(createOwnLearner(model, { ...base, coldTicks: 3 }).judge(x, draw(batch * targets)).targets).toBe(4)
  })

  it('changes nothing on a batch without a target', () => {
    const learner = createOwnLearner(modelOf(), { ...base, l2: 1 })
    const before = learner.weights()
    expect(learner.step(x, new Float32Array(target.length).fill(nothing), 1)).toBe(0)
    expect(learner.weights()).toEqual(before)
  })

  it('asks for the head that a loss needs, and for the loss of a head', () => {
    expect(() => createOwnLearner(modelOf(), { ...base, loss: 'gaussian' })).toThrow(
      'a Gaussian head as the last module',
    )
    expect(() => createOwnLearner(modelOf(heads.gaussian), { ...base, loss: 'quantile' })).toThrow('which is Gaussian')
    expect(() => createOwnLearner(modelOf(heads.quantile), base)).toThrow('"quantile", the loss of the last module')
  })

  it('drops values while it learns, and none when it is judged', () => {
    const modules = [
      { name: 'gru', type: 'GRU', input_size: 1, hidden_size: 4 },
      { type: 'Dropout', p: 0.5 },
      { name: 'head', type: 'Linear', in_features: 4, out_features: targets },
    ]
    const model = initialModel(parseArchitecture({ modules }), { seed: 2 })
    const learner = createOwnLearner(model, base)
    const { output } = forward(model, x, { batch, ticks })
    const mean = output.reduce((sum, y, n) => sum + (y - target[n]!) ** 2, 0) / output.length
    expect(learner.judge(x, target).loss).toBeCloseTo(mean, 6)
    expect(learner.step(x, target, 0)).not.toBeCloseTo(mean, 4)
    expect(learner.judge(x, target).loss).toBeCloseTo(mean, 6)
  })

  it('goes on from weights and memory with the same bits', () => {
    const settings: LearnerSettings = { ...base, optimizer: { kind: 'rmsprop', momentum: 0.9 } }
    const first = createOwnLearner(modelOf(), settings)
    first.step(x, target, 0.01)
    const second = createOwnLearner(modelOf(), settings)
    second.setWeights(first.weights())
    second.setMemory(first.memory())
    first.step(x, target, 0.01)
    second.step(x, target, 0.01)
    expect(second.weights()).toEqual(first.weights())
    expect(() => second.setWeights(new Map())).toThrow('the weights of "gru.weight_ih_l0" must be 12 values')
  })

  it('tells all wrong settings at once', () => {
    const wrong = { ...base, batch: 0, coldTicks: 0.5, l2: -1, seed: 0.5 }
    expect(() => createOwnLearner(modelOf(), wrong)).toThrow(/^batch: .*\ncoldTicks: .*\nseed: a whole number\nl2: .*$/)
  })
})

describe('withWeights()', () => {
  it('makes a model of what was learnt, and keeps what is not', () => {
    const modules = [
      { name: 'n', type: 'BatchNorm1d', num_features: 1 },
      { name: 'head', type: 'Linear', in_features: 1, out_features: targets },
    ]
    const model = initialModel(parseArchitecture({ modules }), { seed: 2 })
    const learner = createOwnLearner(model, base)
    learner.step(x, target, 0.1)
    const taught = withWeights(model, learner.weights(), { name: 'taught' })
    expect(taught.name).toBe('taught')
    expect(taught.fingerprint).not.toBe(model.fingerprint)
    expect(taught.tensors.get('n.running_var')).toEqual(model.tensors.get('n.running_var'))
    const { output } = forward(taught, x, { batch, ticks })
    const mean = output.reduce((sum, y, n) => sum + (y - target[n]!) ** 2, 0) / output.length
    expect(learner.judge(x, target).loss).toBeCloseTo(mean, 6)
    expect(() => withWeights(model, new Map([['other', x]]))).toThrow('"other" belongs to no module')
  })
})

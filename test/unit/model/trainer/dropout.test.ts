import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { architectureToJson, parseArchitecture } from '../../../../src/model/architecture.ts'
import { inputWidth } from '../../../../src/model/graph.ts'
import { lowerForTraining } from '../../../../src/model/lower.ts'
import { createModel, type Model } from '../../../../src/model/model.ts'
import { createTrainer, type Trainer } from '../../../../src/model/trainer/trainer.ts'
import { randomModel } from '../random-model.ts'

type Module = Readonly<Record<string, unknown>>

const batch = 3
const ticks = 4
const gru = { name: 'a', type: 'GRU', input_size: 2, hidden_size: 5 }
const lstm = { ...gru, type: 'LSTM' }
const head = { name: 'head', type: 'Linear', in_features: 5, out_features: 3 }
const drop = { type: 'Dropout', p: 0.4 }
const heads = { name: 'heads', type: 'MultiheadAttention', embed_dim: 6, num_heads: 2 }
const additive = { name: 'look', type: 'AdditiveAttention', in_features: 5, attention_size: 3 }

/** Every place where something is dropped; the recurrent product of every cell. */
const models: Readonly<Record<string, readonly Module[]>> = {
  'the input': [drop, gru, head],
  'a sequence': [gru, drop, head],
  'a sequence, as residual': [gru, { ...drop, residual: true }, head],
  'one vector': [{ ...gru, on: 'last' }, drop, head],
  'the output': [gru, head, drop],
  'between layers': [{ ...lstm, num_layers: 3, dropout: 0.4 }, head],
  'between layers with norms and sums': [
    { ...gru, num_layers: 3, dropout: 0.4, layer_norm: true, residual: true },
    head,
  ],
  'between layers of both directions': [
    { ...gru, num_layers: 2, dropout: 0.4, bidirectional: true, recurrent_dropout: 0.3 },
    { ...head, in_features: 10 },
  ],
  'units of an RNN': [{ ...gru, type: 'RNN', recurrent_dropout: 0.4 }, head],
  'units of a GRU': [{ ...gru, recurrent_dropout: 0.4 }, head],
  'units of a GRU, reset before': [{ ...gru, convention: 'reset_before', recurrent_dropout: 0.4 }, head],
  'units of a GRU of the textbook': [{ ...gru, convention: 'textbook', recurrent_dropout: 0.4 }, head],
  'units of an LSTM': [{ ...lstm, recurrent_dropout: 0.4 }, head],
  'units of an LSTM with projection': [{ ...lstm, hidden_size: 9, proj_size: 5, recurrent_dropout: 0.4 }, head],
  'units of an LSTM backwards': [{ ...lstm, go_backwards: true, recurrent_dropout: 0.4 }, head],
  'features of the input, at all ticks': [{ ...drop, type: 'Dropout1d' }, gru, head],
  'features of one vector': [{ ...gru, on: 'last' }, { ...drop, type: 'Dropout1d' }, head],
  'looks of heads': [
    { ...gru, hidden_size: 6 },
    { ...heads, dropout: 0.4 },
    { ...head, in_features: 6 },
  ],
  'looks of heads, back only': [
    { ...gru, hidden_size: 6 },
    { ...heads, causal: true, window: 2, dropout: 0.4 },
    { ...head, in_features: 6 },
  ],
  'looks of a sequence at itself': [gru, { type: 'DotAttention', dropout: 0.4 }, head],
  'looks of an additive attention': [gru, { ...additive, query: true, dropout: 0.4 }, head],
  'looks of an additive attention, back only': [gru, { ...additive, window: 3, dropout: 0.4 }, head],
  'the one look that serves all ticks': [gru, { ...additive, dropout: 0.4 }, head],
}

const draw = (size: number, seed = 4): Float32Array => {
  const random = createPrng(seed)
  return Float32Array.from({ length: size }, () => random.between(-1, 1))
}
const trainerOf = (model: Model, seed?: number): Trainer =>
  createTrainer(model, { batch, ticks, ...(seed === undefined ? {} : { dropout: { seed } }) })
const inputOf = (model: Model): Float32Array => draw(batch * ticks * inputWidth(model.graph))

/** Σ weight·output with the mask of a fixed draw. */
function lossOf(trainer: Trainer, x: Float32Array, weight: Float32Array): number {
  trainer.draws = 7
  return trainer.forward(x).reduce((sum, y, n) => sum + y * weight[n]!, 0)
}

describe('dropout of', () => {
  it.each(Object.entries(models))('%s has the gradient that differences with the same mask have', (_, modules) => {
    const model = randomModel(modules, 5, 0.6)
    const trainer = trainerOf(model, 3)
    const x = inputOf(model)
    trainer.draws = 7
    const weight = draw(trainer.forward(x).length, 9)
    const gradients = new Map([...trainer.backward(weight).byName].map(([name, g]) => [name, g.slice()]))
    for (const [name, values] of trainer.parameters) {
      for (let n = 0; n < values.length; n++) {
        const kept = values[n]!
        const difference = (distance: number): number => {
          const at = [distance, -distance].map((shift) => {
            values[n] = kept + shift
            trainer.repack()
            return lossOf(trainer, x, weight)
          })
          values[n] = kept
          return (at[0]! - at[1]!) / (2 * distance)
        }
        // Richardson: the error of distance² is taken out.
        const numeric = (4 * difference(1 / 64) - difference(1 / 32)) / 3
        const analytic = gradients.get(name)![n]!
        // Float32 sums of about 1, some 1e-6 off, over twice the distance; norms of five values are steep.
        expect(Math.abs(numeric - analytic), `${name}[${n}]`).toBeLessThan(2e-4 * (1 + Math.abs(analytic)))
      }
    }
  })

  it.each(Object.entries(models))('%s is off when a model is judged, and then goes back as without', (_, modules) => {
    const model = randomModel(modules)
    const dropping = trainerOf(model, 3)
    const plain = trainerOf(model)
    const x = inputOf(model)
    const dropped = dropping.forward(x)
    const expected = plain.forward(x)
    expect(dropped).not.toEqual(expected)
    expect(dropping.evaluate(x)).toEqual(expected)
    const dy = draw(expected.length)
    expect(dropping.backward(dy).byName).toEqual(plain.backward(dy).byName)
    expect(plain.evaluate(x)).toEqual(expected)
  })

  it.each(Object.entries(models))('%s changes no bit where the probability is 0', (_, modules) => {
    const off = modules.map((module) => ({
      ...module,
      ...Object.fromEntries(
        ['p', 'dropout', 'recurrent_dropout'].filter((key) => key in module).map((key) => [key, 0]),
      ),
    }))
    const model = randomModel(off)
    const [asked, plain] = [trainerOf(model, 3), trainerOf(model)]
    const x = inputOf(model)
    const y = plain.forward(x)
    expect(asked.forward(x)).toEqual(y)
    const dy = draw(y.length)
    expect(asked.backward(dy).byName).toEqual(plain.backward(dy).byName)
    expect(asked.draws).toBe(0)
  })
})

describe('a mask', () => {
  const p = 0.3
  const width = 50
  const modules = [
    { name: 'a', type: 'Linear', in_features: 1, out_features: width, bias: false },
    { ...drop, p },
  ]
  const architecture = parseArchitecture({ modules })
  const ones = { shape: [width, 1], data: new Float32Array(width).fill(1) }
  const model = createModel('ones', architecture, new Map([['a.weight', ones]]))
  const options = { batch: 20, ticks: 30 }
  const x = new Float32Array(600).fill(1)
  const size = 600 * width
  const mask = (seed: number, draws: number): Float32Array => {
    const trainer = createTrainer(model, { ...options, dropout: { seed } })
    trainer.draws = draws
    return trainer.forward(x)
  }

  it('is 0 with probability p, else 1/(1 − p), so that the mean stays', () => {
    const values = mask(1, 0)
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - p))]))
    // Four standard deviations of a proportion of so many.
    const off = 4 * Math.sqrt((p * (1 - p)) / size)
    expect(Math.abs(values.filter((value) => value === 0).length / size - p)).toBeLessThan(off)
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / size - 1)).toBeLessThan(off / (1 - p))
  })

  it('drops neighbours, ticks and windows independently of each other', () => {
    const dropped = mask(1, 0).map((value) => (value === 0 ? 1 - p : -p))
    for (const lag of [1, 2, width, width * 30]) {
      let sum = 0
      for (let n = lag; n < size; n++) sum += dropped[n]! * dropped[n - lag]!
      // Five standard deviations of a covariance of independent values, each of variance p(1 − p).
      expect(Math.abs(sum / (size - lag))).toBeLessThan((5 * p * (1 - p)) / Math.sqrt(size - lag))
    }
  })

  it('of Dropout1d is one for all ticks of a window, another for each window and feature', () => {
    const whole = createModel(
      'whole',
      parseArchitecture({ modules: [modules[0]!, { type: 'Dropout1d', p }] }),
      model.tensors,
    )
    const values = createTrainer(whole, { ...options, dropout: { seed: 1 } }).forward(x)
    const windows = Array.from({ length: 20 }, (_, b) => values.slice(b * 30 * width, (b * 30 + 1) * width).join())
    for (let row = 0; row < 600; row++) {
      expect(values.slice(row * width, (row + 1) * width).join()).toBe(windows[Math.floor(row / 30)])
    }
    expect(new Set(windows).size).toBe(20)
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - p))]))
  })

  it('is another one for every batch and seed, and the same again where the draws are', () => {
    const trainer = createTrainer(model, { ...options, dropout: { seed: 1 } })
    const [first, second] = [trainer.forward(x), trainer.forward(x)]
    expect(trainer.draws).toBe(2)
    expect(second).not.toEqual(first)
    expect(mask(1, 0)).toEqual(first)
    expect(mask(1, 1)).toEqual(second)
    expect(mask(2, 0)).not.toEqual(first)
  })
})

describe('recurrent dropout', () => {
  it('is the same network with columns of W_h scaled, at all ticks: to the bit', () => {
    const model = randomModel([{ ...gru, hidden_size: 12, recurrent_dropout: 0.5 }])
    const trainer = trainerOf(model, 3)
    const x = inputOf(model)
    const y = trainer.forward(x)
    const dy = draw(y.length)
    const name = 'a.weight_hh_l0'
    const gradients = trainer.backward(dy).byName
    // A dropped column has no gradient.
    const factors = Array.from({ length: 12 }, (_, k) =>
      gradients.get(name)!.every((g, n) => n % 12 !== k || g === 0) ? 0 : 2,
    )
    expect(new Set(factors)).toEqual(new Set([0, 2]))
    const { shape, data } = model.tensors.get(name)!
    const scaled = { shape, data: data.map((w, n) => w * factors[n % 12]!) }
    const same = trainerOf(createModel('scaled', model.architecture, new Map([...model.tensors, [name, scaled]])))
    expect(same.forward(x)).toEqual(y)
    for (const [tensor, gradient] of same.backward(dy).byName) {
      const expected = tensor === name ? gradient.map((g, n) => g * factors[n % 12]! + 0) : gradient
      expect(gradients.get(tensor)).toEqual(expected)
    }
  })
})

describe('a declaration of dropout', () => {
  const modules = [{ ...lstm, num_layers: 2, dropout: 0.2, recurrent_dropout: 0.1 }, { type: 'Dropout', p: 0.3 }, head]

  it('is written as it was read, and defaults are PyTorch’s', () => {
    const json = architectureToJson(parseArchitecture({ modules }))
    expect(json.modules).toMatchObject([{ dropout: 0.2, recurrent_dropout: 0.1 }, { p: 0.3 }, {}])
    expect(parseArchitecture(json)).toEqual(parseArchitecture({ modules }))
    const [stack, module] = parseArchitecture({ modules: [lstm, { type: 'Dropout' }] }).modules
    expect(stack).toMatchObject({ dropout: 0, recurrent_dropout: 0 })
    expect(module).toMatchObject({ p: 0.5 })
  })

  it('makes nodes for the trainer, and none for kernels', () => {
    const model = randomModel(modules)
    expect(lowerForTraining(model.architecture).nodes.filter(({ op }) => op === 'dropout')).toHaveLength(2)
    expect(model.graph.nodes.map(({ op }) => op)).toEqual(['input', 'recurrent', 'recurrent', 'linear'])
    expect(model.graph.nodes).toEqual(randomModel([{ ...lstm, num_layers: 2 }, head]).graph.nodes)
  })

  it('is no part of the fingerprint, which is of what a model computes', () => {
    const { fingerprint } = randomModel(modules)
    const others = modules.map((module) => ('p' in module ? { ...module, p: 0.9 } : { ...module, dropout: 0 }))
    expect(randomModel([others[0]!, others[1]!, head]).fingerprint).toBe(fingerprint)
    expect(randomModel([...modules.slice(0, 2), { ...head, activation: 'tanh' }]).fingerprint).not.toBe(fingerprint)
  })

  it.each([1, -0.1, '0.5'])('refuses a probability of %s', (p) => {
    expect(() => parseArchitecture({ modules: [{ type: 'Dropout', p }, gru] })).toThrow(
      'a probability from 0 to below 1',
    )
    expect(() => parseArchitecture({ modules: [{ ...gru, recurrent_dropout: p }] })).toThrow('from 0 to below 1')
  })
})

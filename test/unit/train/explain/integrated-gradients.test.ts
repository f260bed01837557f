import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import { createModel, type Model } from '../../../../src/model/model.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { createExplainer, explain } from '../../../../src/train/explain/integrated-gradients.ts'
import { occlusion } from '../../../../src/train/explain/occlusion.ts'
import { gaussLegendre } from '../../../../src/train/explain/quadrature.ts'
import { randomModel, streamable } from '../../model/random-model.ts'

const ticks = 12

function noise(count: number, seed: number): Float32Array {
  const random = createPrng(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}

/** Sums of (T,I) over the ticks. */
function byChannel(contributions: ArrayLike<number>, inputs: number): number[] {
  const sums = new Array<number>(inputs).fill(0)
  for (let at = 0; at < contributions.length; at++) sums[at % inputs]! += contributions[at]!
  return sums
}

/** Sums of (T,I) over the inputs. */
function byTick(contributions: ArrayLike<number>, inputs: number): number[] {
  const sums = new Array<number>(contributions.length / inputs).fill(0)
  for (let at = 0; at < contributions.length; at++) sums[Math.floor(at / inputs)]! += contributions[at]!
  return sums
}

/** Indices from the largest size to the smallest. */
function ranking(values: ArrayLike<number>): number[] {
  const order = Array.from(values, (_, i) => i)
  return order.sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!))
}

const weights = [0.5, -1, 0.125]
const decay = 0.5

/**
 * y(t) = Σ weights·s(t) with s(t) = decay·s(t−1) + x(t): a recurrent network that is linear as long as nothing is below 0.
 * All numbers are powers of two, so that float32 makes no error in them.
 */
function linearModel(): Model {
  const n = weights.length
  const eye = (value: number): Float32Array =>
    Float32Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? value : 0))
  const modules = [
    { name: 'a', type: 'RNN', input_size: n, hidden_size: n, nonlinearity: 'relu' },
    { name: 'head', type: 'Linear', in_features: n, out_features: 1, on: 'last' },
  ]
  const tensors = new Map([
    ['a.weight_ih_l0', { shape: [n, n], data: eye(1) }],
    ['a.weight_hh_l0', { shape: [n, n], data: eye(decay) }],
    ['a.bias_ih_l0', { shape: [n], data: new Float32Array(n) }],
    ['a.bias_hh_l0', { shape: [n], data: new Float32Array(n) }],
    ['head.weight', { shape: [1, n], data: Float32Array.from(weights) }],
    ['head.bias', { shape: [1], data: Float32Array.of(0.25) }],
  ])
  return createModel('linear', parseArchitecture({ modules }), tensors)
}

describe('gaussLegendre()', () => {
  it('integrates polynomials up to degree 2·count − 1 exactly', () => {
    for (const count of [1, 2, 5, 16, 32]) {
      const { points, weights: shares } = gaussLegendre(count)
      for (let degree = 0; degree < 2 * count; degree++) {
        const integral = points.reduce((sum, point, k) => sum + shares[k]! * point ** degree, 0)
        // Some hundred roundings of float64.
        expect(Math.abs(integral - 1 / (degree + 1))).toBeLessThan(1e-14)
      }
    }
  })
})

describe('explain()', () => {
  const smooth = Object.entries(streamable).filter(([name]) => !/relu|merge/.test(name))
  const bidirectional = [
    { name: 'a', type: 'LSTM', input_size: 2, hidden_size: 4, bidirectional: true },
    { name: 'head', type: 'Linear', in_features: 8, out_features: 1, on: 'last' },
  ]
  for (const [name, modules] of [...smooth, ['bidirectional LSTM', bidirectional] as const]) {
    it(`gives contributions that sum to f(x) − f(baseline): ${name}`, () => {
      const model = randomModel(modules, 2, 0.6)
      const window = noise(ticks * 2, 3)
      const baseline = noise(ticks * 2, 4)
      const found = explain(model, { window, baseline, output: 0 })
      const rows = forward(model, Float32Array.of(...window, ...baseline), { batch: 2, ticks }).output
      const perRow = rows.length / 2
      const width = model.graph.nodes[model.graph.output]!.width
      const [value, before] = [rows[perRow - width]!, rows[2 * perRow - width]!]
      const sum = found.contributions.reduce((all, contribution) => all + contribution, 0)
      expect(Math.abs(value - before)).toBeGreaterThan(0.01)
      // Two kernels and some thousand sums in float32, of values near 1.
      expect(Math.abs(sum - (value - before))).toBeLessThan(2e-6)
      expect(Math.abs(found.gap)).toBeLessThan(2e-6)
    })
  }

  it('says how far the sum is off where the function has kinks, and comes closer with more steps', () => {
    const gaps = [8, 512].map((steps) => {
      const of = [1, 2, 3, 4, 5, 6].map((seed) => {
        const model = randomModel(streamable['RNN, relu, and head']!, seed)
        return Math.abs(explain(model, { window: noise(ticks * 2, seed), output: 0, steps }).gap)
      })
      return Math.max(...of)
    })
    expect(gaps[0]).toBeGreaterThan(1e-4)
    expect(gaps[1]).toBeLessThan(gaps[0]! / 8)
  })

  it('gives weight · (x − baseline) for a model that is linear, and so does occlusion', () => {
    const model = linearModel()
    const n = weights.length
    const eighths = (seed: number) => noise(ticks * n, seed).map((value) => Math.round(Math.abs(value) * 8) / 8)
    const [window, baseline] = [eighths(5), eighths(6)]
    const truth = Float64Array.from(window, (value, at) => {
      const age = ticks - 1 - Math.floor(at / n)
      return weights[at % n]! * decay ** age * (value - baseline[at]!)
    })
    const found = explain(model, { window, baseline, output: 0 })
    const left = occlusion(model, { window, baseline, output: 0 })
    // The weights of the quadrature are rounded in float64, the rest is exact.
    for (const [at, value] of truth.entries()) expect(found.contributions[at]).toBeCloseTo(value, 12)
    expect([...left.byChannel]).toEqual(byChannel(truth, n))
    expect([...left.byTick]).toEqual(byTick(truth, n))
  })

  it('shares by the weights of the channels where they enter as one sum, and ranks them as occlusion does', () => {
    const factors = [0.2, -3, 0.5, 1.2]
    const inputs = factors.length
    const head = { name: 'head', type: 'Linear', in_features: 16, out_features: 1, on: 'last' }
    for (let seed = 1; seed <= 20; seed++) {
      const model = randomModel([{ name: 'a', type: 'GRU', input_size: inputs, hidden_size: 16 }, head], seed)
      const wIn = model.tensors.get('a.weight_ih_l0')!.data
      // W x = w·Σ factor·x: the network sees one number, so the truth is known whatever it makes of it.
      for (let at = 0; at < wIn.length; at += inputs) {
        const w = wIn[at]!
        for (const [i, factor] of factors.entries()) wIn[at + i] = w * factor
      }
      const window = new Float32Array(ticks * inputs).fill(0.1)
      const found = byChannel(explain(model, { window, output: 0 }).contributions, inputs)
      const left = occlusion(model, { window, output: 0 }).byChannel
      // Float32 gradients: seven digits, less what their sums lose.
      for (const [i, factor] of factors.entries()) expect(found[i]! / found[1]!).toBeCloseTo(factor / factors[1]!, 4)
      expect(ranking(found)).toEqual([1, 3, 2, 0])
      expect(ranking(left)).toEqual([1, 3, 2, 0])
    }
  })

  it('goes on from a state, as a stream does', () => {
    for (const name of [
      'two modules and a dense head',
      'LSTM with projection and head',
      'three layers with norms and sums',
    ]) {
      const model = randomModel(streamable[name]!, 7)
      const x = noise(2 * ticks * 2, 8)
      const whole = forward(model, x, { batch: 1, ticks: 2 * ticks }).output
      const { state } = forward(model, x.slice(0, ticks * 2), { batch: 1, ticks })
      const width = model.graph.nodes[model.graph.output]!.width
      const options = { window: x.slice(ticks * 2), output: 1, state }
      expect(explain(model, options).value).toBeCloseTo(whole[whole.length - width + 1]!, 6)
      const left = occlusion(model, options)
      expect(left.byTick).toHaveLength(ticks)
    }
  })

  it('gives a missing input no contribution', () => {
    const model = randomModel(streamable['GRU and head']!)
    const window = noise(ticks * 2, 9)
    window[5] = Number.NaN
    window[8] = Number.POSITIVE_INFINITY
    const { contributions, value } = explain(model, { window, output: 2 })
    expect(contributions[5]).toBe(0)
    expect(contributions[8]).toBe(0)
    expect(contributions.every(Number.isFinite)).toBe(true)
    expect(value).toBeTypeOf('number')
  })

  it('gives the same bits again, also from an explainer that was used before', () => {
    const model = randomModel(streamable['GRU and head']!)
    const explainer = createExplainer(model, { ticks })
    const first = explainer.attribute({ window: noise(ticks * 2, 1), output: 0 })
    explainer.attribute({ window: noise(ticks * 2, 2), output: 2 })
    expect(explainer.attribute({ window: noise(ticks * 2, 1), output: 0 })).toEqual(first)
  })

  it('refuses what does not fit, naming what is there', () => {
    const model = randomModel(streamable['GRU and head']!)
    const window = noise(ticks * 2, 1)
    expect(() => explain(model, { window, output: 3 })).toThrow('output: a whole number from 0 to 2: random gives 3')
    expect(() => explain(model, { window, output: -1 })).toThrow('a whole number')
    expect(() => occlusion(model, { window, output: 3 })).toThrow('random gives 3 values')
    expect(() => explain(model, { window, output: 0, baseline: new Float32Array(3) })).toThrow(
      'a baseline must be (12, 2)',
    )
    expect(() => explain(model, { window, output: 0, state: { h: new Float32Array(4) } })).toThrow('5 values, not 4')
    expect(() => createExplainer(model, { ticks }).attribute({ window: new Float32Array(2), output: 0 })).toThrow(
      'a window must be (12, 2)',
    )
  })
})

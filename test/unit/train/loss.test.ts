import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { type Loss, losses } from '../../../src/train/loss.ts'

const levels = [0.1, 0.5, 0.9]
const byName: Readonly<Record<string, { readonly loss: Loss; readonly perTarget: number }>> = {
  mse: { loss: losses.mse, perTarget: 1 },
  mae: { loss: losses.mae, perTarget: 1 },
  huber: { loss: losses.huber(0.7), perTarget: 1 },
  smoothL1: { loss: losses.smoothL1(0.7), perTarget: 1 },
  logCosh: { loss: losses.logCosh, perTarget: 1 },
  pinball: { loss: losses.pinball(0.2), perTarget: 1 },
  bceLogits: { loss: losses.bceLogits, perTarget: 1 },
  gaussianHead: { loss: losses.gaussianHead(2), perTarget: 2 },
  quantileHead: { loss: losses.quantileHead(levels, 2), perTarget: levels.length },
}

/** Targets of three rows of two values, and predictions; deviations of the Gaussian head are above 0. */
function values(perTarget: number): { readonly prediction: Float64Array; readonly target: Float64Array } {
  const random = createPrng(3)
  const target = Float64Array.from({ length: 6 }, () => random.between(0, 1))
  return { target, prediction: Float64Array.from({ length: 6 * perTarget }, () => random.between(0.2, 2)) }
}

describe('the losses', () => {
  it.each(Object.keys(byName))('%s has the gradient that differences give', (name) => {
    const { loss, perTarget } = byName[name]!
    const { prediction, target } = values(perTarget)
    const gradient = new Float64Array(prediction.length)
    const room = new Float64Array(prediction.length)
    loss(prediction, target, gradient)
    for (let i = 0; i < prediction.length; i++) {
      const moved = (by: number): Float64Array => prediction.map((value, at) => (at === i ? value + by : value))
      const slope = (loss(moved(1e-6), target, room) - loss(moved(-1e-6), target, room)) / 2e-6
      expect(Math.abs(slope - gradient[i]!)).toBeLessThan(1e-8)
    }
  })
  it('huber() and smoothL1() are the squared error inside, the absolute one outside', () => {
    const room = new Float64Array(1)
    expect(losses.huber(2)(Float64Array.of(1), Float64Array.of(0), room)).toBe(0.5)
    expect(losses.huber(2)(Float64Array.of(5), Float64Array.of(0), room)).toBe(8)
    expect(losses.smoothL1(2)(Float64Array.of(1), Float64Array.of(0), room)).toBe(0.25)
    expect(losses.smoothL1(2)(Float64Array.of(-5), Float64Array.of(0), room)).toBe(4)
    expect(room[0]).toBe(-1)
  })
  it('logCosh and bceLogits stay finite far out', () => {
    const room = new Float64Array(2)
    const far = Float64Array.of(1e4, -1e4)
    expect(losses.logCosh(far, new Float64Array(2), room)).toBeCloseTo(1e4 - Math.LN2, 9)
    expect(losses.bceLogits(far, Float64Array.of(1, 0), room)).toBe(0)
    expect(losses.bceLogits(far, Float64Array.of(0, 1), room)).toBe(1e4)
  })
  it('gaussianHead() is gaussianNll() of the squared deviation', () => {
    const mean = Float64Array.of(0.3, -1)
    const deviation = Float64Array.of(0.5, 2)
    const target = Float64Array.of(1, 1)
    const head = Float64Array.of(...mean, ...deviation)
    const both = { mean: new Float64Array(2), variance: new Float64Array(2) }
    const variance = deviation.map((s) => s * s)
    const value = losses.gaussianHead(2)(head, target, new Float64Array(4))
    expect(value).toBeCloseTo(losses.gaussianNll(mean, variance, target, both), 12)
  })
  it('refuses sizes that do not fit', () => {
    const two = new Float64Array(2)
    expect(() => losses.mse(two, new Float64Array(3), two)).toThrow('as many targets')
    expect(() => losses.quantileHead(levels, 1)(two, new Float64Array(1), two)).toThrow('gives 3 values')
    expect(() => losses.gaussianHead(1)(two, two, two)).toThrow('a mean and a deviation')
  })
})

import { describe, expect, it } from 'vitest'
import { clipGradientNorm, createOptimizer, type OptimizerOptions } from '../../../src/train/optimizer.ts'

/** Weights after some updates with gradients that are given. */
function weightAfter(options: OptimizerOptions, gradients: readonly number[], start = 1): number {
  const w = new Map([['w', Float32Array.of(start)]])
  const optimizer = createOptimizer(options)
  for (const g of gradients) optimizer.update(w, new Map([['w', Float32Array.of(g)]]))
  return w.get('w')![0]!
}

describe('createOptimizer()', () => {
  it('goes down by the rate times the gradient with plain SGD, decay being part of the gradient', () => {
    expect(weightAfter({ kind: 'sgd', rate: 0.5 }, [1, 0.5])).toBe(0.25)
    expect(weightAfter({ kind: 'sgd', rate: 0.5, decay: 0.5 }, [0])).toBe(0.75)
  })
  it('keeps a momentum, and looks ahead with Nesterov', () => {
    expect(weightAfter({ kind: 'sgd', rate: 1, momentum: 0.5 }, [0.25, 0])).toBe(1 - 0.25 - 0.125)
    expect(weightAfter({ kind: 'sgd', rate: 1, momentum: 0.5, nesterov: true }, [0.25, 0])).toBe(1 - 0.375 - 0.0625)
    expect(() => createOptimizer({ kind: 'sgd', rate: 1, nesterov: true })).toThrow('needs a momentum')
  })
  it('makes the first step of Adam as long as the rate, whatever the gradient', () => {
    expect(weightAfter({ kind: 'adam', rate: 0.125 }, [1000])).toBeCloseTo(0.875, 6)
    expect(weightAfter({ kind: 'adam', rate: 0.125 }, [-0.001])).toBeCloseTo(1.125, 4)
  })
  it('shrinks weights without a gradient only with AdamW', () => {
    expect(weightAfter({ kind: 'adamw', rate: 0.5, decay: 0.5 }, [0])).toBe(0.75)
    expect(weightAfter({ kind: 'adamw', rate: 0.5 }, [0])).toBe(Math.fround(0.995))
    expect(weightAfter({ kind: 'adam', rate: 0.5 }, [0])).toBe(1)
  })
  it('never lets the second moment of AMSGrad fall', () => {
    const gradients = [10, ...new Array<number>(50).fill(0.1)]
    const plain = weightAfter({ kind: 'adam', rate: 0.01, betas: [0, 0.5] }, gradients)
    expect(weightAfter({ kind: 'adam', rate: 0.01, betas: [0, 0.5], amsgrad: true }, gradients)).toBeGreaterThan(plain)
  })
  it('divides by the root of the mean square with RMSprop, with a momentum where it is given', () => {
    expect(weightAfter({ kind: 'rmsprop', rate: 0.01, alpha: 0.75 }, [4])).toBeCloseTo(0.98, 6)
    expect(weightAfter({ kind: 'rmsprop', rate: 0.01, alpha: 0.75, momentum: 0.5 }, [4, 0])).toBeCloseTo(0.97, 6)
  })
  it('takes another rate between updates', () => {
    const w = new Map([['w', Float32Array.of(0)]])
    const optimizer = createOptimizer({ kind: 'sgd', rate: 1 })
    optimizer.rate = 0.25
    optimizer.update(w, new Map([['w', Float32Array.of(1)]]))
    expect(w.get('w')![0]).toBe(-0.25)
  })
  it('refuses a gradient that is missing or of another size', () => {
    const w = new Map([['w', new Float32Array(2)]])
    expect(() => createOptimizer({ kind: 'sgd', rate: 1 }).update(w, new Map())).toThrow('gradient of "w"')
    const wrong = new Map([['w', new Float32Array(3)]])
    expect(() => createOptimizer({ kind: 'sgd', rate: 1 }).update(w, wrong)).toThrow('must have 2 values')
  })
})

describe('clipGradientNorm()', () => {
  it('scales all tensors by one factor, and gives the norm before', () => {
    const gradients = new Map([
      ['a', Float32Array.of(3)],
      ['b', Float32Array.of(0, 4)],
    ])
    expect(clipGradientNorm(gradients, 1)).toBe(5)
    expect(gradients.get('a')![0]).toBeCloseTo(0.6, 6)
    expect(gradients.get('b')![1]).toBeCloseTo(0.8, 6)
    expect(clipGradientNorm(gradients, 2)).toBeCloseTo(1, 6)
    expect(gradients.get('a')![0]).toBeCloseTo(0.6, 6)
  })
})

import { expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { clipGradientNorm, createOptimizer, createTrainer, losses } from '../../../../src/index.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { randomModel } from '../random-model.ts'

const batch = 16
const ticks = 20

/** Noiseless waves of random phase and period, and the value after the last one. */
function waves(seed: number): { readonly x: Float32Array; readonly next: Float32Array } {
  const random = createPrng(seed)
  const x = new Float32Array(batch * ticks)
  const next = new Float32Array(batch)
  for (let b = 0; b < batch; b++) {
    const phase = random.between(0, 6.28)
    const speed = random.between(0.2, 0.5)
    for (let t = 0; t < ticks; t++) x[b * ticks + t] = Math.sin(phase + speed * t)
    next[b] = Math.sin(phase + speed * ticks)
  }
  return { x, next }
}

it('a trained model predicts waves that it never saw, in the engine that runs streams', () => {
  const model = randomModel([
    { name: 'a', type: 'GRU', input_size: 1, hidden_size: 12 },
    { name: 'head', type: 'Linear', in_features: 12, out_features: 1, on: 'last' },
  ])
  const trainer = createTrainer(model, { batch, ticks })
  const optimizer = createOptimizer({ kind: 'adam', rate: 0.01 })
  const dy = new Float32Array(batch)
  for (let update = 0; update < 300; update++) {
    const { x, next } = waves(update)
    losses.mse(trainer.forward(x), next, dy)
    const { byName } = trainer.backward(dy)
    clipGradientNorm(byName, 1)
    optimizer.update(trainer.parameters, byName)
    trainer.repack()
  }
  const { x, next } = waves(1000)
  const before = losses.mse(forward(model, x, { batch, ticks }).output, next, dy)
  const after = losses.mse(forward(trainer.toModel(), x, { batch, ticks }).output, next, dy)
  expect(before).toBeGreaterThan(0.2)
  expect(after).toBeLessThan(0.01)
})

it('a Gaussian head learns how far its mean is off', () => {
  const model = randomModel([
    { name: 'a', type: 'GRU', input_size: 1, hidden_size: 4 },
    { name: 'head', type: 'Gaussian', in_features: 4, out_features: 1 },
  ])
  const trainer = createTrainer(model, { batch, ticks })
  const optimizer = createOptimizer({ kind: 'adam', rate: 0.02 })
  const loss = losses.gaussianHead(1)
  const dy = new Float32Array(batch * ticks * 2)
  const random = createPrng(1)
  let y: Float32Array = new Float32Array()
  for (let update = 0; update < 300; update++) {
    // Noise of a standard deviation of 0.5: uniform within ±0.5·√3.
    const noise = Float32Array.from({ length: batch * ticks }, () => random.between(-1, 1) * 0.5 * Math.sqrt(3))
    y = trainer.forward(new Float32Array(batch * ticks))
    loss(y, noise, dy)
    optimizer.update(trainer.parameters, trainer.backward(dy).byName)
    trainer.repack()
  }
  const lastRow = y.subarray(-2)
  expect(Math.abs(lastRow[0]!)).toBeLessThan(0.1)
  expect(Math.abs(lastRow[1]! - 0.5)).toBeLessThan(0.05)
})

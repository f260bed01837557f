import { uniforms } from './work.mjs'

/**
 * What is trained: windows of 64 values, of which the head predicts the next one; squared error on the last step, Adam.
 *
 * @typedef {object} Training
 * @property {import('./work.mjs').Net} net first weights
 * @property {number} ticks
 * @property {number} batch windows a batch
 * @property {Float32Array[]} x (B,T,1) for each batch
 * @property {Float32Array[]} target (B,1) for each batch
 * @property {{ learningRate: number, beta1: number, beta2: number, eps: number }} adam
 *
 * @typedef {object} TrainingRunner
 * @property {string} name
 * @property {number[]} firstLosses of the first batches, each before its update
 * @property {(batches: number) => Promise<number>} run trains so many further batches; the nanoseconds that took
 */

/** Of so many first batches both sides must have the same loss. */
export const comparedBatches = 3
/** Largest relative difference of a loss after so few updates. */
export const lossDifferenceMax = 1e-4

/**
 * Noisy waves of random period and phase, as sensors that swing.
 * @param {import('./work.mjs').Net} net
 * @returns {Training}
 */
export function makeTraining(net) {
  const ticks = 64
  const batch = 128
  const random = uniforms(7)
  /** @type {Float32Array[]} */
  const x = []
  /** @type {Float32Array[]} */
  const target = []
  for (let each = 0; each < 8; each++) {
    const values = new Float32Array(batch * ticks)
    const next = new Float32Array(batch)
    for (let b = 0; b < batch; b++) {
      const phase = 6.28 * random()
      const speed = 0.05 + 0.4 * random()
      const at = (/** @type {number} */ t) => Math.sin(phase + speed * t) + 0.1 * (random() - 0.5)
      for (let t = 0; t < ticks; t++) values[b * ticks + t] = at(t)
      next[b] = at(ticks)
    }
    x.push(values)
    target.push(next)
  }
  return { net, ticks, batch, x, target, adam: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 } }
}

/**
 * @param {string} name
 * @param {number[]} losses
 * @param {number[]} expected
 */
export function checkLosses(name, losses, expected) {
  for (const [place, loss] of losses.entries()) {
    const wanted = Number(expected[place])
    if (Math.abs(loss - wanted) <= lossDifferenceMax * Math.abs(wanted)) continue
    throw new Error(`${name}: the loss of batch ${place + 1} is ${loss}, ours is ${wanted}`)
  }
}

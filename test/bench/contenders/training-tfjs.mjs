import { comparedBatches } from '../training-work.mjs'
import { loadTfjs } from './tfjs.mjs'

/** @typedef {import('../training-work.mjs').Training} Training */
/** @typedef {import('../training-work.mjs').TrainingRunner} TrainingRunner */

/** Ways to write the step; which is the faster changes with the machine. */
export const tfjsTrainings = ['one matMul a gate', 'r and z in one matMul']

/**
 * TensorFlow.js on its WASM backend: the loop over the ticks unrolled, gradients by its tape, its Adam.
 *
 * Its own `tf.layers.gru` knows no reset-after, so it cannot be compared loss by loss; it takes as long as these.
 * What the input gives is computed for all ticks at once, and biases are added there where the convention allows it.
 * @param {Training} work
 * @param {string} formulation
 * @returns {Promise<TrainingRunner>}
 */
export async function openTfjsTraining(work, formulation) {
  const tf = await loadTfjs()
  const { net, ticks: T, batch: B, adam } = work
  const H = net.hidden
  const matrix = (/** @type {Float32Array} */ data, /** @type {number} */ out, /** @type {number} */ size) =>
    tf.variable(tf.tidy(() => tf.tensor2d(data, [out, size]).transpose()))
  const gate = (/** @type {number} */ from, /** @type {number} */ to) => ({
    width: (to - from) * H,
    wx: matrix(net.wIn.subarray(from * H, to * H), (to - from) * H, 1),
    wh: matrix(net.wHidden.subarray(from * H * H, to * H * H), (to - from) * H, H),
    bx: tf.variable(tf.tensor1d(net.bIn.subarray(from * H, to * H))),
    bh: tf.variable(tf.tensor1d(net.bHidden.subarray(from * H, to * H))),
  })
  const joined = formulation === 'r and z in one matMul'
  const sigmoids = joined ? [gate(0, 2)] : [gate(0, 1), gate(1, 2)]
  const candidate = gate(2, 3)
  const wHead = matrix(net.wHead, 1, H)
  const bHead = tf.variable(tf.tensor1d(net.bHead))
  const optimizer = tf.train.adam(adam.learningRate, adam.beta1, adam.beta2, adam.eps)
  const inputs = work.x.map((x) => tf.tensor2d(byTick(x, B, T), [T * B, 1]))
  const targets = work.target.map((target) => tf.tensor2d(target, [B, 1]))

  const lossOf = (/** @type {number} */ place) => {
    const x = inputs[place]
    const parts = sigmoids.map(({ wx, bx, bh, width }) =>
      tf.unstack(x.matMul(wx).add(bx.add(bh)).reshape([T, B, width])),
    )
    const partsN = tf.unstack(x.matMul(candidate.wx).add(candidate.bx).reshape([T, B, H]))
    let h = tf.zeros([B, H])
    for (let t = 0; t < T; t++) {
      const gates = sigmoids.map(({ wh }, g) => parts[g]?.[t].add(h.matMul(wh)).sigmoid())
      const [r, z] = joined ? tf.split(gates[0], 2, 1) : gates
      const n = partsN[t].add(r.mul(h.matMul(candidate.wh).add(candidate.bh))).tanh()
      h = n.add(z.mul(h.sub(n)))
    }
    return h.matMul(wHead).add(bHead).sub(targets[place]).square().mean()
  }
  let next = 0
  const trainBatch = () => {
    const loss = tf.tidy(() => optimizer.minimize(() => lossOf(next), true))
    next = (next + 1) % work.x.length
    const value = Number(loss.dataSync()[0])
    loss.dispose()
    return value
  }
  return {
    name: `TensorFlow.js ${tf.version_core} WASM, ${formulation}`,
    firstLosses: Array.from({ length: comparedBatches }, trainBatch),
    async run(batches) {
      const startedNs = process.hrtime.bigint()
      for (let done = 0; done < batches; done++) trainBatch()
      return Number(process.hrtime.bigint() - startedNs)
    },
  }
}

/**
 * (B,T) as (T·B,1), so that one product serves all ticks and each tick is one contiguous part.
 * @param {Float32Array} x
 * @param {number} B
 * @param {number} T
 */
function byTick(x, B, T) {
  const to = new Float32Array(T * B)
  for (let b = 0; b < B; b++) for (let t = 0; t < T; t++) to[t * B + b] = Number(x[b * T + t])
  return to
}

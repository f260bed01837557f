import { dirname, sep } from 'node:path'
import { runnerOf } from '../contender.mjs'
import { joinedGru, joinedLstm } from '../joined-weights.mjs'
import { loadPeer, peerPath } from '../peers.mjs'
import { gather, gatherJoined, scatter } from '../state-rows.mjs'

/**
 * TensorFlow.js on its WASM backend (SIMD, one thread), in the formulations that a user would try.
 *
 * The state is one typed array; rows are gathered into a tensor and scattered back by loops, because the backend's own
 * scatter copies the states of all sensors.
 */

/** @typedef {import('../contender.mjs').Work} Work */
/** @typedef {import('../work.mjs').Net} Net */

/** @type {Record<'GRU' | 'LSTM', string[]>} */
export const tfjsFormulations = {
  GRU: ['one matMul a gate', 'fused matMul a gate', '[x|h] at once'],
  LSTM: ['fused matMul a gate', '[x|h] at once'],
}

/**
 * A tensor of the peer, whose types are not there in a clone that has not installed it.
 * @typedef {{
 *   matMul(b: Tensor): Tensor
 *   add(b: Tensor): Tensor
 *   sub(b: Tensor): Tensor
 *   mul(b: Tensor): Tensor
 *   sigmoid(): Tensor
 *   tanh(): Tensor
 *   slice(begin: number[], size: number[]): Tensor
 *   transpose(): Tensor
 *   dataSync(): Float32Array
 *   dispose(): void
 * }} Tensor
 */

/**
 * TensorFlow.js with its WASM backend ready.
 */
export async function loadTfjs() {
  const tf = await loadPeer('@tensorflow/tfjs')
  const wasm = await loadPeer('@tensorflow/tfjs-backend-wasm')
  if (tf.getBackend() !== 'wasm') {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
    const folder = dirname(peerPath('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'))
    wasm.setWasmPaths(folder + sep)
    await tf.setBackend('wasm')
    await tf.ready()
  }
  return tf
}

/**
 * @param {Work} work
 * @param {string} formulation
 */
export async function openTfjs(work, formulation) {
  const tf = await loadTfjs()
  const { net, slots, batch } = work
  const { cell, hidden: H } = net
  const state = new Float32Array(slots * H)
  const cellState = new Float32Array(cell === 'LSTM' ? slots * H : 0)
  const h = new Float32Array(batch * H)
  const c = new Float32Array(cell === 'LSTM' ? batch * H : 0)
  const xh = new Float32Array(batch * (1 + H))
  const cellOf = cell === 'GRU' ? gruOf(tf, net, batch, formulation) : lstmOf(tf, net, batch, formulation)
  const { weights, forward, needs } = cellOf

  /** @param {number} list */
  function step(list) {
    const rows = /** @type {Int32Array} */ (work.rows[list])
    const x = /** @type {Float32Array} */ (work.x[list])
    if (needs.h) gather(state, rows, h, H)
    if (needs.xh) gatherJoined(state, rows, x, xh, H)
    if (cell === 'LSTM') gather(cellState, rows, c, H)
    /** @type {Tensor[]} */
    const results = tf.tidy(() =>
      forward({
        x: needs.x ? tf.tensor2d(x, [batch, 1]) : null,
        h: needs.h ? tf.tensor2d(h, [batch, H]) : null,
        xh: needs.xh ? tf.tensor2d(xh, [batch, 1 + H]) : null,
        c: cell === 'LSTM' ? tf.tensor2d(c, [batch, H]) : null,
      }),
    )
    const [newH, y, newC] = results
    if (newH === undefined || y === undefined) throw new Error('a step gives its state and its output')
    scatter(newH.dataSync(), rows, state, H)
    if (newC !== undefined) scatter(newC.dataSync(), rows, cellState, H)
    const outputs = y.dataSync()
    for (const tensor of results) tensor.dispose()
    return outputs
  }
  return runnerOf(`TensorFlow.js ${tf.version_core} WASM, ${formulation}`, work, {
    step,
    reset: () => {
      state.fill(0)
      cellState.fill(0)
    },
    close: () => {
      for (const weight of weights) weight.dispose()
    },
  })
}

/**
 * @typedef {{ x: Tensor | null, h: Tensor | null, xh: Tensor | null, c: Tensor | null }} Given
 * @typedef {object} Cell
 * @property {Tensor[]} weights
 * @property {{ x: boolean, h: boolean, xh: boolean }} needs
 * @property {(given: Given) => Tensor[]} forward h', y and, for LSTM, c'
 */

/**
 * @template T
 * @param {T | null} value
 * @returns {T}
 */
function given(value) {
  if (value === null) throw new Error('this formulation did not ask for that tensor')
  return value
}

/**
 * @param {Awaited<ReturnType<typeof loadTfjs>>} tf
 * @param {Net} net
 * @param {number} batch
 * @param {string} formulation
 * @returns {Cell}
 */
function gruOf(tf, net, batch, formulation) {
  const { hidden: H } = net
  const { weight, bias } = joinedGru(net)
  const kept = keeper(tf)
  const w = kept.matrix(weight, 4 * H, 1 + H)
  const b = kept.vector(bias)
  const wHead = kept.matrix(net.wHead, 1, H)
  const bHead = kept.vector(net.bHead)
  const gate = (/** @type {number} */ g) => ({
    w: kept.matrix(weight.subarray(g * H * (1 + H), (g + 1) * H * (1 + H)), H, 1 + H),
    b: kept.vector(bias.subarray(g * H, (g + 1) * H)),
  })
  const [r, z, nx, nh] = [gate(0), gate(1), gate(2), gate(3)]
  const wxn = kept.matrix(net.wIn.subarray(2 * H), H, 1)
  const whn = kept.matrix(net.wHidden.subarray(2 * H * H), H, H)
  const fused = (
    /** @type {Tensor} */ a,
    /** @type {Tensor} */ m,
    /** @type {Tensor} */ v,
    /** @type {string} */ activation,
  ) => /** @type {Tensor} */ (tf.fused.matMul({ a, b: m, bias: v, activation }))
  const end = (/** @type {Tensor} */ n, /** @type {Tensor} */ zs, /** @type {Tensor} */ h) => {
    const newH = n.add(zs.mul(h.sub(n)))
    return [newH, fused(newH, wHead, bHead, 'linear')]
  }
  /** @type {Record<string, Cell['forward']>} */
  const forwards = {
    'one matMul a gate': (all) => {
      const [x, h, xh] = [given(all.x), given(all.h), given(all.xh)]
      const rs = xh.matMul(r.w).add(r.b).sigmoid()
      const zs = xh.matMul(z.w).add(z.b).sigmoid()
      const n = x
        .mul(wxn)
        .add(nx.b)
        .add(rs.mul(h.matMul(whn).add(nh.b)))
        .tanh()
      const newH = n.add(zs.mul(h.sub(n)))
      return [newH, newH.matMul(wHead).add(bHead)]
    },
    'fused matMul a gate': (all) => {
      const [x, h, xh] = [given(all.x), given(all.h), given(all.xh)]
      const rs = fused(xh, r.w, r.b, 'sigmoid')
      const zs = fused(xh, z.w, z.b, 'sigmoid')
      const n = fused(x, wxn, nx.b, 'linear')
        .add(rs.mul(fused(h, whn, nh.b, 'linear')))
        .tanh()
      return end(n, zs, h)
    },
    '[x|h] at once': (all) => {
      const [h, xh] = [given(all.h), given(all.xh)]
      const sums = fused(xh, w, b, 'linear')
      const rz = sums.slice([0, 0], [batch, 2 * H]).sigmoid()
      const rs = rz.slice([0, 0], [batch, H])
      const n = sums
        .slice([0, 2 * H], [batch, H])
        .add(rs.mul(sums.slice([0, 3 * H], [batch, H])))
        .tanh()
      return end(n, rz.slice([0, H], [batch, H]), h)
    },
  }
  const forward = forwards[formulation]
  if (forward === undefined) throw new Error(`no formulation ${formulation}`)
  return { weights: kept.all, forward, needs: { x: formulation !== '[x|h] at once', h: true, xh: true } }
}

/**
 * @param {Awaited<ReturnType<typeof loadTfjs>>} tf
 * @param {Net} net
 * @param {number} batch
 * @param {string} formulation
 * @returns {Cell}
 */
function lstmOf(tf, net, batch, formulation) {
  const { hidden: H } = net
  const { weight, bias } = joinedLstm(net)
  const kept = keeper(tf)
  const w = kept.matrix(weight, 4 * H, 1 + H)
  const b = kept.vector(bias)
  const wHead = kept.matrix(net.wHead, 1, H)
  const bHead = kept.vector(net.bHead)
  const gates = [0, 1, 2, 3].map((g) => ({
    w: kept.matrix(weight.subarray(g * H * (1 + H), (g + 1) * H * (1 + H)), H, 1 + H),
    b: kept.vector(bias.subarray(g * H, (g + 1) * H)),
  }))
  const atOnce = formulation === '[x|h] at once'
  const fused = (
    /** @type {Tensor} */ a,
    /** @type {Tensor} */ m,
    /** @type {Tensor} */ v,
    /** @type {string} */ activation,
  ) => /** @type {Tensor} */ (tf.fused.matMul({ a, b: m, bias: v, activation }))
  /** @type {(xh: Tensor) => Tensor[]} i, f, g, o */
  const gatesOf = (xh) => {
    if (!atOnce) {
      return gates.map((gate, g) =>
        g === 2 ? fused(xh, gate.w, gate.b, 'linear').tanh() : fused(xh, gate.w, gate.b, 'sigmoid'),
      )
    }
    const sums = fused(xh, w, b, 'linear')
    const both = sums.slice([0, 0], [batch, 2 * H]).sigmoid()
    return [
      both.slice([0, 0], [batch, H]),
      both.slice([0, H], [batch, H]),
      sums.slice([0, 2 * H], [batch, H]).tanh(),
      sums.slice([0, 3 * H], [batch, H]).sigmoid(),
    ]
  }
  /** @type {Cell['forward']} */
  const forward = (all) => {
    const [i, f, g, o] = /** @type {[Tensor, Tensor, Tensor, Tensor]} */ (gatesOf(given(all.xh)))
    const newC = f.mul(given(all.c)).add(i.mul(g))
    const newH = o.mul(newC.tanh())
    return [newH, fused(newH, wHead, bHead, 'linear'), newC]
  }
  return { weights: kept.all, forward, needs: { x: false, h: false, xh: true } }
}

/**
 * Makes weights and remembers them. Matrices are given as PyTorch has them, (out, in), and kept transposed.
 * @param {Awaited<ReturnType<typeof loadTfjs>>} tf
 */
function keeper(tf) {
  /** @type {Tensor[]} */
  const all = []
  const keep = (/** @type {Tensor} */ tensor) => {
    all.push(tensor)
    return tensor
  }
  return {
    all,
    matrix: (/** @type {Float32Array} */ data, /** @type {number} */ out, /** @type {number} */ size) =>
      keep(tf.tidy(() => tf.tensor2d(data, [out, size]).transpose())),
    vector: (/** @type {Float32Array} */ data) => keep(tf.tensor1d(data)),
  }
}

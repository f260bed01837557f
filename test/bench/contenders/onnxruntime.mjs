import { runnerOf } from '../contender.mjs'
import { loadPeer } from '../peers.mjs'
import { gather, gatherJoined, scatter } from '../state-rows.mjs'
import { onnxModel } from './onnx-graphs.mjs'

/**
 * onnxruntime-node on one thread, in the formulations that a user would try: the recurrent operator, and the same
 * arithmetic as a graph of Gemm, Sigmoid and Tanh. Rows are gathered and scattered by loops over typed arrays.
 */

/** @typedef {import('../contender.mjs').Work} Work */

/**
 * @param {Work} work
 * @param {string} formulation
 */
export async function openOnnxruntime(work, formulation) {
  const ort = await loadPeer('onnxruntime-node')
  const { net, slots, batch } = work
  const { cell, hidden: H } = net
  const session = await ort.InferenceSession.create(onnxModel(net, batch, formulation), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  })
  const joined = formulation.includes('[x|h]')
  const operator = formulation.includes('operator')
  const state = new Float32Array(slots * H)
  const cellState = new Float32Array(cell === 'LSTM' ? slots * H : 0)
  const tensor = (/** @type {Float32Array} */ data, /** @type {number[]} */ shape) =>
    new ort.Tensor('float32', data, shape)
  const lead = operator ? [1] : []
  // Inputs are the same buffers every time; outputs are too, which spares the runtime an allocation each.
  const h = new Float32Array(batch * H)
  const c = new Float32Array(cell === 'LSTM' ? batch * H : 0)
  const x = new Float32Array(batch)
  const xh = new Float32Array(joined ? batch * (H + 1) : 0)
  const feeds = {
    ...(joined ? { xh: tensor(xh, [batch, H + 1]) } : { x: tensor(x, [...lead, batch, 1]) }),
    ...(joined && cell === 'LSTM' ? {} : { h: tensor(h, [...lead, batch, H]) }),
    ...(cell === 'LSTM' ? { c: tensor(c, [...lead, batch, H]) } : {}),
  }
  const newH = new Float32Array(batch * H)
  const newC = new Float32Array(c.length)
  const y = new Float32Array(batch)
  const fetches = {
    newH: tensor(newH, [...lead, batch, H]),
    ...(cell === 'LSTM' ? { newC: tensor(newC, [...lead, batch, H]) } : {}),
    y: tensor(y, [batch, 1]),
  }

  /** @param {number} list */
  async function step(list) {
    const rows = /** @type {Int32Array} */ (work.rows[list])
    const input = /** @type {Float32Array} */ (work.x[list])
    if (joined) gatherJoined(state, rows, input, xh, H)
    else x.set(input)
    if ('h' in feeds) gather(state, rows, h, H)
    if (cell === 'LSTM') gather(cellState, rows, c, H)
    await session.run(feeds, fetches)
    scatter(newH, rows, state, H)
    if (cell === 'LSTM') scatter(newC, rows, cellState, H)
    return y
  }
  return runnerOf(`onnxruntime-node ${ort.env?.versions?.node ?? ''}, ${formulation}`, work, {
    step,
    reset: () => {
      state.fill(0)
      cellState.fill(0)
    },
    close: () => session.release(),
  })
}

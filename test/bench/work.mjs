/**
 * What is measured: weights, row lists and inputs made from seeds, the same for every contender and on every machine.
 *
 * A step takes a list of distinct slots with one input each, gathers their states, steps them, scatters them back and
 * gives the head's output. Lists differ from step to step, as the readings of many sensors arrive.
 */

/**
 * @typedef {object} Net
 * @property {'GRU' | 'LSTM'} cell GRU is reset-after, PyTorch's.
 * @property {number} hidden
 * @property {number} inputs
 * @property {Float32Array} wIn (G·H,I), rows r, z, n or i, f, g, o
 * @property {Float32Array} wHidden (G·H,H)
 * @property {Float32Array} bIn (G·H)
 * @property {Float32Array} bHidden (G·H)
 * @property {Float32Array} wHead (1,H)
 * @property {Float32Array} bHead (1)
 */

/**
 * @typedef {object} Work
 * @property {Net} net
 * @property {number} slots
 * @property {number} batch
 * @property {Int32Array[]} rows lists of distinct slots, `batch` each
 * @property {Float32Array[]} x (B,I) for each list
 */

/**
 * Uniform numbers in [0, 1) of a seed; xorshift32, because only its repeatability matters here.
 * @param {number} seed
 */
export function uniforms(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b9) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 8) / 0x1000000
  }
}

/**
 * Weights as PyTorch begins with: uniform in ±1/√H.
 * @param {'GRU' | 'LSTM'} cell
 * @param {number} hidden
 * @returns {Net}
 */
export function makeNet(cell, hidden) {
  const random = uniforms(hidden + (cell === 'GRU' ? 1_000 : 2_000))
  const limit = 1 / Math.sqrt(hidden)
  const rows = (cell === 'GRU' ? 3 : 4) * hidden
  const draw = (/** @type {number} */ length) => Float32Array.from({ length }, () => (2 * random() - 1) * limit)
  return {
    cell,
    hidden,
    inputs: 1,
    wIn: draw(rows),
    wHidden: draw(rows * hidden),
    bIn: draw(rows),
    bHidden: draw(rows),
    wHead: draw(hidden),
    bHead: draw(1),
  }
}

/**
 * Cuts shuffled slots into lists: over all lists each slot comes equally often, in no order.
 * @param {Net} net
 * @param {number} slots
 * @param {number} batch
 * @returns {Work}
 */
export function makeWork(net, slots, batch) {
  const random = uniforms(slots + batch)
  const lists = Math.min(1_024, Math.max(4, Math.floor(slots / batch)))
  const order = Int32Array.from({ length: slots }, (_, slot) => slot)
  let used = slots
  const rows = Array.from({ length: lists }, () => {
    if (used + batch > slots) {
      shuffle(order, random)
      used = 0
    }
    used += batch
    return order.slice(used - batch, used)
  })
  const x = rows.map(() => Float32Array.from({ length: batch * net.inputs }, () => 4 * random() - 2))
  return { net, slots, batch, rows, x }
}

/**
 * @param {Int32Array} order
 * @param {() => number} random
 */
function shuffle(order, random) {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const kept = order[last]
    order[last] = Number(order[other])
    order[other] = Number(kept)
  }
}

/**
 * The net in the words of `parseArchitecture` and its tensors by PyTorch's names.
 * @param {Net} net
 */
export function stateDict(net) {
  const { cell, hidden, inputs, wIn, wHidden, bIn, bHidden, wHead, bHead } = net
  const rows = wIn.length / inputs
  return {
    architecture: {
      modules: [
        { name: 'rnn', type: cell, input_size: inputs, hidden_size: hidden },
        { name: 'head', type: 'Linear', in_features: hidden, out_features: 1 },
      ],
    },
    tensors: new Map([
      ['rnn.weight_ih_l0', { shape: [rows, inputs], data: wIn }],
      ['rnn.weight_hh_l0', { shape: [rows, hidden], data: wHidden }],
      ['rnn.bias_ih_l0', { shape: [rows], data: bIn }],
      ['rnn.bias_hh_l0', { shape: [rows], data: bHidden }],
      ['head.weight', { shape: [1, hidden], data: wHead }],
      ['head.bias', { shape: [1], data: bHead }],
    ]),
  }
}

import { Absent } from '../contender.mjs'
import { joinedGru, joinedLstm } from '../joined-weights.mjs'
import { writeOnnx } from '../onnx-file.mjs'

/** @typedef {import('../work.mjs').Net} Net */

/** @type {Record<'GRU' | 'LSTM', string[]>} */
export const onnxFormulations = {
  GRU: ['GRU operator', 'Gemm, 4 products', 'Gemm, [x|h] at once'],
  LSTM: ['LSTM operator', 'Gemm, [x|h] at once'],
}

/**
 * The bytes of an ONNX model of one step in one of `onnxFormulations`.
 * @param {Net} net
 * @param {number} batch
 * @param {string} formulation
 */
export function onnxModel(net, batch, formulation) {
  if (net.inputs !== 1) throw new Absent('the ONNX graphs are written for one input')
  if (formulation.includes('operator')) return net.cell === 'GRU' ? gruOperator(net, batch) : lstmOperator(net, batch)
  if (net.cell === 'LSTM') return lstmGemm(net, batch)
  return formulation.includes('[x|h]') ? gruJoined(net, batch) : gruGemm(net, batch)
}

const head = { op: 'Gemm', attributes: { transB: 1 } }

/**
 * Blocks of gates in another order: ONNX has z, r, h for the GRU and i, o, f, c for the LSTM.
 * @param {Float32Array} tensor
 * @param {number[]} order
 */
function reorder(tensor, order) {
  const block = tensor.length / order.length
  const to = new Float32Array(tensor.length)
  for (const [place, gate] of order.entries()) to.set(tensor.subarray(gate * block, (gate + 1) * block), place * block)
  return to
}

/**
 * @param {Float32Array[]} parts
 */
function join(...parts) {
  return Float32Array.from(parts.flatMap((part) => [...part]))
}

/** @param {Net} net */
function headWeights({ hidden, wHead, bHead }) {
  return [
    { name: 'wHead', shape: [1, hidden], data: wHead },
    { name: 'bHead', shape: [1], data: bHead },
  ]
}

/**
 * @param {Net} net
 * @param {number} B
 */
function gruOperator(net, B) {
  const { hidden: H } = net
  const order = [1, 0, 2]
  const attributes = { hidden_size: H, linear_before_reset: 1 }
  return writeOnnx({
    nodes: [
      { op: 'GRU', inputs: ['x', 'W', 'R', 'B', '', 'h'], outputs: ['', 'newH'], attributes },
      { op: 'Reshape', inputs: ['newH', 'flat'], outputs: ['hFlat'] },
      { ...head, inputs: ['hFlat', 'wHead', 'bHead'], outputs: ['y'] },
    ],
    inputs: [
      { name: 'x', shape: [1, B, 1] },
      { name: 'h', shape: [1, B, H] },
    ],
    outputs: [
      { name: 'newH', shape: [1, B, H] },
      { name: 'y', shape: [B, 1] },
    ],
    weights: [
      { name: 'W', shape: [1, 3 * H, 1], data: reorder(net.wIn, order) },
      { name: 'R', shape: [1, 3 * H, H], data: reorder(net.wHidden, order) },
      { name: 'B', shape: [1, 6 * H], data: join(reorder(net.bIn, order), reorder(net.bHidden, order)) },
      { name: 'flat', shape: [2], data: BigInt64Array.of(BigInt(B), BigInt(H)) },
      ...headWeights(net),
    ],
  })
}

/**
 * @param {Net} net
 * @param {number} B
 */
function lstmOperator(net, B) {
  const { hidden: H } = net
  const order = [0, 3, 1, 2]
  return writeOnnx({
    nodes: [
      {
        op: 'LSTM',
        inputs: ['x', 'W', 'R', 'B', '', 'h', 'c'],
        outputs: ['', 'newH', 'newC'],
        attributes: { hidden_size: H },
      },
      { op: 'Reshape', inputs: ['newH', 'flat'], outputs: ['hFlat'] },
      { ...head, inputs: ['hFlat', 'wHead', 'bHead'], outputs: ['y'] },
    ],
    inputs: [
      { name: 'x', shape: [1, B, 1] },
      { name: 'h', shape: [1, B, H] },
      { name: 'c', shape: [1, B, H] },
    ],
    outputs: [
      { name: 'newH', shape: [1, B, H] },
      { name: 'newC', shape: [1, B, H] },
      { name: 'y', shape: [B, 1] },
    ],
    weights: [
      { name: 'W', shape: [1, 4 * H, 1], data: reorder(net.wIn, order) },
      { name: 'R', shape: [1, 4 * H, H], data: reorder(net.wHidden, order) },
      { name: 'B', shape: [1, 8 * H], data: join(reorder(net.bIn, order), reorder(net.bHidden, order)) },
      { name: 'flat', shape: [2], data: BigInt64Array.of(BigInt(B), BigInt(H)) },
      ...headWeights(net),
    ],
  })
}

/** The end of every GRU graph: h' = n + z·(h − n), and the head. */
const gruEnd = [
  { op: 'Sub', inputs: ['h', 'n'], outputs: ['hn'] },
  { op: 'Mul', inputs: ['z', 'hn'], outputs: ['zhn'] },
  { op: 'Add', inputs: ['n', 'zhn'], outputs: ['newH'] },
  { ...head, inputs: ['newH', 'wHead', 'bHead'], outputs: ['y'] },
]

/**
 * r and z by one Gemm over h that takes the input's part as its C; n by one over h and one over x.
 * @param {Net} net
 * @param {number} B
 */
function gruGemm(net, B) {
  const { hidden: H, wIn, wHidden, bIn, bHidden } = net
  const bias = Float32Array.from({ length: 2 * H }, (_, k) => Number(bIn[k]) + Number(bHidden[k]))
  const transB = { transB: 1 }
  return writeOnnx({
    nodes: [
      { op: 'Gemm', inputs: ['x', 'wx', 'bx'], outputs: ['rzx'], attributes: transB },
      { op: 'Gemm', inputs: ['h', 'wh', 'rzx'], outputs: ['rz'], attributes: transB },
      { op: 'Sigmoid', inputs: ['rz'], outputs: ['rzs'] },
      { op: 'Split', inputs: ['rzs', 'halves'], outputs: ['r', 'z'], attributes: { axis: 1 } },
      { op: 'Gemm', inputs: ['h', 'whn', 'bhn'], outputs: ['nh'], attributes: transB },
      { op: 'Gemm', inputs: ['x', 'wxn', 'bxn'], outputs: ['nx'], attributes: transB },
      { op: 'Mul', inputs: ['r', 'nh'], outputs: ['rnh'] },
      { op: 'Add', inputs: ['nx', 'rnh'], outputs: ['np'] },
      { op: 'Tanh', inputs: ['np'], outputs: ['n'] },
      ...gruEnd,
    ],
    inputs: [
      { name: 'x', shape: [B, 1] },
      { name: 'h', shape: [B, H] },
    ],
    outputs: [
      { name: 'newH', shape: [B, H] },
      { name: 'y', shape: [B, 1] },
    ],
    weights: [
      { name: 'wx', shape: [2 * H, 1], data: wIn.slice(0, 2 * H) },
      { name: 'bx', shape: [2 * H], data: bias },
      { name: 'wh', shape: [2 * H, H], data: wHidden.slice(0, 2 * H * H) },
      { name: 'whn', shape: [H, H], data: wHidden.slice(2 * H * H) },
      { name: 'bhn', shape: [H], data: bHidden.slice(2 * H) },
      { name: 'wxn', shape: [H, 1], data: wIn.slice(2 * H) },
      { name: 'bxn', shape: [H], data: bIn.slice(2 * H) },
      { name: 'halves', shape: [2], data: BigInt64Array.of(BigInt(H), BigInt(H)) },
      ...headWeights(net),
    ],
  })
}

/**
 * @param {Net} net
 * @param {number} B
 */
function gruJoined(net, B) {
  const { hidden: H } = net
  const { weight, bias } = joinedGru(net)
  return writeOnnx({
    nodes: [
      { op: 'Gemm', inputs: ['xh', 'W', 'B'], outputs: ['all'], attributes: { transB: 1 } },
      { op: 'Split', inputs: ['all', 'parts'], outputs: ['rz', 'nx', 'nh'], attributes: { axis: 1 } },
      { op: 'Sigmoid', inputs: ['rz'], outputs: ['rzs'] },
      { op: 'Split', inputs: ['rzs', 'halves'], outputs: ['r', 'z'], attributes: { axis: 1 } },
      { op: 'Mul', inputs: ['r', 'nh'], outputs: ['rnh'] },
      { op: 'Add', inputs: ['nx', 'rnh'], outputs: ['np'] },
      { op: 'Tanh', inputs: ['np'], outputs: ['n'] },
      ...gruEnd,
    ],
    inputs: [
      { name: 'xh', shape: [B, 1 + H] },
      { name: 'h', shape: [B, H] },
    ],
    outputs: [
      { name: 'newH', shape: [B, H] },
      { name: 'y', shape: [B, 1] },
    ],
    weights: [
      { name: 'W', shape: [4 * H, 1 + H], data: weight },
      { name: 'B', shape: [4 * H], data: bias },
      { name: 'parts', shape: [3], data: BigInt64Array.of(BigInt(2 * H), BigInt(H), BigInt(H)) },
      { name: 'halves', shape: [2], data: BigInt64Array.of(BigInt(H), BigInt(H)) },
      ...headWeights(net),
    ],
  })
}

/**
 * @param {Net} net
 * @param {number} B
 */
function lstmGemm(net, B) {
  const { hidden: H } = net
  const { weight, bias } = joinedLstm(net)
  return writeOnnx({
    nodes: [
      { op: 'Gemm', inputs: ['xh', 'W', 'B'], outputs: ['all'], attributes: { transB: 1 } },
      { op: 'Split', inputs: ['all', 'parts'], outputs: ['if', 'gp', 'op'], attributes: { axis: 1 } },
      { op: 'Sigmoid', inputs: ['if'], outputs: ['ifs'] },
      { op: 'Split', inputs: ['ifs', 'halves'], outputs: ['i', 'f'], attributes: { axis: 1 } },
      { op: 'Tanh', inputs: ['gp'], outputs: ['g'] },
      { op: 'Sigmoid', inputs: ['op'], outputs: ['o'] },
      { op: 'Mul', inputs: ['f', 'c'], outputs: ['fc'] },
      { op: 'Mul', inputs: ['i', 'g'], outputs: ['ig'] },
      { op: 'Add', inputs: ['fc', 'ig'], outputs: ['newC'] },
      { op: 'Tanh', inputs: ['newC'], outputs: ['tc'] },
      { op: 'Mul', inputs: ['o', 'tc'], outputs: ['newH'] },
      { ...head, inputs: ['newH', 'wHead', 'bHead'], outputs: ['y'] },
    ],
    inputs: [
      { name: 'xh', shape: [B, 1 + H] },
      { name: 'c', shape: [B, H] },
    ],
    outputs: [
      { name: 'newH', shape: [B, H] },
      { name: 'newC', shape: [B, H] },
      { name: 'y', shape: [B, 1] },
    ],
    weights: [
      { name: 'W', shape: [4 * H, 1 + H], data: weight },
      { name: 'B', shape: [4 * H], data: bias },
      { name: 'parts', shape: [3], data: BigInt64Array.of(BigInt(2 * H), BigInt(H), BigInt(H)) },
      { name: 'halves', shape: [2], data: BigInt64Array.of(BigInt(H), BigInt(H)) },
      ...headWeights(net),
    ],
  })
}

import type { Tensor } from '@tensorflow/tfjs-core'
import type { RecurrentNode } from '../../model/graph.ts'
import type { TensorFlow } from './load-tensorflow.ts'
import { activate } from './tfjs-activation.ts'

/** The weight of a name. */
export type WeightOf = (name: string) => Tensor

interface Cell {
  readonly tf: TensorFlow
  readonly node: RecurrentNode
  /** (G·H, P or H); columns of units that are hidden from it are zero. */
  readonly wHidden: Tensor
  readonly bHidden: Tensor | null
  readonly wProjection: Tensor | null
  readonly gate: (x: Tensor) => Tensor
  readonly act: (x: Tensor) => Tensor
}

interface State {
  readonly h: Tensor
  readonly c: Tensor
}

/**
 * One layer in one direction over a window from a state of zeros, the loop over the ticks unrolled.
 *
 * Shapes: x (B,T,I) → (B,T,P or H). `hiddenMask` (P or H): factors of the units of h that W_h sees; null: all whole.
 */
export function recurrentValue(
  tf: TensorFlow,
  node: RecurrentNode,
  weight: WeightOf,
  x: Tensor,
  hiddenMask: Tensor | null,
): Tensor {
  const [batch, ticks, inputs] = x.shape as [number, number, number]
  const cell = cellOf(tf, node, weight, hiddenMask)
  const rows = tf.matMul(tf.reshape(tf.transpose(x, [1, 0, 2]), [ticks * batch, inputs]), weight(node.wIn), false, true)
  const sums = node.bIn === null ? rows : tf.add(rows, weight(node.bIn))
  const given = tf.unstack(tf.reshape(sums, [ticks, batch, sums.shape[1]!]))
  const step = node.cell === 'lstm' ? lstmStep : node.cell.startsWith('gru') ? gruStep : rnnStep
  const values: Tensor[] = []
  let state: State = { h: tf.zeros([batch, node.width]), c: tf.zeros([batch, node.hidden]) }
  for (let n = 0; n < ticks; n++) {
    const tick = node.reverse ? ticks - 1 - n : n
    state = step(cell, given[tick]!, state)
    values[tick] = state.h
  }
  return tf.stack(values, 1)
}

function cellOf(tf: TensorFlow, node: RecurrentNode, weight: WeightOf, hiddenMask: Tensor | null): Cell {
  const { gateActivation, cellActivation, wProjection, bHidden } = node
  // Softmax is no function of one number; as in our kernels, it stands for the usual one.
  const gate = gateActivation === null || gateActivation === 'softmax' ? 'sigmoid' : gateActivation
  const usual = node.cell === 'rnn_relu' ? 'relu' : 'tanh'
  const act = cellActivation === null || cellActivation === 'softmax' ? usual : cellActivation
  const wHidden = weight(node.wHidden)
  return {
    tf,
    node,
    wHidden: hiddenMask === null ? wHidden : tf.mul(wHidden, hiddenMask),
    bHidden: bHidden === null ? null : weight(bHidden),
    wProjection: wProjection === null ? null : weight(wProjection),
    gate: (x) => activate(tf, gate, x),
    act: (x) => activate(tf, act, x),
  }
}

/** W_h h + b_h. */
function fromHidden({ tf, wHidden, bHidden }: Cell, h: Tensor): Tensor {
  const product = tf.matMul(h, wHidden, false, true)
  return bHidden === null ? product : tf.add(product, bHidden)
}

function rnnStep(cell: Cell, given: Tensor, { h, c }: State): State {
  return { h: cell.act(cell.tf.add(given, fromHidden(cell, h))), c }
}

function lstmStep(cell: Cell, given: Tensor, state: State): State {
  const { tf, gate, act, wProjection } = cell
  const [i, f, g, o] = tf.split(tf.add(given, fromHidden(cell, state.h)), 4, 1) as [Tensor, Tensor, Tensor, Tensor]
  const c = tf.add(tf.mul(gate(f), state.c), tf.mul(gate(i), act(g)))
  const out = tf.mul(gate(o), act(c))
  return { h: wProjection === null ? out : tf.matMul(out, wProjection, false, true), c }
}

function gruStep(cell: Cell, given: Tensor, { h, c }: State): State {
  const { tf, gate, act, node } = cell
  const [ofR, ofZ, ofN] = tf.split(given, 3, 1) as [Tensor, Tensor, Tensor]
  if (node.cell === 'gru_reset_after') {
    const [hR, hZ, hN] = tf.split(fromHidden(cell, h), 3, 1) as [Tensor, Tensor, Tensor]
    const n = act(tf.add(ofN, tf.mul(gate(tf.add(ofR, hR)), hN)))
    return { h: blend(tf, gate(tf.add(ofZ, hZ)), h, n), c }
  }
  const { hidden } = node
  const [wRz, wN] = tf.split(cell.wHidden, [2 * hidden, hidden], 0) as [Tensor, Tensor]
  const [bRz, bN] = cell.bHidden === null ? [null, null] : tf.split(cell.bHidden, [2 * hidden, hidden], 0)
  const [hR, hZ] = tf.split(fromHidden({ ...cell, wHidden: wRz, bHidden: bRz! }, h), 2, 1) as [Tensor, Tensor]
  const reset = tf.mul(gate(tf.add(ofR, hR)), h)
  const n = act(tf.add(ofN, fromHidden({ ...cell, wHidden: wN, bHidden: bN! }, reset)))
  const z = gate(tf.add(ofZ, hZ))
  return { h: node.cell === 'gru_textbook' ? blend(tf, z, n, h) : blend(tf, z, h, n), c }
}

/** z·a + (1−z)·b, as b + z·(a − b). */
function blend(tf: TensorFlow, z: Tensor, a: Tensor, b: Tensor): Tensor {
  return tf.add(b, tf.mul(z, tf.sub(a, b)))
}

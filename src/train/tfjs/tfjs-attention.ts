import type { Tensor } from '@tensorflow/tfjs-core'
import type { AdditiveAttentionNode, DotAttentionNode } from '../../model/graph.ts'
import type { TensorFlow } from './load-tensorflow.ts'
import type { WeightOf } from './tfjs-recurrent.ts'

/** Added to the score of a tick that is not looked at: e to it is 0 in float32. */
const unseen = -1e9

/** (T,T): 0 where tick t looks at tick i, else `unseen`. */
function visibility(tf: TensorFlow, ticks: number, window: number, looksBack: boolean): Tensor {
  const values = new Float32Array(ticks * ticks)
  for (let t = 0; t < ticks; t++) {
    for (let i = 0; i < ticks; i++) {
      const isSeen = (!looksBack || i <= t) && (window === 0 || i > t - window)
      values[t * ticks + i] = isSeen ? 0 : unseen
    }
  }
  return tf.tensor(values, [ticks, ticks])
}

/** Factors of the weights of looks; null where nothing is dropped. */
type LookMaskOf = (shape: readonly [number, number, number]) => Tensor | null

function kept(tf: TensorFlow, weights: Tensor, mask: Tensor | null): Tensor {
  return mask === null ? weights : tf.mul(weights, mask)
}

/** W x + b for every tick: x (B,T,F) → (B,T,M). */
export function affine(tf: TensorFlow, x: Tensor, w: Tensor, b: Tensor | null): Tensor {
  const rows = tf.matMul(tf.reshape(x, [-1, x.shape.at(-1)!]), w, false, true)
  return tf.reshape(b === null ? rows : tf.add(rows, b), [...x.shape.slice(0, -1), w.shape[0]!])
}

/** Bahdanau's attention. Shapes: x (B,T,F) → (B,T,F). */
export function additiveValue(
  tf: TensorFlow,
  node: AdditiveAttentionNode,
  weight: WeightOf,
  x: Tensor,
  mask: LookMaskOf,
): Tensor {
  const [batch, ticks] = x.shape as [number, number, number]
  const { size, window } = node
  const keys = affine(tf, x, weight(node.wKey), node.bKey === null ? null : weight(node.bKey))
  const ofKeys = tf.reshape(keys, [batch, 1, ticks, size])
  const asked =
    node.wQuery === null
      ? ofKeys
      : tf.add(ofKeys, tf.reshape(affine(tf, x, weight(node.wQuery), null), [batch, ticks, 1, size]))
  const scores = affine(tf, tf.tanh(asked), weight(node.wScore), null)
  const byTick = tf.reshape(scores, [batch, node.wQuery === null ? 1 : ticks, ticks])
  const weights = tf.softmax(tf.add(byTick, visibility(tf, ticks, window, window > 0)))
  const looks = node.wQuery === null && window === 0 ? 1 : ticks
  return tf.matMul(kept(tf, weights, mask([batch, looks, ticks])), x)
}

/** Scaled dot-product attention. Shapes: x (B,T,E) → (B,T,E). */
export function dotValue(
  tf: TensorFlow,
  node: DotAttentionNode,
  weight: WeightOf,
  x: Tensor,
  mask: LookMaskOf,
): Tensor {
  const [batch, ticks, width] = x.shape as [number, number, number]
  const { window, causal, scale, heads } = node
  const seen = visibility(tf, ticks, window, window > 0 || causal)
  const factors = mask([batch * heads, ticks, ticks])
  const attend = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
    tf.matMul(kept(tf, tf.softmax(tf.add(tf.mul(scale, tf.matMul(q, k, false, true)), seen)), factors), v)
  if (!node.projected) return attend(x, x, x)
  const part = width / heads
  const named = (name: string | null): Tensor | null => (name === null ? null : weight(name))
  const apart = (value: Tensor): Tensor => {
    const split = tf.transpose(tf.reshape(value, [batch, ticks, heads, part]), [0, 2, 1, 3])
    return tf.reshape(split, [batch * heads, ticks, part])
  }
  const joined = affine(tf, x, named(node.wIn)!, named(node.bIn))
  const [q, k, v] = tf.split(joined, 3, 2).map(apart) as [Tensor, Tensor, Tensor]
  const values = tf.transpose(tf.reshape(attend(q, k, v), [batch, heads, ticks, part]), [0, 2, 1, 3])
  return affine(tf, tf.reshape(values, [batch, ticks, width]), named(node.wOut)!, named(node.bOut))
}

import type { Tensor } from '@tensorflow/tfjs-core'
import { assert } from '../../base/assert.ts'
import {
  dropRate,
  type LayerNormNode,
  type MergeNode,
  type TrainingGraph,
  type TrainingNode,
} from '../../model/graph.ts'
import type { TensorFlow } from './load-tensorflow.ts'
import { activate } from './tfjs-activation.ts'
import { additiveValue, affine, dotValue } from './tfjs-attention.ts'
import { recurrentValue, type WeightOf } from './tfjs-recurrent.ts'

/**
 * Factors of what a node drops, (ticks,B,width), for all ticks alike (1,B,width), for recurrent dropout (1,1,width), for
 * an attention (B·heads,looks,ticks); null: nothing is dropped.
 *
 * `place` counts the places of the graph where values are dropped.
 */
export type MaskOf = (place: number, p: number, shape: readonly [number, number, number]) => Tensor | null

/** What one run of a graph reads. */
export interface GraphRun {
  readonly tf: TensorFlow
  readonly graph: TrainingGraph
  readonly weight: WeightOf
  readonly mask: MaskOf
}

/**
 * The forward pass of a graph in operations of TensorFlow.js.
 *
 * Shapes: x (B,T,I) → (B,T,O), or (B,O) where the model ends in one vector. Works when: called within `tf.tidy`.
 */
export function graphValue(run: GraphRun, x: Tensor): Tensor {
  const values: Tensor[] = []
  let places = 0
  for (const node of run.graph.nodes) {
    const place = dropRate(node) > 0 ? places++ : -1
    const from = node.inputs.map((index) => values[index]!)
    values.push(node.op === 'input' ? x : nodeValue(run, node, from, place, x.shape[1]!))
  }
  return values[run.graph.output]!
}

function nodeValue(
  { tf, weight, mask }: GraphRun,
  node: Exclude<TrainingNode, { op: 'input' }>,
  inputs: readonly Tensor[],
  place: number,
  windowTicks: number,
): Tensor {
  const x = inputs[0]!
  const named = (name: string | null): Tensor | null => (name === null ? null : weight(name))
  switch (node.op) {
    case 'recurrent': {
      const hidden = place < 0 ? null : mask(place, node.recurrentDropout, [1, 1, node.width])
      return recurrentValue(tf, node, weight, x, hidden === null ? null : tf.reshape(hidden, [node.width]))
    }
    case 'dropout':
      return dropped(tf, x, mask(place, node.p, [maskTicks(node, x), x.shape[0]!, node.width]))
    case 'linear':
      return affine(tf, x, weight(node.weight), named(node.bias))
    case 'activation':
      return activate(tf, node.activation, x)
    case 'layerNorm':
      return layerNorm(tf, node, x, named(node.weight), named(node.bias))
    case 'batchNorm': {
      const deviation = tf.sqrt(tf.add(weight(node.variance), node.eps))
      return scaled(tf, tf.div(tf.sub(x, weight(node.mean)), deviation), named(node.weight), named(node.bias))
    }
    case 'merge':
      return merged(tf, node.how, inputs)
    case 'last':
      return tf.reshape(tf.slice(x, [0, node.first ? 0 : x.shape[1]! - 1, 0], [-1, 1, -1]), [x.shape[0]!, node.width])
    case 'pool':
      return pooled(tf, node, x)
    case 'repeat': {
      const ticks = node.ticks === 0 ? windowTicks : node.ticks
      return tf.mul(tf.reshape(x, [x.shape[0]!, 1, node.width]), tf.ones([1, ticks, 1]))
    }
    case 'additiveAttention':
      return additiveValue(tf, node, weight, x, (shape) => (place < 0 ? null : mask(place, node.dropout, shape)))
    case 'dotAttention':
      return dotValue(tf, node, weight, x, (shape) => (place < 0 ? null : mask(place, node.dropout, shape)))
    case 'gaussian': {
      const [mean, spread] = tf.split(x, 2, -1) as [Tensor, Tensor]
      return tf.concat([mean, tf.add(tf.softplus(spread), node.floor)], -1)
    }
  }
}

/** A mask is drawn tick by tick, as our kernels lay their values out. */
function dropped(tf: TensorFlow, x: Tensor, mask: Tensor | null): Tensor {
  if (mask === null) return x
  const byWindow = tf.transpose(mask, [1, 0, 2])
  return tf.mul(x, x.rank === 2 ? tf.reshape(byWindow, x.shape) : byWindow)
}

function maskTicks(node: Extract<TrainingNode, { op: 'dropout' }>, x: Tensor): number {
  return x.rank === 3 && !node.whole ? x.shape[1]! : 1
}

function scaled(tf: TensorFlow, x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const times = weight === null ? x : tf.mul(x, weight)
  return bias === null ? times : tf.add(times, bias)
}

function layerNorm(tf: TensorFlow, node: LayerNormNode, x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const mean = (value: Tensor): Tensor => tf.div(tf.sum(value, -1, true), node.width)
  const centred = tf.sub(x, mean(x))
  const deviation = tf.sqrt(tf.add(mean(tf.square(centred)), node.eps))
  return scaled(tf, tf.div(centred, deviation), weight, bias)
}

function merged(tf: TensorFlow, how: MergeNode['how'], values: readonly Tensor[]): Tensor {
  if (how === 'concat') return tf.concat([...values], -1)
  const join = how === 'multiply' ? tf.mul : how === 'maximum' ? tf.maximum : tf.add
  const all = values.reduce((a, b) => join(a, b))
  return how === 'average' ? tf.div(all, values.length) : all
}

function pooled(tf: TensorFlow, node: Extract<TrainingNode, { op: 'pool' }>, x: Tensor): Tensor {
  const [batch, ticks, width] = x.shape as [number, number, number]
  if (node.how === 'maximum') return tf.max(x, 1)
  if (node.how === 'mean') return tf.div(tf.sum(x, 1), ticks)
  assert(ticks * width === node.width, `${node.label} is made for ${node.width} features, not ${ticks * width}`)
  return tf.reshape(x, [batch, node.width])
}

import { tanh } from '../../base/math.ts'
import { softmax } from '../activation.ts'
import { affine, type Floats } from '../cells.ts'
import type { AdditiveAttentionNode, DotAttentionNode } from '../graph.ts'
import type { Tensor } from '../tensor.ts'

/**
 * One attention in two parts: what is kept of each tick, and what one tick makes of those that it looks at.
 *
 * Shapes: x (N,F) and memory (N,M) hold N consecutive ticks, from the oldest; `query` is the tick that asks.
 */
export interface Attention {
  readonly memoryWidth: number
  remember(x: Floats, xAt: number, memory: Float64Array, memoryAt: number): void
  attend(
    x: Floats,
    xAt: number,
    memory: Float64Array,
    memoryAt: number,
    ticks: number,
    query: number,
    out: Floats,
    outAt: number,
  ): void
}

/** The attention of a node; float64 throughout but for the weights. */
export function attentionOf(
  node: AdditiveAttentionNode | DotAttentionNode,
  tensors: ReadonlyMap<string, Tensor>,
): Attention {
  const take = (name: string | null, size: number): Float32Array =>
    (name === null ? undefined : tensors.get(name)?.data) ?? new Float32Array(size)
  return node.op === 'additiveAttention' ? additive(node, take) : node.projected ? projected(node, take) : plain(node)
}

type Take = (name: string | null, size: number) => Float32Array

/** Memory of a tick: its key W_k h + b (A), and its query W_q h (A) where there is one. Source: Bahdanau et al. 2015. */
function additive(node: AdditiveAttentionNode, take: Take): Attention {
  const { size, width } = node
  const asks = node.wQuery !== null
  const memoryWidth = asks ? 2 * size : size
  const wKey = take(node.wKey, 0)
  const bKey = take(node.bKey, size)
  const wScore = take(node.wScore, size)
  const wQuery = take(node.wQuery, 0)
  const none = new Float32Array(size)
  const weights = new Weights()
  return {
    memoryWidth,
    remember(x, xAt, memory, memoryAt) {
      affine(wKey, bKey, x, xAt, width, memory, memoryAt)
      if (asks) affine(wQuery, none, x, xAt, width, memory, memoryAt + size)
    },
    attend(x, xAt, memory, memoryAt, ticks, query, out, outAt) {
      const w = weights.ofTicks(ticks)
      for (let i = 0; i < ticks; i++) {
        let score = 0
        for (let a = 0; a < size; a++) {
          const key = memory[memoryAt + i * memoryWidth + a]!
          const asked = asks ? memory[memoryAt + query * memoryWidth + size + a]! : 0
          score += wScore[a]! * tanh(key + asked)
        }
        w[i] = score
      }
      softmax(w, 0, ticks, w, 0)
      weightedSum(w, ticks, x, xAt, width, width, out, outAt)
    },
  }
}

/** q = k = v = x. */
function plain(node: DotAttentionNode): Attention {
  const { width, scale } = node
  const weights = new Weights()
  return {
    memoryWidth: 0,
    remember() {},
    attend(x, xAt, _memory, _memoryAt, ticks, query, out, outAt) {
      const w = weights.ofTicks(ticks)
      for (let i = 0; i < ticks; i++) w[i] = scale * dot(x, xAt + query * width, x, xAt + i * width, width)
      softmax(w, 0, ticks, w, 0)
      weightedSum(w, ticks, x, xAt, width, width, out, outAt)
    },
  }
}

/** Memory of a tick: q, k, v (3·E). Source: PyTorch's nn.MultiheadAttention. */
function projected(node: DotAttentionNode, take: Take): Attention {
  const { width, heads, scale } = node
  const part = width / heads
  const memoryWidth = 3 * width
  const wIn = take(node.wIn, 0)
  const bIn = take(node.bIn, memoryWidth)
  const wOut = take(node.wOut, 0)
  const bOut = take(node.bOut, width)
  const weights = new Weights()
  const joined = new Float64Array(width)
  return {
    memoryWidth,
    remember: (x, xAt, memory, memoryAt) => affine(wIn, bIn, x, xAt, width, memory, memoryAt),
    attend(_x, _xAt, memory, memoryAt, ticks, query, out, outAt) {
      const w = weights.ofTicks(ticks)
      for (let head = 0; head < heads; head++) {
        const q = memoryAt + query * memoryWidth + head * part
        const k = memoryAt + width + head * part
        for (let i = 0; i < ticks; i++) w[i] = scale * dot(memory, q, memory, k + i * memoryWidth, part)
        softmax(w, 0, ticks, w, 0)
        weightedSum(w, ticks, memory, k + width, memoryWidth, part, joined, head * part)
      }
      affine(wOut, bOut, joined, 0, width, out, outAt)
    },
  }
}

/** Room for the weights of as many ticks as were ever asked for. */
class Weights {
  #room = new Float64Array(16)

  ofTicks(ticks: number): Float64Array {
    if (this.#room.length < ticks) this.#room = new Float64Array(2 * ticks)
    return this.#room
  }
}

function dot(a: Floats, aAt: number, b: Floats, bAt: number, n: number): number {
  let sum = 0
  for (let j = 0; j < n; j++) sum += a[aAt + j]! * b[bAt + j]!
  return sum
}

function weightedSum(
  w: Float64Array,
  ticks: number,
  x: Floats,
  xAt: number,
  stride: number,
  n: number,
  out: Floats,
  outAt: number,
): void {
  for (let j = 0; j < n; j++) {
    let sum = 0
    for (let i = 0; i < ticks; i++) sum += w[i]! * x[xAt + i * stride + j]!
    out[outAt + j] = sum
  }
}

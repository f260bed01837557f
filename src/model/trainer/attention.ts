import type { AdditiveAttentionNode, DotAttentionNode } from '../graph.ts'
import { linearPass } from './linear.ts'
import { writeMask } from './mask.ts'
import { type Drops, strideOf, type Tape, type TapeValue, type TrainedNode } from './tape.ts'
import { Vector } from './tape-vector.ts'

/** Floats of a run of T numbers in the room of an attention: whole vectors of four. */
function runOf(ticks: number): number {
  return Math.ceil(ticks / 4) * 4
}

/** Dropout of the weights of `count` looks at T ticks: where the factors lie, 0 while nothing is dropped. */
class LookMask {
  at = 0
  /** For the trainer; none where nothing is ever dropped. */
  readonly drops: { readonly drops?: Drops }

  constructor(tape: Tape, p: number, count: number, ticks: number) {
    const place = p > 0 ? tape.image.reserve(4 * count * ticks) : 0
    const draw = (memory: Float32Array, key: number): void => {
      writeMask(memory, key, p, { at: place / 4, rows: count, width: ticks, stride: ticks })
      this.at = place
    }
    const off = (): void => {
      this.at = 0
    }
    this.drops = p > 0 ? { drops: { packed: [], draw, off } } : {}
  }
}

/** Additive attention: keys and queries are products of h, and weigh h itself. */
export function trainAdditive(tape: Tape, node: AdditiveAttentionNode, h: TapeValue): TrainedNode {
  const { batch } = tape
  const { ticks } = h
  const { window, size, width } = node
  const value = tape.value(ticks, width)
  const keys = tape.value(ticks, size)
  const key = linearPass(tape, { weight: node.wKey, bias: node.bKey }, h, keys)
  const queries = node.wQuery === null ? null : tape.value(ticks, size)
  const query = queries === null ? null : linearPass(tape, { weight: node.wQuery!, bias: null }, h, queries)
  const score = new Vector(tape, node.wScore, size, 0)
  const room = tape.image.reserve(4 * (2 * runOf(ticks) + (ticks * keys.stride) / 4))
  const whole = tape.image.reserve(strideOf(width))
  const [q, dq] = [queries?.at ?? 0, queries?.gradAt ?? 0]
  // One look serves all ticks where nothing tells them apart.
  const mask = new LookMask(tape, node.dropout, batch * (queries === null && window === 0 ? 1 : ticks), ticks)
  return {
    value,
    ...mask.drops,
    packed: [key.product, ...(query === null ? [] : [query.product]), score],
    forward(kernels) {
      key.forward(kernels)
      query?.forward(kernels)
      kernels.additiveAttention(
        ...([batch, ticks, window, width, size, h.at, h.stride, keys.at, q, keys.stride] as const),
        ...([score.at, value.at, room, mask.at] as const),
      )
    },
    backward(kernels) {
      kernels.additiveAttentionBack(
        ...([batch, ticks, window, width, size, h.at, h.stride, keys.at, q, keys.stride] as const),
        ...([score.at, value.gradAt, room, h.gradAt, keys.gradAt, dq, score.gradAt, whole, mask.at] as const),
      )
      key.backward(kernels)
      query?.backward(kernels)
    },
  }
}

/** Dot-product attention: on x itself, or between PyTorch's two projections. */
export function trainDot(tape: Tape, node: DotAttentionNode, x: TapeValue): TrainedNode {
  const { wIn, wOut, width } = node
  if (wIn === null || wOut === null) {
    const value = tape.value(x.ticks, width)
    return { value, ...looks(tape, node, { ...x, part: 0 }, value) }
  }
  const part = strideOf(width)
  const asked = tape.value(x.ticks, (3 * part) / 4)
  const firstRows = [0, width, 2 * width]
  const before = linearPass(tape, { weight: wIn, bias: node.bIn, firstRows }, x, asked)
  const joined = tape.value(x.ticks, width)
  const look = looks(tape, node, { ...asked, part }, joined)
  const value = tape.value(x.ticks, width)
  const after = linearPass(tape, { weight: wOut, bias: node.bOut }, joined, value)
  return {
    ...look,
    value,
    packed: [before.product, after.product],
    forward(kernels) {
      before.forward(kernels)
      look.forward(kernels)
      after.forward(kernels)
    },
    backward(kernels) {
      after.backward(kernels)
      look.backward(kernels)
      before.backward(kernels)
    },
  }
}

/** What every tick makes of those it looks at: q, k and v lie `part` bytes apart in a row of `asked`. */
function looks(
  tape: Tape,
  node: DotAttentionNode,
  asked: TapeValue & { readonly part: number },
  value: TapeValue,
): Omit<TrainedNode, 'value'> {
  const { at, gradAt, ticks, stride, part } = asked
  const { window, heads, scale } = node
  const room = tape.image.reserve(4 * 2 * runOf(ticks))
  const how = [tape.batch, ticks, window, node.causal ? 1 : 0, heads, node.width / heads, scale] as const
  const qkv = [at, at + part, at + 2 * part, stride] as const
  const mask = new LookMask(tape, node.dropout, tape.batch * heads * ticks, ticks)
  return {
    ...mask.drops,
    forward: (kernels) => kernels.dotAttention(...how, ...qkv, value.at, value.stride, room, mask.at),
    backward(kernels) {
      const gradients = [gradAt, gradAt + part, gradAt + 2 * part] as const
      kernels.dotAttentionBack(...how, ...qkv, value.gradAt, value.stride, ...gradients, room, mask.at)
    },
  }
}

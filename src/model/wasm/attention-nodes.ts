import type { AdditiveAttentionNode, DotAttentionNode } from '../graph.ts'
import { addLinear, type Value } from './dense-nodes.ts'
import { type Program, roundUp } from './program.ts'
import type { Weights } from './recurrent-nodes.ts'

/** The counter at the beginning of a ring, in float32. */
const ringHead = 4

/** Additive attention over the last `window` values; ring entries are [value][key]. */
export function addAdditive(program: Program, node: AdditiveAttentionNode, x: Value, w: Weights): Value {
  const { window, size } = node
  const key = addLinear(program, w(node.wKey), w(node.bKey), x, size)
  // Without a query its place stays zero, as the tile was made.
  const query = node.wQuery === null ? program.value(size) : addLinear(program, w(node.wQuery), null, x, size).at
  const ring = program.ring(ringHead + window * (roundUp(x.width) + roundUp(size)))
  const scores = program.value(roundUp(window) + roundUp(size))
  const at = program.value(x.width)
  program.add('additive', {
    a: ring,
    b: window,
    c: x.width,
    d: size,
    e: scores,
    f: at,
    g: query,
    h: key.at,
    i: x.at,
    j: program.image.place(w(node.wScore)),
  })
  return { at, width: x.width }
}

/** Dot-product attention over the last `window` values; ring entries are [key][value]. */
export function addDot(program: Program, node: DotAttentionNode, x: Value, w: Weights): Value {
  const { window, heads, scale, width: e } = node
  const [q, k, v] = node.wIn === null ? [x, x, x] : projections(program, w(node.wIn), w(node.bIn), x, e)
  const ring = program.ring(ringHead + window * 2 * roundUp(e))
  const scores = program.value(roundUp(window))
  const at = program.value(e)
  const operands = { a: ring, b: window, c: e, d: heads, e: scores, f: at, g: q.at, h: k.at, i: v.at }
  program.add('dotProduct', operands, scale)
  return node.wOut === null ? { at, width: e } : addLinear(program, w(node.wOut), w(node.bOut), { at, width: e }, e)
}

/** The three runs of rows of PyTorch's in_proj: q, k, v. */
function projections(
  program: Program,
  weight: Float32Array,
  bias: Float32Array | null,
  x: Value,
  e: number,
): [Value, Value, Value] {
  const part = (index: number): Value => {
    const rows = weight.subarray(index * e * x.width, (index + 1) * e * x.width)
    return addLinear(program, rows, bias?.subarray(index * e, (index + 1) * e) ?? null, x, e)
  }
  return [part(0), part(1), part(2)]
}

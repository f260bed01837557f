import type { AdditiveAttentionNode, DotAttentionNode } from '../../model/graph.ts'
import type { Tensor } from '../../model/tensor.ts'
import { transposed } from '../import/tensor-layout.ts'
import type { OnnxWork } from './onnx-graph.ts'

/** Added to a score that must not count: its softmax is zero. */
const excluded = -1e30

/**
 * Dot-product attention by its parts: softmax(scale · q kᵀ + mask) v, in heads, with PyTorch's projections where it has them.
 *
 * Reads and gives (T,B,E).
 */
export function writeDotAttention(work: OnnxWork<DotAttentionNode>): string {
  const { out, node, label, inputs } = work
  const x = batchFirst(work, inputs[0]!)
  const size = node.width / node.heads
  const heads = (part: number, perm: readonly number[]): string => {
    const projected =
      node.wIn === null ? x : project(work, x, partOf(work, node.wIn, part), partOf(work, node.bIn, part))
    const parted = out.add('Reshape', label, [projected, out.integers(`${label}/heads`, [0, 0, node.heads, size])])
    return out.add('Transpose', label, [parted], { perm: { ints: perm } })
  }
  const products = out.add('MatMul', label, [heads(0, [0, 2, 1, 3]), heads(1, [0, 2, 3, 1])])
  const scaled = out.add('Mul', label, [products, out.scalar(label, node.scale)])
  const masked = node.causal ? out.add('Add', label, [scaled, mask(work, inputs[0]!, true)]) : scaled
  const shares = out.add('Softmax', label, [masked], { axis: { int: -1 } })
  const values = out.add('MatMul', label, [shares, heads(2, [0, 2, 1, 3])])
  const turned = out.add('Transpose', label, [values], { perm: { ints: [0, 2, 1, 3] } })
  const joined = out.add('Reshape', label, [turned, out.integers(`${label}/width`, [0, 0, node.width])])
  const weight = node.wOut === null ? null : work.tensors.get(node.wOut)!
  const bias = node.bOut === null ? null : work.tensors.get(node.bOut)!
  return batchFirst(work, weight === null ? joined : project(work, joined, weight, bias))
}

/**
 * Additive attention by its parts: the values weighted by softmax(v·tanh(K h_i + b [+ Q h_t])).
 *
 * Reads and gives (T,B,F). Every tick has a row of scores of its own, also where all rows are the same.
 */
export function writeAdditiveAttention(work: OnnxWork<AdditiveAttentionNode>): string {
  const { out, node, label, inputs, tensors } = work
  const x = batchFirst(work, inputs[0]!)
  const bias = node.bKey === null ? null : tensors.get(node.bKey)!
  const keys = project(work, x, tensors.get(node.wKey)!, bias)
  // (B,1,T,A) by keys and (B,T,1,A) by queries.
  let sum = out.add('Unsqueeze', label, [keys, out.integers(`${label}/axes`, [1])])
  if (node.wQuery !== null) {
    const queries = project(work, x, tensors.get(node.wQuery)!, null)
    sum = out.add('Add', label, [sum, out.add('Unsqueeze', label, [queries, out.integers(`${label}/axes`, [2])])])
  }
  const scores = project(work, out.add('Tanh', label, [sum]), tensors.get(node.wScore)!, null)
  const flat = out.add('Squeeze', label, [scores, out.integers(`${label}/axes`, [3])])
  const masked = out.add('Add', label, [flat, mask(work, inputs[0]!, node.window > 0)])
  const shares = out.add('Softmax', label, [masked], { axis: { int: -1 } })
  return batchFirst(work, out.add('MatMul', label, [shares, x]))
}

type AttentionWork = OnnxWork<AdditiveAttentionNode | DotAttentionNode>

/** (T,B,F) as (B,T,F), and back. */
function batchFirst({ out, label }: AttentionWork, x: string): string {
  return out.add('Transpose', label, [x], { perm: { ints: [1, 0, 2] } })
}

function project({ out, label }: AttentionWork, x: string, weight: Tensor, bias: Tensor | null): string {
  const product = out.add('MatMul', label, [x, out.floats(`${label}/weight`, transposed(weight))])
  return bias === null ? product : out.add('Add', label, [product, out.floats(`${label}/bias`, bias)])
}

/** One of the three blocks of rows: queries, keys, values. */
function partOf(work: AttentionWork, name: string, part: number): Tensor
function partOf(work: AttentionWork, name: string | null, part: number): Tensor | null
function partOf({ tensors }: AttentionWork, name: string | null, part: number): Tensor | null {
  if (name === null) return null
  const { shape, data } = tensors.get(name)!
  const size = data.length / 3
  return { shape: [shape[0]! / 3, ...shape.slice(1)], data: data.slice(part * size, (part + 1) * size) }
}

/** (T,T) to add to the scores: row t excludes later ticks, and those further back than the window, where it is one. */
function mask({ out, node, label }: AttentionWork, x: string, causal: boolean): string {
  const shape = out.add('Shape', label, [x])
  const ticks = out.add('Gather', label, [shape, out.integers(`${label}/time`, [0])])
  const square = out.add('Concat', label, [ticks, ticks], { axis: { int: 0 } })
  const all = out.add('Expand', label, [out.scalar(label, causal ? excluded : 0), square])
  if (!causal) return all
  const later = out.add('Trilu', label, [all, out.integers(`${label}/diagonal`, 1)], { upper: { int: 1 } })
  if (node.window === 0) return later
  const diagonal = out.integers(`${label}/diagonal`, -node.window)
  return out.add('Add', label, [later, out.add('Trilu', label, [all, diagonal], { upper: { int: 0 } })])
}

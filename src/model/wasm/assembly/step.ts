import { activate, layerNorm, softmax } from './activation'
import { affine, affineOnto } from './affine'
import { additive, dotProduct } from './attention'
import { dot, fourDots } from './dot'
import { lstm, resetAfter, resetBefore, rnnRelu, rnnTanh, update } from './gates'
import { Code, Operation, Plan } from './plan'
import * as row from './rows'

/** Rows of a tile: what is worked on at once lies in the first cache. */
export const tileRows: i32 = 16

/**
 * One step of a model on rows from … to, a tile at a time: gather states and inputs, compute node after node, scatter.
 *
 * A tile row is [address of the arena's row, missing?, …][every node's value …]; all rows are `stride` bytes apart, so
 * an operation needs only offsets.
 */
export function stepRows(plan: Plan, tile: usize, from: i32, to: i32): void {
  for (let first = from; first < to; first += tileRows) {
    const rows = min(tileRows, to - first)
    row.gather(plan, tile, first, rows)
    const missing = row.input(plan, tile, first, rows)
    let at = plan.operations
    for (let i = 0; i < plan.operationCount; i++) {
      compute(changetype<Operation>(at), tile, plan.stride, rows, missing)
      at += offsetof<Operation>()
    }
    row.scatter(plan, tile, rows, missing)
    row.output(plan, tile, first, rows)
  }
}

function compute(o: Operation, tile: usize, stride: usize, rows: i32, missing: bool): void {
  switch (o.code) {
    // x at a, K = b, panels at c, their number d, y at e.
    case Code.affine: return affine(rows, tile + o.a, stride, <i32>o.b, o.c, <i32>o.d, tile + o.e, stride)
    case Code.affineOnto: return affineOnto(rows, tile + o.a, stride, <i32>o.b, o.c, <i32>o.d, tile + o.e, stride)
    // Sums at a, wide = b; then where the cell's own parts lie.
    case Code.resetAfter: return resetAfter(rows, tile, stride, o.a, o.b)
    case Code.resetBefore: return resetBefore(rows, tile, stride, o.a, o.c, o.b)
    case Code.update: return update(rows, tile, stride, o.a, o.c, o.d, o.b)
    case Code.lstm: return lstm(rows, tile, stride, o.a, o.c, o.d, o.b)
    case Code.rnnTanh: return rnnTanh(rows, tile, stride, o.a, o.c, o.b)
    case Code.rnnRelu: return rnnRelu(rows, tile, stride, o.a, o.c, o.b, o.real)
    // Rows without input get their state back: arena offset a, tile offset b, bytes c.
    case Code.keep: {
      if (missing) row.keep(tile, stride, rows, o.a, o.b, o.c)
      return
    }
    // A narrow linear layer: x at a, K = b, weights (O,K) at c, O = d, bias at f, y at e.
    case Code.dense: return dense(rows, tile, stride, o)
    case Code.activate: return activate(rows, tile, stride, <i32>o.d, o.a, o.c, o.b, o.real)
    case Code.softmax: return softmax(rows, tile, stride, o.a, o.c, <i32>o.d)
    case Code.layerNorm: return layerNorm(rows, tile, stride, o.a, o.c, <i32>o.d, o.e, o.f, o.real)
    case Code.scale: return row.scale(rows, tile, stride, o.a, o.c, o.b, o.e, o.f)
    case Code.add: return row.add(rows, tile, stride, o.a, o.d, o.c, o.b)
    case Code.multiply: return row.multiply(rows, tile, stride, o.a, o.d, o.c, o.b)
    case Code.maximum: return row.maximum(rows, tile, stride, o.a, o.d, o.c, o.b)
    case Code.times: return row.times(rows, tile, stride, o.a, o.c, o.b, o.real)
    case Code.copy: return row.copy(rows, tile, stride, o.a, o.c, <i32>o.d)
    case Code.additive: return attend(o, tile, stride, rows)
    case Code.dotProduct: return attend(o, tile, stride, rows)
  }
}

function dense(rows: i32, at: usize, stride: usize, o: Operation): void {
  const n = <i32>o.b
  let r = 0
  for (; r + 4 <= rows; r += 4) {
    for (let j: usize = 0; j < o.d; j++) {
      const y = at + o.e + (j << 2)
      const sums = fourDots(at + o.a, stride, o.c + j * (o.b << 2), n, f32x4.splat(load<f32>(o.f + (j << 2))))
      store<f32>(y, f32x4.extract_lane(sums, 0))
      store<f32>(y + stride, f32x4.extract_lane(sums, 1))
      store<f32>(y + 2 * stride, f32x4.extract_lane(sums, 2))
      store<f32>(y + 3 * stride, f32x4.extract_lane(sums, 3))
    }
    at += stride << 2
  }
  for (; r < rows; r++) {
    for (let j: usize = 0; j < o.d; j++) {
      const weights = o.c + j * (o.b << 2)
      store<f32>(at + o.e + (j << 2), dot(at + o.a, weights, n) + load<f32>(o.f + (j << 2)))
    }
    at += stride
  }
}

/** Ring at arena offset a, window b, features c in d heads, room for scores at e, value at f; q, k, v at g, h, i. */
function attend(o: Operation, at: usize, stride: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    const ring = load<usize>(at) + o.a
    const fresh = load<i32>(at, 4) == 0
    if (o.code == Code.dotProduct) {
      dotProduct(at, ring, <i32>o.b, fresh, o.g, o.h, o.i, <i32>o.c, <i32>o.d, o.real, o.e, o.f)
    } else {
      // Here d is the size of the keys, and j is where v lies in memory; h is the value itself.
      additive(at, ring, <i32>o.b, fresh, o.i, <i32>o.c, o.h, o.g, <i32>o.d, o.j, o.e, o.f)
    }
    at += stride
  }
}

import { madd } from './vector'

/** Rows that are summed before the sums go to memory: x and dy of so many rows stay in the first caches. */
const blockRows: i32 = 128

/**
 * The gradient of `affine`: dW += dyᵀ·x, and db += Σ dy, over R rows; the twin of `affine` in affine.ts.
 *
 * The gradient lies as the weights do, in panels of eight columns [db (8)][k = 0 (8)][k = 1 (8)]…. A block of rows is
 * summed in registers, row after row, then added to memory: so the order, and with it every bit, is always the same,
 * and rounding errors grow with the square root of a block and not of all rows.
 * Shapes: x (R,K), xStride bytes a row; dy (R, 8·P), dyStride bytes a row; grad (P, 1+K, 8). Cost: 2·R·K·8·P flops.
 */
export function weightGradient(
  rows: i32, x: usize, xStride: usize, k: i32, dy: usize, dyStride: usize, panels: i32, grad: usize,
): void {
  const panelBytes = <usize>(k + 1) << 5
  const many = k & ~3
  for (let row = 0; row < rows; row += blockRows) {
    const count = min(blockRows, rows - row)
    let to = grad
    let from = dy
    for (let p = 0; p < panels; p++) {
      for (let i = 0; i < many; i += 4) {
        fourInputs(count, x + (<usize>i << 2), xStride, from, dyStride, to + (<usize>(i + 1) << 5))
      }
      to += panelBytes
      from += 32
    }
    oneInput(count, x, xStride, dy, dyStride, panels, grad, panelBytes, false)
    for (let i = many; i < k; i++) {
      oneInput(count, x + (<usize>i << 2), xStride, dy, dyStride, panels, grad + (<usize>(i + 1) << 5), panelBytes, true)
    }
    x += xStride * blockRows
    dy += dyStride * blockRows
  }
}

/** Four inputs by eight columns, over the rows of a block; two rows a round, with a way out between (see affine.ts). */
@inline
function fourInputs(rows: i32, x: usize, xStride: usize, dy: usize, dyStride: usize, grad: usize): void {
  let a0 = f32x4.splat(0)
  let b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0
  let da: v128, db: v128, v: v128
  while (rows > 0) {
    da = v128.load(dy)
    db = v128.load(dy, 16)
    v = v128.load32_splat(x)
    a0 = madd(v, da, a0)
    b0 = madd(v, db, b0)
    v = v128.load32_splat(x, 4)
    a1 = madd(v, da, a1)
    b1 = madd(v, db, b1)
    v = v128.load32_splat(x, 8)
    a2 = madd(v, da, a2)
    b2 = madd(v, db, b2)
    v = v128.load32_splat(x, 12)
    a3 = madd(v, da, a3)
    b3 = madd(v, db, b3)
    x += xStride
    dy += dyStride
    if (rows == 1) break
    da = v128.load(dy)
    db = v128.load(dy, 16)
    v = v128.load32_splat(x)
    a0 = madd(v, da, a0)
    b0 = madd(v, db, b0)
    v = v128.load32_splat(x, 4)
    a1 = madd(v, da, a1)
    b1 = madd(v, db, b1)
    v = v128.load32_splat(x, 8)
    a2 = madd(v, da, a2)
    b2 = madd(v, db, b2)
    v = v128.load32_splat(x, 12)
    a3 = madd(v, da, a3)
    b3 = madd(v, db, b3)
    x += xStride
    dy += dyStride
    rows -= 2
  }
  addPanelLine(grad, a0, b0)
  addPanelLine(grad + 32, a1, b1)
  addPanelLine(grad + 64, a2, b2)
  addPanelLine(grad + 96, a3, b3)
}

@inline
function addPanelLine(to: usize, a: v128, b: v128): void {
  v128.store(to, f32x4.add(v128.load(to), a))
  v128.store(to, f32x4.add(v128.load(to, 16), b), 16)
}

/** One input, or the bias, by all columns: four panels at a time, so that eight sums grow independently. */
function oneInput(
  rows: i32, x: usize, xStride: usize, dy: usize, dyStride: usize, panels: i32, grad: usize, panelBytes: usize, weighted: bool,
): void {
  let p = 0
  for (; p + 4 <= panels; p += 4) {
    fourPanels(rows, x, xStride, dy, dyStride, grad, panelBytes, weighted)
    grad += panelBytes << 2
    dy += 128
  }
  for (; p < panels; p++) {
    let a = f32x4.splat(0)
    let b = a
    let xAt = x
    let at = dy
    for (let row = 0; row < rows; row++) {
      const v = weighted ? v128.load32_splat(xAt) : f32x4.splat(1)
      a = madd(v, v128.load(at), a)
      b = madd(v, v128.load(at, 16), b)
      xAt += xStride
      at += dyStride
    }
    addPanelLine(grad, a, b)
    grad += panelBytes
    dy += 32
  }
}

@inline
function fourPanels(
  rows: i32, x: usize, xStride: usize, dy: usize, dyStride: usize, grad: usize, panelBytes: usize, weighted: bool,
): void {
  let a0 = f32x4.splat(0)
  let b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0
  const one = f32x4.splat(1)
  for (let row = 0; row < rows; row++) {
    const v = weighted ? v128.load32_splat(x) : one
    a0 = madd(v, v128.load(dy), a0)
    b0 = madd(v, v128.load(dy, 16), b0)
    a1 = madd(v, v128.load(dy, 32), a1)
    b1 = madd(v, v128.load(dy, 48), b1)
    a2 = madd(v, v128.load(dy, 64), a2)
    b2 = madd(v, v128.load(dy, 80), b2)
    a3 = madd(v, v128.load(dy, 96), a3)
    b3 = madd(v, v128.load(dy, 112), b3)
    x += xStride
    dy += dyStride
  }
  addPanelLine(grad, a0, b0)
  grad += panelBytes
  addPanelLine(grad, a1, b1)
  grad += panelBytes
  addPanelLine(grad, a2, b2)
  grad += panelBytes
  addPanelLine(grad, a3, b3)
}

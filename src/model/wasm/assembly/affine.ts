import { madd } from './vector'

/**
 * y = b + W·x for R rows: the one matrix product of the forward engine.
 *
 * Columns come in panels of eight, [bias (8)][k = 0 (8)][k = 1 (8)]…, so that a panel is read straight through while it
 * serves four rows; what remains of R is done a row at a time. Every lane starts with its bias and adds over k in
 * order, so a row's bits depend on nothing but itself.
 * Shapes: x (R,K), xStride bytes a row; panels (P, 1+K, 8); y (R, 8·P), yStride bytes a row. Cost: 2·R·K·8·P flops.
 */
export function affine(rows: i32, x: usize, xStride: usize, k: i32, panel: usize, panels: i32, y: usize, yStride: usize): void {
  const panelBytes = <usize>(k + 1) << 5
  for (let p = 0; p < panels; p++) {
    let row = 0
    let xAt = x
    let yAt = y
    for (; row + 4 <= rows; row += 4) {
      const a = v128.load(panel)
      const b = v128.load(panel, 16)
      fourRows(xAt, xStride, k, panel, yAt, yStride, a, b, a, b, a, b, a, b)
      xAt += xStride << 2
      yAt += yStride << 2
    }
    for (; row < rows; row++) {
      oneRow(xAt, k, panel, yAt, v128.load(panel), v128.load(panel, 16))
      xAt += xStride
      yAt += yStride
    }
    panel += panelBytes
    y += 32
  }
}

/** y += W·x: as `affine`, but each sum starts from y; the panels' bias is passed over. */
export function affineOnto(rows: i32, x: usize, xStride: usize, k: i32, panel: usize, panels: i32, y: usize, yStride: usize): void {
  const panelBytes = <usize>(k + 1) << 5
  for (let p = 0; p < panels; p++) {
    let row = 0
    let xAt = x
    let yAt = y
    for (; row + 4 <= rows; row += 4) {
      const y1 = yAt + yStride
      const y2 = y1 + yStride
      const y3 = y2 + yStride
      fourRows(
        xAt, xStride, k, panel, yAt, yStride,
        v128.load(yAt), v128.load(yAt, 16), v128.load(y1), v128.load(y1, 16),
        v128.load(y2), v128.load(y2, 16), v128.load(y3), v128.load(y3, 16),
      )
      xAt += xStride << 2
      yAt += yStride << 2
    }
    for (; row < rows; row++) {
      oneRow(xAt, k, panel, yAt, v128.load(yAt), v128.load(yAt, 16))
      xAt += xStride
      yAt += yStride
    }
    panel += panelBytes
    y += 32
  }
}

/**
 * Four rows by eight columns: eight sums, two weights and four inputs are all that x64's fifteen registers hold.
 *
 * One round of the loop is two values of k, with a way out between them. The way out parts the blocks: V8 moves every
 * load of a block to its beginning, and two values of k in one block would not fit into the registers.
 */
@inline
function fourRows(
  x: usize, xStride: usize, k: i32, panel: usize, y: usize, yStride: usize,
  a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128,
): void {
  let x1 = x + xStride
  let x2 = x1 + xStride
  let x3 = x2 + xStride
  let wa: v128, wb: v128, v: v128
  while (k > 0) {
    wa = v128.load(panel, 32)
    wb = v128.load(panel, 48)
    v = v128.load32_splat(x)
    a0 = madd(v, wa, a0)
    b0 = madd(v, wb, b0)
    v = v128.load32_splat(x1)
    a1 = madd(v, wa, a1)
    b1 = madd(v, wb, b1)
    v = v128.load32_splat(x2)
    a2 = madd(v, wa, a2)
    b2 = madd(v, wb, b2)
    v = v128.load32_splat(x3)
    a3 = madd(v, wa, a3)
    b3 = madd(v, wb, b3)
    if (k == 1) break
    wa = v128.load(panel, 64)
    wb = v128.load(panel, 80)
    v = v128.load32_splat(x, 4)
    a0 = madd(v, wa, a0)
    b0 = madd(v, wb, b0)
    v = v128.load32_splat(x1, 4)
    a1 = madd(v, wa, a1)
    b1 = madd(v, wb, b1)
    v = v128.load32_splat(x2, 4)
    a2 = madd(v, wa, a2)
    b2 = madd(v, wb, b2)
    v = v128.load32_splat(x3, 4)
    a3 = madd(v, wa, a3)
    b3 = madd(v, wb, b3)
    k -= 2
    panel += 64
    x += 8
    x1 += 8
    x2 += 8
    x3 += 8
  }
  v128.store(y, a0)
  v128.store(y, b0, 16)
  y += yStride
  v128.store(y, a1)
  v128.store(y, b1, 16)
  y += yStride
  v128.store(y, a2)
  v128.store(y, b2, 16)
  y += yStride
  v128.store(y, a3)
  v128.store(y, b3, 16)
}

/** One row by eight columns, in the same order over k. */
@inline
function oneRow(x: usize, k: i32, panel: usize, y: usize, a: v128, b: v128): void {
  const end = x + (<usize>k << 2)
  for (; x < end; x += 4) {
    panel += 32
    const v = v128.load32_splat(x)
    a = madd(v, v128.load(panel), a)
    b = madd(v, v128.load(panel, 16), b)
  }
  v128.store(y, a)
  v128.store(y, b, 16)
}

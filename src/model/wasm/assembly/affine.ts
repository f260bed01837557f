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
  product(rows, x, xStride, k, panel, panels, y, yStride, false)
}

/** y += W·x: as `affine`, but each sum starts from y; the panels' bias is passed over. */
export function affineOnto(rows: i32, x: usize, xStride: usize, k: i32, panel: usize, panels: i32, y: usize, yStride: usize): void {
  product(rows, x, xStride, k, panel, panels, y, yStride, true)
}

@inline
function product(
  rows: i32, x: usize, xStride: usize, k: i32, panel: usize, panels: i32, y: usize, yStride: usize, onto: bool,
): void {
  const panelBytes = <usize>(k + 1) << 5
  const together = rows & ~3
  let at = panel
  let column = y
  for (let p = 0; p < panels; p++) {
    let xAt = x
    let yAt = column
    for (let row = 0; row < together; row += 4) {
      fourRows(xAt, xStride, k, at, yAt, yStride, onto)
      xAt += xStride << 2
      yAt += yStride << 2
    }
    at += panelBytes
    column += 32
  }
  x += xStride * <usize>together
  y += yStride * <usize>together
  for (let row = together; row < rows; row++) {
    let left = panels
    at = panel
    column = y
    for (; left >= 3; left -= 3) {
      oneRow(x, k, at, panelBytes, column, onto, 3)
      at += panelBytes * 3
      column += 96
    }
    if (left == 2) oneRow(x, k, at, panelBytes, column, onto, 2)
    if (left == 1) oneRow(x, k, at, panelBytes, column, onto, 1)
    x += xStride
    y += yStride
  }
}

/**
 * Four rows by eight columns: eight sums, two weights and four inputs are all that x64's fifteen registers hold.
 *
 * One round of the loop is six values of k with ways out between them. The ways out part the blocks: V8 moves every
 * load of a block to its beginning, and two values of k in one block would not fit into the registers.
 */
@inline
function fourRows(
  x: usize, xStride: usize, k: i32, panel: usize, y: usize, yStride: usize, onto: bool,
): void {
  const y1 = y + yStride
  const y2 = y1 + yStride
  const y3 = y2 + yStride
  let a0 = v128.load(onto ? y : panel), b0 = v128.load(onto ? y : panel, 16)
  let a1 = onto ? v128.load(y1) : a0, b1 = onto ? v128.load(y1, 16) : b0
  let a2 = onto ? v128.load(y2) : a0, b2 = onto ? v128.load(y2, 16) : b0
  let a3 = onto ? v128.load(y3) : a0, b3 = onto ? v128.load(y3, 16) : b0
  let x1 = x + xStride
  let x2 = x1 + xStride
  let x3 = x2 + xStride
  let wa: v128, wb: v128, v: v128
  while (k > 0) {
    wa = v128.load(panel, 32); wb = v128.load(panel, 48)
    v = v128.load32_splat(x); a0 = madd(v, wa, a0); b0 = madd(v, wb, b0)
    v = v128.load32_splat(x1); a1 = madd(v, wa, a1); b1 = madd(v, wb, b1)
    v = v128.load32_splat(x2); a2 = madd(v, wa, a2); b2 = madd(v, wb, b2)
    v = v128.load32_splat(x3); a3 = madd(v, wa, a3); b3 = madd(v, wb, b3)
    if (k == 1) break
    wa = v128.load(panel, 64); wb = v128.load(panel, 80)
    v = v128.load32_splat(x, 4); a0 = madd(v, wa, a0); b0 = madd(v, wb, b0)
    v = v128.load32_splat(x1, 4); a1 = madd(v, wa, a1); b1 = madd(v, wb, b1)
    v = v128.load32_splat(x2, 4); a2 = madd(v, wa, a2); b2 = madd(v, wb, b2)
    v = v128.load32_splat(x3, 4); a3 = madd(v, wa, a3); b3 = madd(v, wb, b3)
    if (k == 2) break
    wa = v128.load(panel, 96); wb = v128.load(panel, 112)
    v = v128.load32_splat(x, 8); a0 = madd(v, wa, a0); b0 = madd(v, wb, b0)
    v = v128.load32_splat(x1, 8); a1 = madd(v, wa, a1); b1 = madd(v, wb, b1)
    v = v128.load32_splat(x2, 8); a2 = madd(v, wa, a2); b2 = madd(v, wb, b2)
    v = v128.load32_splat(x3, 8); a3 = madd(v, wa, a3); b3 = madd(v, wb, b3)
    if (k == 3) break
    wa = v128.load(panel, 128); wb = v128.load(panel, 144)
    v = v128.load32_splat(x, 12); a0 = madd(v, wa, a0); b0 = madd(v, wb, b0)
    v = v128.load32_splat(x1, 12); a1 = madd(v, wa, a1); b1 = madd(v, wb, b1)
    v = v128.load32_splat(x2, 12); a2 = madd(v, wa, a2); b2 = madd(v, wb, b2)
    v = v128.load32_splat(x3, 12); a3 = madd(v, wa, a3); b3 = madd(v, wb, b3)
    if (k == 4) break
    wa = v128.load(panel, 160); wb = v128.load(panel, 176)
    v = v128.load32_splat(x, 16); a0 = madd(v, wa, a0); b0 = madd(v, wb, b0)
    v = v128.load32_splat(x1, 16); a1 = madd(v, wa, a1); b1 = madd(v, wb, b1)
    v = v128.load32_splat(x2, 16); a2 = madd(v, wa, a2); b2 = madd(v, wb, b2)
    v = v128.load32_splat(x3, 16); a3 = madd(v, wa, a3); b3 = madd(v, wb, b3)
    if (k == 5) break
    wa = v128.load(panel, 192); wb = v128.load(panel, 208)
    v = v128.load32_splat(x, 20); a0 = madd(v, wa, a0); b0 = madd(v, wb, b0)
    v = v128.load32_splat(x1, 20); a1 = madd(v, wa, a1); b1 = madd(v, wb, b1)
    v = v128.load32_splat(x2, 20); a2 = madd(v, wa, a2); b2 = madd(v, wb, b2)
    v = v128.load32_splat(x3, 20); a3 = madd(v, wa, a3); b3 = madd(v, wb, b3)
    k -= 6
    panel += 192
    x += 24
    x1 += 24
    x2 += 24
    x3 += 24
  }
  v128.store(y, a0)
  v128.store(y, b0, 16)
  v128.store(y1, a1)
  v128.store(y1, b1, 16)
  v128.store(y2, a2)
  v128.store(y2, b2, 16)
  v128.store(y3, a3)
  v128.store(y3, b3, 16)
}

/**
 * One row by one, two or three panels, in the same order over k; `panels` is a constant where this is inlined.
 *
 * Three panels are six sums that do not wait for each other; four would be more than the registers hold.
 */
@inline
function oneRow(x: usize, k: i32, p0: usize, panelBytes: usize, y: usize, onto: bool, panels: i32): void {
  let p1 = p0 + panelBytes
  let p2 = p1 + panelBytes
  let a0 = v128.load(onto ? y : p0), b0 = v128.load(onto ? y + 16 : p0 + 16)
  let a1 = a0, b1 = b0, a2 = a0, b2 = b0
  if (panels > 1) {
    a1 = v128.load(onto ? y + 32 : p1)
    b1 = v128.load(onto ? y + 48 : p1 + 16)
  }
  if (panels > 2) {
    a2 = v128.load(onto ? y + 64 : p2)
    b2 = v128.load(onto ? y + 80 : p2 + 16)
  }
  const end = x + (<usize>k << 2)
  for (; x < end; x += 4) {
    const v = v128.load32_splat(x)
    p0 += 32
    a0 = madd(v, v128.load(p0), a0)
    b0 = madd(v, v128.load(p0, 16), b0)
    if (panels > 1) {
      p1 += 32
      a1 = madd(v, v128.load(p1), a1)
      b1 = madd(v, v128.load(p1, 16), b1)
    }
    if (panels > 2) {
      p2 += 32
      a2 = madd(v, v128.load(p2), a2)
      b2 = madd(v, v128.load(p2, 16), b2)
    }
  }
  v128.store(y, a0)
  v128.store(y, b0, 16)
  if (panels > 1) {
    v128.store(y, a1, 32)
    v128.store(y, b1, 48)
  }
  if (panels > 2) {
    v128.store(y, a2, 64)
    v128.store(y, b2, 80)
  }
}

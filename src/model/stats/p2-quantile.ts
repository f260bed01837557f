/** Numbers that one sketch takes in a column: count, five heights, five positions. */
export const p2Width = 11

/**
 * P² sketch: a running quantile of a stream in eleven numbers, without keeping the data.
 *
 * Works when the distribution is smooth around the quantile; fails (slowly) on a few discrete levels, where it lands
 * between two of them. Exact up to five values.
 * Shapes: `f` holds the sketch at `at`: count, heights q0…q4, positions n0…n4. All zero is the empty sketch.
 * Source: Jain and Chlamtac, The P² algorithm, CACM 28 (1985), box 1.
 */
export function p2Update(f: Float64Array, at: number, p: number, value: number): void {
  const count = f[at]!
  const q = at + 1
  const n = at + 6
  f[at] = count + 1
  if (count < 5) {
    insertSorted(f, q, count, value)
    f[n + count] = count
    return
  }
  const cell = findCell(f, q, value)
  for (let i = cell + 1; i < 5; i++) f[n + i] = f[n + i]! + 1
  adjust(f, q, n, 1, (count * p) / 2)
  adjust(f, q, n, 2, count * p)
  adjust(f, q, n, 3, (count * (1 + p)) / 2)
}

/** The quantile so far; NaN for an empty sketch. */
export function p2Value(f: Float64Array, at: number, p: number): number {
  const count = f[at]!
  if (count === 0) return Number.NaN
  if (count <= 5) return f[at + 1 + Math.min(count - 1, Math.max(0, Math.round(p * (count - 1))))]!
  return f[at + 3]!
}

/** Empties a sketch. */
export function p2Reset(f: Float64Array, at: number): void {
  f.fill(0, at, at + p2Width)
}

function insertSorted(f: Float64Array, q: number, count: number, value: number): void {
  let i = count
  while (i > 0 && f[q + i - 1]! > value) {
    f[q + i] = f[q + i - 1]!
    i--
  }
  f[q + i] = value
}

function findCell(f: Float64Array, q: number, value: number): number {
  if (value < f[q]!) {
    f[q] = value
    return 0
  }
  if (value >= f[q + 4]!) {
    f[q + 4] = value
    return 3
  }
  let cell = 0
  while (value >= f[q + cell + 1]!) cell++
  return cell
}

function adjust(f: Float64Array, q: number, n: number, i: number, desired: number): void {
  const here = f[n + i]!
  const gap = desired - here
  const up = f[n + i + 1]! - here
  const down = f[n + i - 1]! - here
  if (!((gap >= 1 && up > 1) || (gap <= -1 && down < -1))) return
  const d = gap > 0 ? 1 : -1
  const height = f[q + i]!
  const above = f[q + i + 1]!
  const below = f[q + i - 1]!
  const parabolic =
    height + (d / (up - down)) * (((d - down) * (above - height)) / up + ((up - d) * (height - below)) / -down)
  const linear = d > 0 ? height + (above - height) / up : height - (below - height) / down
  f[q + i] = parabolic > below && parabolic < above ? parabolic : linear
  f[n + i] = here + d
}

import { dot } from './dot.ts'

/**
 * Cholesky factor of a symmetric positive definite matrix, in place: the lower triangle becomes L with A = L·Lᵀ.
 *
 * Works when the matrix is well enough conditioned for doubles; answers false, with `a` half overwritten, where a pivot is
 * not positive. Shapes: a (n,n) row-major; the upper triangle is neither read nor written. Cost: n³/3 flops.
 */
export function factor(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      const sum = a[i * n + j]! - dot(a, i * n, a, j * n, j)
      if (i > j) a[i * n + j] = sum / a[j * n + j]!
      else if (sum > 0) a[j * n + j] = Math.sqrt(sum)
      else return false
    }
  }
  return true
}

/** Solves L·y = b in place. Shapes: l (n,n) as `factor` leaves it; b (n) from `from` on. */
export function solveLower(l: Float64Array, n: number, b: Float64Array, from = 0): void {
  for (let i = 0; i < n; i++) {
    b[from + i] = (b[from + i]! - dot(l, i * n, b, from, i)) / l[i * n + i]!
  }
}

/** Solves Lᵀ·x = y in place. Shapes: as `solveLower`. */
export function solveUpper(l: Float64Array, n: number, b: Float64Array, from = 0): void {
  // By rows of L, which lie side by side, although each is a column of Lᵀ.
  for (let i = n - 1; i >= 0; i--) {
    const x = b[from + i]! / l[i * n + i]!
    b[from + i] = x
    for (let k = 0; k < i; k++) b[from + k] = b[from + k]! - l[i * n + k]! * x
  }
}

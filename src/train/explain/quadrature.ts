import { assert } from '../../base/assert.ts'
import { cos } from '../../base/math.ts'

/** Points of [0, 1] and their weights, which sum to 1: ∫ f ≈ Σ weight·f(point). */
export interface Quadrature {
  readonly points: Float64Array
  readonly weights: Float64Array
}

/**
 * Gauss–Legendre quadrature on [0, 1]: exact for polynomials up to degree 2·count − 1.
 *
 * Source: the roots of the Legendre polynomial by Newton's method from cos(π(i + ¾)/(n + ½)), Abramowitz and Stegun 25.4.29.
 */
export function gaussLegendre(count: number): Quadrature {
  assert(Number.isInteger(count) && count > 0, `a quadrature has at least one point, not ${count}`)
  const points = new Float64Array(count)
  const weights = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    let root = cos((Math.PI * (i + 0.75)) / (count + 0.5))
    let slope = 0
    // Newton doubles the right digits each time; the first guess has at least two of them.
    for (let round = 0; round < 6; round++) {
      const legendre = legendreAt(count, root)
      slope = legendre.slope
      root -= legendre.value / slope
    }
    points[count - 1 - i] = (1 + root) / 2
    weights[count - 1 - i] = 1 / ((1 - root * root) * slope * slope)
  }
  return { points, weights }
}

/** The Legendre polynomial of a degree and its derivative by Bonnet's recurrence. */
function legendreAt(degree: number, x: number): { readonly value: number; readonly slope: number } {
  let before = 1
  let value = x
  for (let k = 2; k <= degree; k++) {
    const next = ((2 * k - 1) * x * value - (k - 1) * before) / k
    before = value
    value = next
  }
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) }
}

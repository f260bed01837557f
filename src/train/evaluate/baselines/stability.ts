/**
 * Whether 1 − a₁z − … − a_p z^p has all its roots outside the unit circle, with a margin.
 *
 * An AR part with these coefficients is stationary; an MA part with −a is invertible.
 * Source: the step-down recursion of Levinson and Durbin; all reflection coefficients lie within ±limit.
 */
export function isStable(coefficients: Float64Array, limit = 0.9999): boolean {
  let a = coefficients
  while (a.length > 0) {
    const order = a.length
    const k = a[order - 1]!
    if (!(Math.abs(k) < limit)) return false
    const rest = new Float64Array(order - 1)
    for (let i = 0; i < rest.length; i++) rest[i] = (a[i]! + k * a[order - 2 - i]!) / (1 - k * k)
    a = rest
  }
  return true
}

/** The coefficients a_i·s^i with the largest s ≤ 1, in steps of a thousandth, that is stable: all roots move outwards. */
export function stabilised(coefficients: Float64Array): Float64Array {
  let a = coefficients
  while (!isStable(a)) {
    let power = 1
    a = a.map((value) => {
      power *= 0.999
      return value * power
    })
  }
  return a
}

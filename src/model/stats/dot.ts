/**
 * Sum of products of two runs of numbers, in four sums that are added at the end: each product waits for one of four instead of for
 * the last. The order is fixed, so the same input gives the same bits.
 */
export function dot(a: Float64Array, aFrom: number, b: Float64Array, bFrom: number, count: number): number {
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  let k = 0
  for (; k + 3 < count; k += 4) {
    first += a[aFrom + k]! * b[bFrom + k]!
    second += a[aFrom + k + 1]! * b[bFrom + k + 1]!
    third += a[aFrom + k + 2]! * b[bFrom + k + 2]!
    fourth += a[aFrom + k + 3]! * b[bFrom + k + 3]!
  }
  for (; k < count; k++) first += a[aFrom + k]! * b[bFrom + k]!
  return first + second + (third + fourth)
}

import { madd, sum } from './vector'

/** Σ a·b over n floats: four lanes, then what is left in order. */
export function dot(a: usize, b: usize, n: i32): f32 {
  let lanes = f32x4.splat(0)
  let j = 0
  for (; j + 4 <= n; j += 4) {
    const at = <usize>j << 2
    lanes = madd(v128.load(a + at), v128.load(b + at), lanes)
  }
  let total = sum(lanes)
  for (; j < n; j++) {
    const at = <usize>j << 2
    total += load<f32>(a + at) * load<f32>(b + at)
  }
  return total
}

/** `dot` of four rows, `stride` bytes apart, with the same weights, and their bias added: in the same order, so the same bits. */
export function fourDots(x: usize, stride: usize, weights: usize, n: i32, bias: v128): v128 {
  const x1 = x + stride
  const x2 = x1 + stride
  const x3 = x2 + stride
  let a = f32x4.splat(0), b = a, c = a, d = a
  let at: usize = 0
  const whole = <usize>(n & ~3) << 2
  for (; at < whole; at += 16) {
    const w = v128.load(weights + at)
    a = madd(v128.load(x + at), w, a)
    b = madd(v128.load(x1 + at), w, b)
    c = madd(v128.load(x2 + at), w, c)
    d = madd(v128.load(x3 + at), w, d)
  }
  // Lanes are added as in `sum`: neighbours first.
  const ab = f32x4.add(f32x4.shuffle(a, b, 0, 2, 4, 6), f32x4.shuffle(a, b, 1, 3, 5, 7))
  const cd = f32x4.add(f32x4.shuffle(c, d, 0, 2, 4, 6), f32x4.shuffle(c, d, 1, 3, 5, 7))
  let total = f32x4.add(f32x4.shuffle(ab, cd, 0, 2, 4, 6), f32x4.shuffle(ab, cd, 1, 3, 5, 7))
  const end = <usize>n << 2
  for (; at < end; at += 4) {
    let rows = f32x4.splat(load<f32>(x + at))
    rows = f32x4.replace_lane(rows, 1, load<f32>(x1 + at))
    rows = f32x4.replace_lane(rows, 2, load<f32>(x2 + at))
    rows = f32x4.replace_lane(rows, 3, load<f32>(x3 + at))
    total = f32x4.add(total, f32x4.mul(rows, v128.load32_splat(weights + at)))
  }
  return f32x4.add(total, bias)
}

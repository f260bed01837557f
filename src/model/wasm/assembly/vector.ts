/**
 * Four float32 lanes at a time: the constants, 2^t, and the functions that are made of it.
 *
 * Constants are loaded from memory: V8 rebuilds a v128 literal with three instructions at every use.
 * `madd` is a multiplication and an addition, each rounded, so that every machine gives the same bits; the relaxed
 * build, which is not the default, lets the machine fuse them.
 */

/** Each constant in four lanes; the names below are offsets in bytes. */
const table = memory.data<f32>([
  63, 63, 63, 63,
  -63, -63, -63, -63,
  12582912, 12582912, 12582912, 12582912,
  1, 1, 1, 1,
  0.6931470036506653, 0.6931470036506653, 0.6931470036506653, 0.6931470036506653,
  0.24022242426872253, 0.24022242426872253, 0.24022242426872253, 0.24022242426872253,
  0.05550733581185341, 0.05550733581185341, 0.05550733581185341, 0.05550733581185341,
  0.009671512991189957, 0.009671512991189957, 0.009671512991189957, 0.009671512991189957,
  0.001326472614891827, 0.001326472614891827, 0.001326472614891827, 0.001326472614891827,
  -1.4426950216293335, -1.4426950216293335, -1.4426950216293335, -1.4426950216293335,
  -2.885390043258667, -2.885390043258667, -2.885390043258667, -2.885390043258667,
], 16)

/** Largest and smallest exponent: a product of two such powers stays below 2^127, and 1 + 2^−63 is 1. */
const upper: usize = 0
const lower: usize = 16
/** 1.5·2^23: adding it rounds to a whole number, which is left in the low bits. */
const rounder: usize = 32
const unit: usize = 48
const c1: usize = 64
const c2: usize = 80
const c3: usize = 96
const c4: usize = 112
const c5: usize = 128
const minusLog2e: usize = 144
const minusTwoLog2e: usize = 160

/** 1 in every lane. */
@inline
export function one(): v128 {
  return v128.load(table, unit)
}

/** a·b + c, rounded twice; fused in the relaxed build. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/**
 * 2^t, with t held within ±63; NaN stays NaN (`pmin` and `pmax` return their first operand where one is NaN).
 *
 * t = n + f with |f| ≤ ½. 2^f is a polynomial of degree 5 that is exactly 1 at 0, in Estrin's form, which is half as
 * deep as Horner's; n is added to the exponent bits. Relative error: 2.2e-7 (9e-8 of it the polynomial's).
 */
@inline
export function exp2(t: v128): v128 {
  const held = f32x4.pmax(f32x4.pmin(t, v128.load(table, upper)), v128.load(table, lower))
  const rounded = f32x4.add(held, v128.load(table, rounder))
  const f = f32x4.sub(held, f32x4.sub(rounded, v128.load(table, rounder)))
  const ff = f32x4.mul(f, f)
  const low = madd(v128.load(table, c1), f, v128.load(table, unit))
  const middle = madd(v128.load(table, c3), f, v128.load(table, c2))
  const high = madd(v128.load(table, c5), f, v128.load(table, c4))
  return i32x4.add(madd(madd(high, ff, middle), ff, low), i32x4.shl(rounded, 23))
}

/** e^−x: what a sigmoid divides by, less one. */
@inline
export function expMinus(x: v128): v128 {
  return exp2(f32x4.mul(x, v128.load(table, minusLog2e)))
}

/** e^−2x: tanh x = (1 − e^−2x) / (1 + e^−2x). */
@inline
export function expMinusTwo(x: v128): v128 {
  return exp2(f32x4.mul(x, v128.load(table, minusTwoLog2e)))
}

/** 1 / (1 + e): a sigmoid, from e = e^−x. */
@inline
export function sigmoidOf(e: v128): v128 {
  return f32x4.div(one(), f32x4.add(one(), e))
}

/** (1 − e) / (1 + e): tanh, from e = e^−2x. */
@inline
export function tanhOf(e: v128): v128 {
  return f32x4.div(f32x4.sub(one(), e), f32x4.add(one(), e))
}

/** The four lanes added as (0 + 1) + (2 + 3). */
@inline
export function sum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
}

import { expMinus, expMinusTwo, madd, one, sigmoidOf, sum, tanhOf } from './vector'

/** Codes of the elementwise functions; `dense-nodes.ts` has the same list. */
const enum Function {
  relu, tanh, sigmoid, gelu, geluTanh, silu, elu, leakyRelu, softplus, hardSigmoid, hardSigmoidKeras2, hardTanh, mish,
  selu, logSigmoid, softsign, exp,
}

/** f of `wide` bytes of each row, from `from` to `to`, held within ± `limit`; both may be the same. NaN stays NaN. */
export function activate(
  rows: i32, row: usize, stride: usize, code: i32, from: usize, to: usize, wide: usize, limit: f32,
): void {
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < wide; j += 16) {
      v128.store(row + to + j, held(apply(code, v128.load(row + from + j)), -limit, limit))
    }
    row += stride
  }
}

function apply(code: i32, x: v128): v128 {
  switch (code) {
    case Function.relu: return f32x4.pmax(x, f32x4.splat(0))
    case Function.tanh: return tanhOf(expMinusTwo(x))
    case Function.sigmoid: return sigmoidOf(expMinus(x))
    case Function.gelu: return gelu(x)
    case Function.geluTanh: return geluTanh(x)
    case Function.silu: return times(x, sigmoidOf(expMinus(x)))
    case Function.elu: return below(x, f32x4.splat(1), f32x4.splat(1))
    case Function.leakyRelu: return choose(x, x, f32x4.mul(x, f32x4.splat(0.01)))
    case Function.softplus: return softplus(x)
    case Function.hardSigmoid: return held(f32x4.div(f32x4.add(x, f32x4.splat(3)), f32x4.splat(6)), 0, 1)
    case Function.hardSigmoidKeras2: return held(f32x4.add(f32x4.mul(x, f32x4.splat(0.2)), f32x4.splat(0.5)), 0, 1)
    case Function.hardTanh: return held(x, -1, 1)
    case Function.mish: return f32x4.mul(x, tanhOf(expMinusTwo(softplus(x))))
    case Function.selu: return below(x, f32x4.splat(1.7580993408473766), f32x4.splat(1.0507009873554805))
    case Function.logSigmoid: return f32x4.neg(softplus(f32x4.neg(x)))
    case Function.softsign: return f32x4.div(x, f32x4.add(one(), f32x4.abs(x)))
    case Function.exp: return wideExp(x)
    default: return x
  }
}

/** a where x > 0 or x is NaN, else b. */
@inline
function choose(x: v128, a: v128, b: v128): v128 {
  return v128.bitselect(b, a, f32x4.le(x, f32x4.splat(0)))
}

/** slope·x above 0, scale·(e^x − 1) below. */
@inline
function below(x: v128, scale: v128, slope: v128): v128 {
  const e = expMinus(f32x4.neg(x))
  return choose(x, f32x4.mul(slope, x), f32x4.mul(scale, f32x4.sub(e, one())))
}

@inline
function held(x: v128, low: f32, high: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(low)), f32x4.splat(high))
}

/**
 * e^x over the whole range of float32, infinity above it and 0 below.
 *
 * x = n·ln 2 + r with ln 2 in two parts (Cody and Waite); 2^n comes in two factors, as it may lie outside the range.
 */
function wideExp(x: v128): v128 {
  const n = held(f32x4.nearest(f32x4.mul(x, f32x4.splat(1.4426950408889634))), -160, 160)
  const nearly = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  const r = f32x4.sub(nearly, f32x4.mul(n, f32x4.splat(-0.00021219444)))
  const whole = i32x4.trunc_sat_f32x4_s(n)
  const half = i32x4.shr_s(whole, 1)
  const power = f32x4.mul(expMinus(f32x4.neg(r)), powerOfTwo(half))
  return f32x4.mul(power, powerOfTwo(i32x4.sub(whole, half)))
}

@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23)
}

/** x·s for a sigmoid s, which is 0 where x is so low that `exp2` was held: −3e38 times its last value would be huge. */
@inline
function times(x: v128, s: v128): v128 {
  return f32x4.mul(x, v128.and(s, v128.not(f32x4.lt(x, f32x4.splat(-40)))))
}

/** max(x, 0) + log(1 + e^−|x|); the logarithm is 2·atanh(s), s = u/(2+u), as a polynomial in s² (error 1e-9). */
function softplus(x: v128): v128 {
  const u = expMinus(f32x4.abs(x))
  const s = f32x4.div(u, f32x4.add(f32x4.splat(2), u))
  const ss = f32x4.mul(s, s)
  let p = madd(f32x4.splat(0.1215057224035263), ss, f32x4.splat(0.10713804513216019))
  p = madd(p, ss, f32x4.splat(0.14308443665504456))
  p = madd(p, ss, f32x4.splat(0.19999438524246216))
  p = madd(p, ss, f32x4.splat(0.3333333730697632))
  p = madd(p, ss, one())
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.mul(f32x4.add(s, s), p))
}

/** x·Φ(x). Source: Abramowitz and Stegun 7.1.26 for erf, absolute error 1.5e-7. */
function gelu(x: v128): v128 {
  const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.7071067811865476))
  const t = f32x4.div(one(), madd(f32x4.splat(0.3275911), z, one()))
  let p = madd(f32x4.splat(1.061405429), t, f32x4.splat(-1.453152027))
  p = madd(p, t, f32x4.splat(1.421413741))
  p = madd(p, t, f32x4.splat(-0.284496736))
  p = f32x4.mul(madd(p, t, f32x4.splat(0.254829592)), t)
  const tail = f32x4.mul(f32x4.mul(p, f32x4.splat(0.5)), expMinus(f32x4.mul(z, z)))
  return f32x4.mul(x, choose(x, f32x4.sub(one(), tail), tail))
}

function geluTanh(x: v128): v128 {
  const cubed = f32x4.mul(f32x4.mul(f32x4.mul(x, x), x), f32x4.splat(0.044715))
  const inner = f32x4.mul(f32x4.add(x, cubed), f32x4.splat(0.7978845608028654))
  return times(x, sigmoidOf(expMinusTwo(inner)))
}

/** Softmax over n features of each row, less their maximum, so that nothing overflows. */
export function softmax(rows: i32, row: usize, stride: usize, from: usize, to: usize, n: i32): void {
  for (let r = 0; r < rows; r++) {
    softmaxOf(row + from, row + to, n)
    row += stride
  }
}

/** Softmax of n float32 in a row; used by attention too. Sums in order. */
export function softmaxOf(from: usize, to: usize, n: i32): void {
  const bytes = <usize>n << 2
  let most = load<f32>(from)
  for (let j: usize = 4; j < bytes; j += 4) {
    const value = load<f32>(from + j)
    // A NaN is taken, too, so that it shows in the result.
    if (!(value <= most)) most = value
  }
  let total: f32 = 0
  for (let j: usize = 0; j < bytes; j += 4) {
    const e = f32x4.extract_lane(expMinus(f32x4.splat(most - load<f32>(from + j))), 0)
    store<f32>(to + j, e)
    total += e
  }
  for (let j: usize = 0; j < bytes; j += 4) store<f32>(to + j, load<f32>(to + j) / total)
}

/** (x − mean) / √(variance + eps) · weight + bias over n features; the variance is the biased one. */
export function layerNorm(
  rows: i32, row: usize, stride: usize, from: usize, to: usize, n: i32, weight: usize, bias: usize, eps: f32,
): void {
  const bytes = <usize>n << 2
  for (let r = 0; r < rows; r++) {
    const x = row + from
    const mean = sumOver(x, n, 0, false) / <f32>n
    const scale = <f32>1 / sqrt<f32>(sumOver(x, n, mean, true) / <f32>n + eps)
    for (let j: usize = 0; j < bytes; j += 4) {
      store<f32>(row + to + j, (load<f32>(x + j) - mean) * scale * load<f32>(weight + j) + load<f32>(bias + j))
    }
    row += stride
  }
}

/** Σ x, or Σ (x − center)²: four lanes, then what is left in order. */
function sumOver(x: usize, n: i32, center: f32, squared: bool): f32 {
  const middle = f32x4.splat(center)
  let lanes = f32x4.splat(0)
  let j = 0
  for (; j + 4 <= n; j += 4) {
    const d = f32x4.sub(v128.load(x + (<usize>j << 2)), middle)
    lanes = f32x4.add(lanes, squared ? f32x4.mul(d, d) : d)
  }
  let total = sum(lanes)
  for (; j < n; j++) {
    const d = load<f32>(x + (<usize>j << 2)) - center
    total += squared ? d * d : d
  }
  return total
}

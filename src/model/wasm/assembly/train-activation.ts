import { expMinus, expMinusTwo, madd, one, sigmoidOf } from './vector'

/** Codes of the elementwise functions, as in activation.ts. */
const enum Function {
  relu, tanh, sigmoid, gelu, geluTanh, silu, elu, leakyRelu, softplus, hardSigmoid, hardSigmoidKeras2, hardTanh, mish,
  selu, logSigmoid, softsign, exp,
}

/** Back through an elementwise function: dx += dy·f′(x), with y = f(x), over `bytes`. */
export function activateBack(bytes: usize, code: i32, x: usize, y: usize, dy: usize, dx: usize): void {
  for (let j: usize = 0; j < bytes; j += 16) {
    const slope = slopeOf(code, v128.load(x + j), v128.load(y + j))
    v128.store(dx + j, madd(slope, v128.load(dy + j), v128.load(dx + j)))
  }
}

/** f′(x); at a kink it is what PyTorch takes: 0 for relu and where a clipped function meets its limit. */
function slopeOf(code: i32, x: v128, y: v128): v128 {
  switch (code) {
    case Function.relu: return where(f32x4.gt(x, f32x4.splat(0)), one(), x)
    case Function.tanh: return f32x4.sub(one(), f32x4.mul(y, y))
    case Function.sigmoid: return f32x4.mul(y, f32x4.sub(one(), y))
    case Function.gelu: return geluSlope(x)
    case Function.geluTanh: return geluTanhSlope(x)
    case Function.silu: return siluSlope(x, y)
    case Function.elu: return belowSlope(x, y, 1, 1)
    case Function.leakyRelu: return v128.bitselect(one(), f32x4.splat(0.01), f32x4.gt(x, f32x4.splat(0)))
    case Function.softplus: return sigmoidOf(expMinus(x))
    case Function.hardSigmoid: return within(x, 3, <f32>(1.0 / 6.0))
    case Function.hardSigmoidKeras2: return within(x, 2.5, 0.2)
    case Function.hardTanh: return within(x, 1, 1)
    case Function.mish: return mishSlope(x)
    case Function.selu: return belowSlope(x, y, 1.7580993408473766, 1.0507009873554805)
    case Function.logSigmoid: return sigmoidOf(expMinus(f32x4.neg(x)))
    case Function.softsign: {
      const below = f32x4.add(one(), f32x4.abs(x))
      return f32x4.div(one(), f32x4.mul(below, below))
    }
    case Function.exp: return y
    default: return one()
  }
}

/** `value` where the mask is set, NaN where x is, else 0. */
@inline
function where(mask: v128, value: v128, x: v128): v128 {
  return v128.bitselect(value, v128.and(x, f32x4.ne(x, x)), mask)
}

/** `slope` inside ±limit, 0 at it and beyond. */
@inline
function within(x: v128, limit: f32, slope: f32): v128 {
  return where(f32x4.lt(f32x4.abs(x), f32x4.splat(limit)), f32x4.splat(slope), x)
}

/** `slope` above 0; below, y = scale·(e^x − 1), whose slope is y + scale. */
@inline
function belowSlope(x: v128, y: v128, scale: f32, slope: f32): v128 {
  return v128.bitselect(f32x4.splat(slope), f32x4.add(y, f32x4.splat(scale)), f32x4.gt(x, f32x4.splat(0)))
}

/** s + y·(1 − s), s = σ(x). */
@inline
function siluSlope(x: v128, y: v128): v128 {
  const s = sigmoidOf(expMinus(x))
  return madd(y, f32x4.sub(one(), s), s)
}

/** Φ(x) + x·φ(x). Source of Φ: Abramowitz and Stegun 7.1.26, as in activation.ts. */
function geluSlope(x: v128): v128 {
  const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.7071067811865476))
  const t = f32x4.div(one(), madd(f32x4.splat(0.3275911), z, one()))
  let p = madd(f32x4.splat(1.061405429), t, f32x4.splat(-1.453152027))
  p = madd(p, t, f32x4.splat(1.421413741))
  p = madd(p, t, f32x4.splat(-0.284496736))
  p = f32x4.mul(madd(p, t, f32x4.splat(0.254829592)), t)
  const bell = expMinus(f32x4.mul(z, z))
  const tail = f32x4.mul(f32x4.mul(p, f32x4.splat(0.5)), bell)
  const area = v128.bitselect(f32x4.sub(one(), tail), tail, f32x4.gt(x, f32x4.splat(0)))
  return madd(f32x4.mul(x, f32x4.splat(0.3989422804014327)), bell, area)
}

/** With y = x·s, s = σ(2u), u = c·(x + 0.044715·x³): s + 2·x·s·(1 − s)·c·(1 + 3·0.044715·x²). */
function geluTanhSlope(x: v128): v128 {
  const c = f32x4.splat(0.7978845608028654)
  const square = f32x4.mul(x, x)
  const cubed = f32x4.mul(f32x4.mul(square, x), f32x4.splat(0.044715))
  const s = sigmoidOf(expMinusTwo(f32x4.mul(f32x4.add(x, cubed), c)))
  const inner = f32x4.mul(c, madd(square, f32x4.splat(0.134145), one()))
  const bend = f32x4.mul(f32x4.mul(s, f32x4.sub(one(), s)), inner)
  return madd(f32x4.mul(f32x4.add(x, x), bend), one(), s)
}

/**
 * t + x·σ(x)·(1 − t²), t = tanh(softplus(x)).
 *
 * With e = e^−|x|: 1 + e^x is (1 + e)/e or 1 + e, so that t = (w² − 1)/(w² + 1), w = 1 + e^x, needs no logarithm; below 0
 * w² − 1 = e·(2 + e), and above it both are divided by e^2x: 1 + 2e over 1 + 2e + 2e².
 */
function mishSlope(x: v128): v128 {
  const e = expMinus(f32x4.abs(x))
  const twice = f32x4.add(e, e)
  const isAbove = f32x4.gt(x, f32x4.splat(0))
  const low = f32x4.mul(e, f32x4.add(f32x4.splat(2), e))
  const high = f32x4.add(one(), twice)
  const above = v128.bitselect(high, low, isAbove)
  const rest = v128.bitselect(f32x4.mul(twice, e), f32x4.splat(2), isAbove)
  const t = f32x4.div(above, f32x4.add(above, rest))
  return madd(f32x4.mul(x, sigmoidOf(expMinus(x))), f32x4.sub(one(), f32x4.mul(t, t)), t)
}

/** Back through a softmax over n features of each row: dx += y·(dy − Σ dy·y). */
export function softmaxBack(rows: i32, n: i32, stride: usize, y: usize, dy: usize, dx: usize): void {
  const bytes = <usize>n << 2
  for (let row = 0; row < rows; row++) {
    let mean: f32 = 0
    for (let j: usize = 0; j < bytes; j += 4) mean += load<f32>(dy + j) * load<f32>(y + j)
    for (let j: usize = 0; j < bytes; j += 4) {
      store<f32>(dx + j, load<f32>(dx + j) + load<f32>(y + j) * (load<f32>(dy + j) - mean))
    }
    y += stride
    dy += stride
    dx += stride
  }
}

/** A Gaussian head whose softplus is in y already: the first n of each row are x's, the second get `floor` added. */
export function gaussianTape(rows: i32, n: i32, stride: usize, x: usize, y: usize, floor: f32): void {
  const half = <usize>n << 2
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < half; j += 4) store<f32>(y + j, load<f32>(x + j))
    for (let j = half; j < 2 * half; j += 4) store<f32>(y + j, load<f32>(y + j) + floor)
    x += stride
    y += stride
  }
}

/** Back through a Gaussian head's deviations, softplus(x) + floor in the second n of each row; the means pass through. */
export function gaussianBack(rows: i32, n: i32, stride: usize, x: usize, dy: usize, dx: usize): void {
  const half = <usize>n << 2
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < half; j += 4) store<f32>(dx + j, load<f32>(dx + j) + load<f32>(dy + j))
    for (let j = half; j < 2 * half; j += 4) {
      const slope = f32x4.extract_lane(sigmoidOf(expMinus(f32x4.splat(load<f32>(x + j)))), 0)
      store<f32>(dx + j, load<f32>(dx + j) + load<f32>(dy + j) * slope)
    }
    x += stride
    dy += stride
    dx += stride
  }
}

import { exp2, expMinusTwo, madd, one, sigmoidOf, tanhOf } from './vector'

/*
 * The gates of every cell, on R rows of a tile.
 *
 * `pre` holds a cell's sums, one run of `wide` bytes a gate (H rounded up to four lanes). The weights were scaled when
 * they were packed, by −log2 e for a sigmoid and −2·log2 e for a tanh, so that 2^pre is the e^−a or e^−2a it needs.
 * Passes are short on purpose: a long chain of operations would leave most of the machine's window waiting.
 */

/** GRU, reset after the product: r's sums become those of n, r·(W_hn h + b_hn) + (W_in x + b_in); gates r, z, hn, xn. */
export function resetAfter(rows: i32, row: usize, stride: usize, preAt: usize, wide: usize): void {
  for (let r = 0; r < rows; r++) {
    let at = row + preAt
    const end = at + wide
    for (; at + 16 < end; at += 32) {
      const first = sigmoidOf(exp2(v128.load(at)))
      const second = sigmoidOf(exp2(v128.load(at, 16)))
      v128.store(at, madd(first, v128.load(at + 2 * wide), v128.load(at + 3 * wide)))
      v128.store(at, madd(second, v128.load(at + 2 * wide, 16), v128.load(at + 3 * wide, 16)), 16)
    }
    if (at < end) {
      const last = sigmoidOf(exp2(v128.load(at)))
      v128.store(at, madd(last, v128.load(at + 2 * wide), v128.load(at + 3 * wide)))
    }
    row += stride
  }
}

/** GRU, reset before the product: r's sums become r·h, which W_hn is multiplied with next. */
export function resetBefore(rows: i32, row: usize, stride: usize, preAt: usize, hAt: usize, wide: usize): void {
  for (let r = 0; r < rows; r++) {
    let at = row + preAt
    let h = row + hAt
    const end = at + wide
    for (; at < end; at += 16) {
      v128.store(at, f32x4.mul(sigmoidOf(exp2(v128.load(at))), v128.load(h)))
      h += 16
    }
    row += stride
  }
}

/**
 * GRU: h' = (1−z)·n + z·h, h in and out.
 *
 * With ez = e^−az and en = e^−2an: z = 1/(1+ez), n = (1−en)/(1+en), so one division serves both:
 * h' = (h·(1+en) + ez·(1−en)) / ((1+ez)·(1+en)).
 */
export function update(rows: i32, row: usize, stride: usize, zAt: usize, nAt: usize, hAt: usize, wide: usize): void {
  for (let r = 0; r < rows; r++) {
    let z = row + zAt
    let n = row + nAt
    let h = row + hAt
    const end = h + wide
    for (; h + 16 < end; h += 32) {
      const first = mixed(exp2(v128.load(z)), exp2(v128.load(n)), v128.load(h))
      const second = mixed(exp2(v128.load(z, 16)), exp2(v128.load(n, 16)), v128.load(h, 16))
      v128.store(h, first)
      v128.store(h, second, 16)
      z += 32
      n += 32
    }
    if (h < end) v128.store(h, mixed(exp2(v128.load(z)), exp2(v128.load(n)), v128.load(h)))
    row += stride
  }
}

@inline
function mixed(ez: v128, en: v128, h: v128): v128 {
  const below = f32x4.add(one(), en)
  const above = madd(h, below, f32x4.mul(ez, f32x4.sub(one(), en)))
  return f32x4.div(above, f32x4.mul(f32x4.add(one(), ez), below))
}

/** LSTM: c' = σ(f)·c + σ(i)·tanh(g), value = σ(o)·tanh(c'); gates i, f, g, o; c in and out, the value goes to `toAt`. */
export function lstm(rows: i32, row: usize, stride: usize, preAt: usize, cAt: usize, toAt: usize, wide: usize): void {
  for (let r = 0; r < rows; r++) {
    let pre = row + preAt
    let c = row + cAt
    const end = c + wide
    for (; c < end; c += 16) {
      const ei = exp2(v128.load(pre))
      const eg = exp2(v128.load(pre + 2 * wide))
      const kept = f32x4.mul(sigmoidOf(exp2(v128.load(pre + wide))), v128.load(c))
      const added = f32x4.div(f32x4.sub(one(), eg), f32x4.mul(f32x4.add(one(), ei), f32x4.add(one(), eg)))
      v128.store(c, f32x4.add(kept, added))
      pre += 16
    }
    c = row + cAt
    let o = row + preAt + 3 * wide
    let to = row + toAt
    for (; c < end; c += 16) {
      const ec = expMinusTwo(v128.load(c))
      const eo = exp2(v128.load(o))
      v128.store(to, f32x4.div(f32x4.sub(one(), ec), f32x4.mul(f32x4.add(one(), eo), f32x4.add(one(), ec))))
      o += 16
      to += 16
    }
    row += stride
  }
}

/** Simple RNN: h' = tanh(pre). */
export function rnnTanh(rows: i32, row: usize, stride: usize, preAt: usize, hAt: usize, wide: usize): void {
  for (let r = 0; r < rows; r++) {
    const pre = row + preAt
    const h = row + hAt
    for (let j: usize = 0; j < wide; j += 16) v128.store(h + j, tanhOf(exp2(v128.load(pre + j))))
    row += stride
  }
}

/** Simple RNN: h' = max(0, pre), held at `limit`, which is infinite for windows; NaN stays NaN. */
export function rnnRelu(rows: i32, row: usize, stride: usize, preAt: usize, hAt: usize, wide: usize, limit: f32): void {
  const zero = f32x4.splat(0)
  const most = f32x4.splat(limit)
  for (let r = 0; r < rows; r++) {
    const pre = row + preAt
    const h = row + hAt
    for (let j: usize = 0; j < wide; j += 16) {
      v128.store(h + j, f32x4.pmin(f32x4.pmax(v128.load(pre + j), zero), most))
    }
    row += stride
  }
}

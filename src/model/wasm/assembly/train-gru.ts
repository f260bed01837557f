import { expMinus, expMinusTwo, madd, one, sigmoidOf, tanhOf } from './vector'

/*
 * The gates of a GRU on the R rows of one tick, with a tape, and their way back.
 *
 * A tape row has four runs of `wide` bytes (H rounded up to eight floats): n, r, z and, reset after the product,
 * W_hn h + b_hn, reset before it, r·h. Before the gates, the first three hold their sums. The gradient of the sums has
 * the same runs in the same order, so the three that x takes part in lie together, and the three that h does, too.
 * h rows are `wide` apart. Padding stays zero: σ(0)·0 + … = 0.
 */

/** z and n of their sums, by one division: 1/((1+e^−az)·(1+e^−2an)); writes z, n and h' = (1−z)·n + z·h. */
@inline
function mix(z: usize, n: usize, h: usize, to: usize): void {
  const ez = f32x4.add(one(), expMinus(v128.load(z)))
  const en = expMinusTwo(v128.load(n))
  const below = f32x4.add(one(), en)
  const share = f32x4.div(one(), f32x4.mul(ez, below))
  const zValue = f32x4.mul(share, below)
  const nValue = f32x4.mul(share, f32x4.mul(ez, f32x4.sub(one(), en)))
  v128.store(z, zValue)
  v128.store(n, nValue)
  v128.store(to, madd(zValue, f32x4.sub(v128.load(h), nValue), nValue))
}

/** Reset after the product: r = σ, n = tanh(sum + r·hn), z = σ, h' to `to`. */
export function gruAfter(rows: i32, tape: usize, wide: usize, h: usize, to: usize): void {
  for (let row = 0; row < rows; row++) {
    let at = tape
    const end = tape + wide
    for (; at < end; at += 32) {
      const r = at + wide
      const hn = at + 3 * wide
      const first = sigmoidOf(expMinus(v128.load(r)))
      const second = sigmoidOf(expMinus(v128.load(r, 16)))
      v128.store(r, first)
      v128.store(r, second, 16)
      v128.store(at, madd(first, v128.load(hn), v128.load(at)))
      v128.store(at, madd(second, v128.load(hn, 16), v128.load(at, 16)), 16)
    }
    mixRow(tape, wide, h, to)
    tape += wide << 2
    h += wide
    to += wide
  }
}

@inline
function mixRow(tape: usize, wide: usize, h: usize, to: usize): void {
  const end = tape + wide
  for (; tape < end; tape += 16) {
    mix(tape + 2 * wide, tape, h, to)
    h += 16
    to += 16
  }
}

/** Reset before the product, first part: r = σ, and r·h, which W_hn is multiplied with next. */
export function gruReset(rows: i32, tape: usize, wide: usize, h: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < wide; j += 16) {
      const r = sigmoidOf(expMinus(v128.load(tape + wide + j)))
      v128.store(tape + wide + j, r)
      v128.store(tape + 3 * wide + j, f32x4.mul(r, v128.load(h + j)))
    }
    tape += wide << 2
    h += wide
  }
}

/** Reset before the product, second part: n = tanh, z = σ, h' to `to`. */
export function gruMix(rows: i32, tape: usize, wide: usize, h: usize, to: usize): void {
  for (let row = 0; row < rows; row++) {
    mixRow(tape, wide, h, to)
    tape += wide << 2
    h += wide
    to += wide
  }
}

/**
 * Back through `gruAfter`: dh (R,H) of h' gives `sums`, the gradient of n's sum, r's, z's and hn; dBefore += z·dh.
 *
 * da_n = dh·(1−z)·(1−n²), da_r = da_n·hn·r·(1−r), da_z = dh·(h−n)·z·(1−z), dhn = da_n·r.
 */
export function gruAfterBack(
  rows: i32, tape: usize, wide: usize, h: usize, dh: usize, dBefore: usize, sums: usize,
): void {
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < wide; j += 16) {
      const at = tape + j
      const to = sums + j
      const r = v128.load(at + wide)
      const dn = mixBack(at, wide, h + j, dh + j, dBefore + j, to)
      v128.store(to + 3 * wide, f32x4.mul(dn, r))
      const slope = f32x4.mul(r, f32x4.sub(one(), r))
      v128.store(to + wide, f32x4.mul(f32x4.mul(dn, v128.load(at + 3 * wide)), slope))
    }
    tape += wide << 2
    sums += wide << 2
    h += wide
    dh += wide
    dBefore += wide
  }
}

/** Writes the gradient of the sums of n and z, adds z·dh to that of h; gives that of n's sum. */
@inline
function mixBack(at: usize, wide: usize, h: usize, dh: usize, dBefore: usize, to: usize): v128 {
  const n = v128.load(at)
  const z = v128.load(at + 2 * wide)
  const d = v128.load(dh)
  const rest = f32x4.sub(one(), z)
  const dn = f32x4.mul(f32x4.mul(d, rest), f32x4.sub(one(), f32x4.mul(n, n)))
  v128.store(to, dn)
  v128.store(to + 2 * wide, f32x4.mul(f32x4.mul(d, f32x4.sub(v128.load(h), n)), f32x4.mul(z, rest)))
  v128.store(dBefore, madd(z, d, v128.load(dBefore)))
  return dn
}

/** Back through `gruMix`: the gradient of the sums of n and z; dBefore += z·dh. */
export function gruMixBack(
  rows: i32, tape: usize, wide: usize, h: usize, dh: usize, dBefore: usize, sums: usize,
): void {
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < wide; j += 16) mixBack(tape + j, wide, h + j, dh + j, dBefore + j, sums + j)
    tape += wide << 2
    sums += wide << 2
    h += wide
    dh += wide
    dBefore += wide
  }
}

/** Back through `gruReset`: the fourth run of `sums`, the gradient of r·h, gives da_r; dBefore += r·d(r·h). */
export function gruResetBack(rows: i32, tape: usize, wide: usize, h: usize, dBefore: usize, sums: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < wide; j += 16) {
      const r = v128.load(tape + wide + j)
      const d = v128.load(sums + 3 * wide + j)
      const slope = f32x4.mul(r, f32x4.sub(one(), r))
      v128.store(sums + wide + j, f32x4.mul(f32x4.mul(d, v128.load(h + j)), slope))
      v128.store(dBefore + j, madd(r, d, v128.load(dBefore + j)))
    }
    tape += wide << 2
    sums += wide << 2
    h += wide
    dBefore += wide
  }
}

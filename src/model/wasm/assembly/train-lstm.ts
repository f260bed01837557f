import { expMinus, expMinusTwo, madd, one, sigmoidOf, tanhOf } from './vector'

/*
 * The gates of LSTM and simple RNN on the R rows of one tick, with a tape, and their way back.
 *
 * A tape row of an LSTM has five runs of `wide` bytes (H rounded up to eight floats): i, f, g, o and tanh c'; before the
 * gates, the first four hold their sums. The gradient of the sums has the first four. c and the value are `wide` apart.
 */

/** c' = σ(f)·c + σ(i)·tanh(g), value = σ(o)·tanh(c'); the value goes to `to`, which may be wider apart than H. */
export function lstm(rows: i32, tape: usize, wide: usize, c: usize, cTo: usize, to: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < wide; j += 16) {
      const at = tape + j
      const i = sigmoidOf(expMinus(v128.load(at)))
      const f = sigmoidOf(expMinus(v128.load(at + wide)))
      const g = tanhOf(expMinusTwo(v128.load(at + 2 * wide)))
      v128.store(at, i)
      v128.store(at + wide, f)
      v128.store(at + 2 * wide, g)
      v128.store(cTo + j, madd(f, v128.load(c + j), f32x4.mul(i, g)))
    }
    for (let j: usize = 0; j < wide; j += 16) {
      const at = tape + j
      const o = sigmoidOf(expMinus(v128.load(at + 3 * wide)))
      const value = tanhOf(expMinusTwo(v128.load(cTo + j)))
      v128.store(at + 3 * wide, o)
      v128.store(at + 4 * wide, value)
      v128.store(to + j, f32x4.mul(o, value))
    }
    tape += 5 * wide
    c += wide
    cTo += wide
    to += wide
  }
}

/**
 * Back through `lstm`: dv (R,H) of the value and dc (R,H) of c' give `sums`; dc becomes that of c.
 *
 * dc' = dc + dv·o·(1−tanh²c'), da_i = dc'·g·i·(1−i), da_f = dc'·c·f·(1−f), da_g = dc'·i·(1−g²),
 * da_o = dv·tanh c'·o·(1−o), and dc'·f is left for the tick before.
 */
export function lstmBack(rows: i32, tape: usize, wide: usize, c: usize, dv: usize, dc: usize, sums: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < wide; j += 16) {
      const at = tape + j
      const to = sums + j
      const o = v128.load(at + 3 * wide)
      const value = v128.load(at + 4 * wide)
      const d = f32x4.mul(v128.load(dv + j), o)
      v128.store(to + 3 * wide, f32x4.mul(f32x4.mul(d, value), f32x4.sub(one(), o)))
      const dcell = madd(d, f32x4.sub(one(), f32x4.mul(value, value)), v128.load(dc + j))
      const i = v128.load(at)
      const f = v128.load(at + wide)
      const g = v128.load(at + 2 * wide)
      const kept = f32x4.mul(dcell, f)
      v128.store(dc + j, kept)
      v128.store(to + wide, f32x4.mul(f32x4.mul(kept, v128.load(c + j)), f32x4.sub(one(), f)))
      const added = f32x4.mul(dcell, i)
      v128.store(to, f32x4.mul(f32x4.mul(added, g), f32x4.sub(one(), i)))
      v128.store(to + 2 * wide, f32x4.mul(added, f32x4.sub(one(), f32x4.mul(g, g))))
    }
    tape += 5 * wide
    sums += wide << 2
    c += wide
    dv += wide
    dc += wide
  }
}

/** h' = tanh(sum), over `bytes` of rows that lie one after the other. */
export function rnnTanhTape(bytes: usize, sums: usize, to: usize): void {
  for (let j: usize = 0; j < bytes; j += 16) v128.store(to + j, tanhOf(expMinusTwo(v128.load(sums + j))))
}

/** h' = max(0, sum); NaN stays NaN. */
export function rnnReluTape(bytes: usize, sums: usize, to: usize): void {
  const zero = f32x4.splat(0)
  for (let j: usize = 0; j < bytes; j += 16) v128.store(to + j, f32x4.pmax(v128.load(sums + j), zero))
}

/** dh·(1−h'²). */
export function rnnTanhBack(bytes: usize, h: usize, dh: usize, sums: usize): void {
  for (let j: usize = 0; j < bytes; j += 16) {
    const value = v128.load(h + j)
    v128.store(sums + j, f32x4.mul(v128.load(dh + j), f32x4.sub(one(), f32x4.mul(value, value))))
  }
}

/** dh where h' > 0 (or is NaN), else 0. */
export function rnnReluBack(bytes: usize, h: usize, dh: usize, sums: usize): void {
  const zero = f32x4.splat(0)
  for (let j: usize = 0; j < bytes; j += 16) {
    v128.store(sums + j, v128.andnot(v128.load(dh + j), f32x4.le(v128.load(h + j), zero)))
  }
}

import { softmaxOf } from './activation'
import { dot } from './dot'
import { expMinusTwo, madd, one, tanhOf } from './vector'

/*
 * Attention within windows, forward and back: each tick of each sequence looks at ticks of the same sequence.
 *
 * Rows lie (T,B): the rows of one sequence are batch·stride apart. Nothing of a look is kept: the way back computes the
 * weights again, which takes less memory than T·T weights a sequence. `window` > 0 looks back on so many ticks, the
 * present one included; 0 at all, or with `causal` at all up to the present. `mask` 0: nothing is dropped; else factors
 * of the weights, a run of T for each look, those of one sequence (and head) one after the other.
 */

/** First tick that tick t looks at. */
@inline
function firstOf(t: i32, window: i32): i32 {
  return window > 0 && t >= window ? t - window + 1 : 0
}

/** The tick after the last one that tick t looks at. */
@inline
function endOf(t: i32, ticks: i32, window: i32, causal: bool): i32 {
  return window > 0 || causal ? t + 1 : ticks
}

@inline
function addScaledTo(to: usize, weight: f32, from: usize, n: i32): void {
  const w = f32x4.splat(weight)
  let j = 0
  for (; j + 4 <= n; j += 4) {
    const at = <usize>j << 2
    v128.store(to + at, madd(w, v128.load(from + at), v128.load(to + at)))
  }
  for (; j < n; j++) {
    const at = <usize>j << 2
    store<f32>(to + at, load<f32>(to + at) + weight * load<f32>(from + at))
  }
}

@inline
function clearFloats(to: usize, n: i32): void {
  memory.fill(to, 0, <usize>n << 2)
}

/** Turns the gradients of the weights (n) at `d` into those of the scores: w·(d − Σ w·d). */
@inline
function scoresBack(w: usize, d: usize, n: i32): void {
  const bytes = <usize>n << 2
  let mean: f32 = 0
  for (let j: usize = 0; j < bytes; j += 4) mean += load<f32>(w + j) * load<f32>(d + j)
  for (let j: usize = 0; j < bytes; j += 4) store<f32>(d + j, load<f32>(w + j) * (load<f32>(d + j) - mean))
}

/** Weights (n) times the factors of one look, where there are some. */
@inline
function drop(weights: usize, mask: usize, n: i32): void {
  if (mask == 0) return
  for (let j: usize = 0; j < <usize>n << 2; j += 4) store<f32>(weights + j, load<f32>(weights + j) * load<f32>(mask + j))
}

/** Factors of the look number `look` from its tick `first` on; 0 for none. */
@inline
function maskOf(mask: usize, look: i32, ticks: i32, first: i32): usize {
  return mask == 0 ? 0 : mask + (<usize>(look * ticks + first) << 2)
}

/** The factor of tick i of a look. */
@inline
function kept(mask: usize, i: i32): f32 {
  return mask == 0 ? 1 : load<f32>(mask + (<usize>i << 2))
}

/**
 * Scaled dot-product attention: y_t = Σ softmax(scale·q_t·k_i)_i v_i, each head on `size` features of its own.
 *
 * Shapes: q, k, v (T,B,heads·size), `stride` apart; y alike, yStride apart; room (T) floats.
 */
export function dotAttention(
  batch: i32, ticks: i32, window: i32, causal: bool, heads: i32, size: i32, scale: f32,
  q: usize, k: usize, v: usize, stride: usize, y: usize, yStride: usize, room: usize, mask: usize,
): void {
  const step = stride * batch
  for (let t = 0; t < ticks; t++) {
    const first = firstOf(t, window)
    const count = endOf(t, ticks, window, causal) - first
    for (let b = 0; b < batch; b++) {
      const row = <usize>b * stride
      const to = y + <usize>(t * batch + b) * yStride
      for (let head = 0; head < heads; head++) {
        const at = row + (<usize>(head * size) << 2)
        dotWeights(q + at + <usize>t * step, k + at + <usize>first * step, step, count, size, scale, room)
        drop(room, maskOf(mask, (b * heads + head) * ticks + t, ticks, first), count)
        const out = to + (<usize>(head * size) << 2)
        clearFloats(out, size)
        for (let i = 0; i < count; i++) {
          addScaledTo(out, load<f32>(room + (<usize>i << 2)), v + at + <usize>(first + i) * step, size)
        }
      }
    }
  }
}

@inline
function dotWeights(q: usize, k: usize, step: usize, count: i32, size: i32, scale: f32, room: usize): void {
  for (let i = 0; i < count; i++) store<f32>(room + (<usize>i << 2), scale * dot(q, k + <usize>i * step, size))
  softmaxOf(room, room, count)
}

/**
 * Back through `dotAttention`: adds to dq, dk and dv, which lie as q, k and v do and may be the same.
 *
 * Shapes: room (2·T) floats.
 */
export function dotAttentionBack(
  batch: i32, ticks: i32, window: i32, causal: bool, heads: i32, size: i32, scale: f32,
  q: usize, k: usize, v: usize, stride: usize, dy: usize, yStride: usize,
  dq: usize, dk: usize, dv: usize, room: usize, mask: usize,
): void {
  const step = stride * batch
  const slopes = room + (<usize>((ticks + 3) & ~3) << 2)
  for (let t = 0; t < ticks; t++) {
    const first = firstOf(t, window)
    const count = endOf(t, ticks, window, causal) - first
    for (let b = 0; b < batch; b++) {
      for (let head = 0; head < heads; head++) {
        const at = <usize>b * stride + (<usize>(head * size) << 2)
        const asks = at + <usize>t * step
        const from = dy + <usize>(t * batch + b) * yStride + (<usize>(head * size) << 2)
        dotWeights(q + asks, k + at + <usize>first * step, step, count, size, scale, room)
        const factors = maskOf(mask, (b * heads + head) * ticks + t, ticks, first)
        for (let i = 0; i < count; i++) {
          const place = at + <usize>(first + i) * step
          store<f32>(slopes + (<usize>i << 2), kept(factors, i) * dot(from, v + place, size))
          addScaledTo(dv + place, kept(factors, i) * load<f32>(room + (<usize>i << 2)), from, size)
        }
        scoresBack(room, slopes, count)
        for (let i = 0; i < count; i++) {
          const place = at + <usize>(first + i) * step
          const slope = scale * load<f32>(slopes + (<usize>i << 2))
          addScaledTo(dq + asks, slope, k + place, size)
          addScaledTo(dk + place, slope, q + asks, size)
        }
      }
    }
  }
}

/**
 * Additive attention: y_t = Σ softmax(v·tanh(k_i + q_t))_i h_i. Source: Bahdanau et al. 2015.
 *
 * Shapes: h (T,B,F), y alike; keys (T,B,A), queries alike or 0 for none; v (A); room (2·T + T·A) floats, A rounded up.
 * Strides are whole panels. Without queries and without a window every tick sees the same, so one look serves all.
 */
export function additiveAttention(
  batch: i32, ticks: i32, window: i32, f: i32, size: i32,
  h: usize, stride: usize, keys: usize, queries: usize, keyStride: usize, v: usize, y: usize, room: usize,
  mask: usize,
): void {
  const looks = queries == 0 && window == 0 ? 1 : ticks
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < looks; t++) {
      const first = firstOf(t, window)
      const count = endOf(t, ticks, window, false) - first
      additiveWeights(batch, b, t, first, count, ticks, size, keys, queries, keyStride, v, room)
      drop(room, maskOf(mask, b * looks + t, ticks, first), count)
      const to = y + <usize>(t * batch + b) * stride
      clearFloats(to, f)
      for (let i = 0; i < count; i++) {
        addScaledTo(to, load<f32>(room + (<usize>i << 2)), h + <usize>((first + i) * batch + b) * stride, f)
      }
    }
    for (let t = looks; t < ticks; t++) memory.copy(y + <usize>(t * batch + b) * stride, y + <usize>b * stride, stride)
  }
}

/** Leaves the weights (count) at `room`, and behind two runs of T floats tanh(k_i + q) of every i. */
function additiveWeights(
  batch: i32, b: i32, t: i32, first: i32, count: i32, ticks: i32, size: i32,
  keys: usize, queries: usize, keyStride: usize, v: usize, room: usize,
): void {
  const query = queries == 0 ? 0 : queries + <usize>(t * batch + b) * keyStride
  let bent = room + (<usize>((ticks + 3) & ~3) << 3)
  for (let i = 0; i < count; i++) {
    const key = keys + <usize>((first + i) * batch + b) * keyStride
    for (let j: usize = 0; j < keyStride; j += 16) {
      const k = v128.load(key + j)
      v128.store(bent + j, tanhOf(expMinusTwo(query == 0 ? k : f32x4.add(k, v128.load(query + j)))))
    }
    store<f32>(room + (<usize>i << 2), dot(bent, v, size))
    bent += keyStride
  }
  softmaxOf(room, room, count)
}

/**
 * Back through `additiveAttention`: adds to dh (where it is not 0), dKeys, dQueries and dv (A).
 *
 * Shapes: as forward; `whole` (F) is room for the gradient of a look that served all ticks.
 */
export function additiveAttentionBack(
  batch: i32, ticks: i32, window: i32, f: i32, size: i32,
  h: usize, stride: usize, keys: usize, queries: usize, keyStride: usize, v: usize, dy: usize, room: usize,
  dh: usize, dKeys: usize, dQueries: usize, dv: usize, whole: usize, mask: usize,
): void {
  const looks = queries == 0 && window == 0 ? 1 : ticks
  const slopes = room + (<usize>((ticks + 3) & ~3) << 2)
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < looks; t++) {
      const first = firstOf(t, window)
      const count = endOf(t, ticks, window, false) - first
      additiveWeights(batch, b, t, first, count, ticks, size, keys, queries, keyStride, v, room)
      let from = dy + <usize>(t * batch + b) * stride
      if (looks < ticks) {
        clearFloats(whole, f)
        for (let i = 0; i < ticks; i++) addScaledTo(whole, 1, dy + <usize>(i * batch + b) * stride, f)
        from = whole
      }
      const factors = maskOf(mask, b * looks + t, ticks, first)
      for (let i = 0; i < count; i++) {
        const place = <usize>((first + i) * batch + b) * stride
        store<f32>(slopes + (<usize>i << 2), kept(factors, i) * dot(from, h + place, f))
        if (dh != 0) addScaledTo(dh + place, kept(factors, i) * load<f32>(room + (<usize>i << 2)), from, f)
      }
      scoresBack(room, slopes, count)
      const asks = queries == 0 ? 0 : dQueries + <usize>(t * batch + b) * keyStride
      let bent = slopes + (<usize>((ticks + 3) & ~3) << 2)
      for (let i = 0; i < count; i++) {
        const key = dKeys + <usize>((first + i) * batch + b) * keyStride
        keysBack(load<f32>(slopes + (<usize>i << 2)), keyStride, bent, v, key, asks, dv)
        bent += keyStride
      }
    }
  }
}

/** One score's gradient s to its key and query, s·v·(1 − tanh²), and to v, s·tanh; all as wide as a key's row. */
@inline
function keysBack(s: f32, keyStride: usize, bent: usize, v: usize, dKey: usize, dQuery: usize, dv: usize): void {
  const slope = f32x4.splat(s)
  for (let j: usize = 0; j < keyStride; j += 16) {
    const value = v128.load(bent + j)
    const d = f32x4.mul(f32x4.mul(slope, v128.load(v + j)), f32x4.sub(one(), f32x4.mul(value, value)))
    v128.store(dKey + j, f32x4.add(v128.load(dKey + j), d))
    if (dQuery != 0) v128.store(dQuery + j, f32x4.add(v128.load(dQuery + j), d))
    v128.store(dv + j, madd(slope, value, v128.load(dv + j)))
  }
}

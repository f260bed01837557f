import { softmaxOf } from './activation'
import { dot } from './dot'
import { expMinusTwo, madd, tanhOf } from './vector'

/*
 * Attention of the present tick over the last T ticks of the same row, kept in the row's own ring in the arena.
 *
 * A ring is [ticks (16 bytes)][entry 0]…[entry T−1]. `ticks` counts to 2T−1 and falls back to T, so that it also says
 * where the next entry goes. Entries are read from the oldest to the newest.
 */

/** Writes an entry of two parts and returns how many entries there are now; without `fresh` it only counts. */
function push(ring: usize, window: i32, fresh: bool, first: usize, firstBytes: usize, second: usize, secondBytes: usize): i32 {
  let ticks = <i32>load<f32>(ring)
  if (fresh) {
    const entry = ring + 16 + <usize>(ticks % window) * (firstBytes + secondBytes)
    for (let j: usize = 0; j < firstBytes; j += 16) v128.store(entry + j, v128.load(first + j))
    for (let j: usize = 0; j < secondBytes; j += 16) v128.store(entry + firstBytes + j, v128.load(second + j))
    ticks += 1
    if (ticks == 2 * window) ticks = window
    store<f32>(ring, <f32>ticks)
  }
  return ticks
}

/** Place of the i-th oldest entry. */
@inline
function entryAt(ring: usize, window: i32, ticks: i32, i: i32, bytes: usize): usize {
  const oldest = ticks <= window ? 0 : ticks % window
  return ring + 16 + <usize>((oldest + i) % window) * bytes
}

/** to += weight·value over n floats, to and value within the same row of a tile or ring. */
@inline
function addScaled(to: usize, weight: f32, value: usize, n: i32): void {
  const w = f32x4.splat(weight)
  let j = 0
  for (; j + 4 <= n; j += 4) {
    const at = <usize>j << 2
    v128.store(to + at, madd(w, v128.load(value + at), v128.load(to + at)))
  }
  for (; j < n; j++) {
    const at = <usize>j << 2
    store<f32>(to + at, load<f32>(to + at) + weight * load<f32>(value + at))
  }
}

function copyValue(to: usize, from: usize, n: i32): void {
  for (let j = 0; j < n; j++) store<f32>(to + (<usize>j << 2), load<f32>(from + (<usize>j << 2)))
}

@inline
function clear(to: usize, n: i32): void {
  for (let j = 0; j < n; j++) store<f32>(to + (<usize>j << 2), 0)
}

/**
 * Additive attention: score_i = v·tanh(k_i + q), value = Σ softmax(score)_i h_i.
 *
 * Shapes: h (F), k (A), q (A) and the value (F) in the tile row; scores (T) in the tile row as room; v (A) in memory.
 * An entry is [h][k]. Source: Bahdanau et al. 2015, equation for e_ij.
 */
export function additive(
  row: usize, ring: usize, window: i32, fresh: bool, hAt: usize, f: i32, kAt: usize, qAt: usize, a: i32, v: usize,
  scoresAt: usize, toAt: usize,
): void {
  const firstBytes = <usize>((f + 3) & ~3) << 2
  const secondBytes = <usize>((a + 3) & ~3) << 2
  const ticks = push(ring, window, fresh, row + hAt, firstBytes, row + kAt, secondBytes)
  const count = min(ticks, window)
  const scores = row + scoresAt
  const room = scores + (<usize>((window + 3) & ~3) << 2)
  for (let i = 0; i < count; i++) {
    const key = entryAt(ring, window, ticks, i, firstBytes + secondBytes) + firstBytes
    for (let j: usize = 0; j < secondBytes; j += 16) {
      v128.store(room + j, tanhOf(expMinusTwo(f32x4.add(v128.load(key + j), v128.load(row + qAt + j)))))
    }
    store<f32>(scores + (<usize>i << 2), dot(room, v, a))
  }
  // A row that never had an input: the present value is all there is, and is not kept.
  if (count == 0) return copyValue(row + toAt, row + hAt, f)
  clear(row + toAt, f)
  softmaxOf(scores, scores, count)
  for (let i = 0; i < count; i++) {
    addScaled(row + toAt, load<f32>(scores + (<usize>i << 2)), entryAt(ring, window, ticks, i, firstBytes + secondBytes), f)
  }
}

/**
 * Scaled dot-product attention with heads: value = Σ softmax(scale·q·k_i) v_i, each head on its own E/heads features.
 *
 * Shapes: q, k, v (E) and the value (E) in the tile row; an entry is [k][v].
 * Source: Vaswani et al. 2017, as PyTorch's MultiheadAttention between its two projections.
 */
export function dotProduct(
  row: usize, ring: usize, window: i32, fresh: bool, qAt: usize, kAt: usize, vAt: usize, e: i32, heads: i32, scale: f32,
  scoresAt: usize, toAt: usize,
): void {
  const bytes = <usize>((e + 3) & ~3) << 2
  const ticks = push(ring, window, fresh, row + kAt, bytes, row + vAt, bytes)
  const count = min(ticks, window)
  const scores = row + scoresAt
  const size = e / heads
  if (count == 0) return copyValue(row + toAt, row + vAt, e)
  clear(row + toAt, e)
  for (let head = 0; head < heads; head++) {
    const at = <usize>(head * size) << 2
    for (let i = 0; i < count; i++) {
      const key = entryAt(ring, window, ticks, i, 2 * bytes) + at
      store<f32>(scores + (<usize>i << 2), scale * dot(row + qAt + at, key, size))
    }
    softmaxOf(scores, scores, count)
    for (let i = 0; i < count; i++) {
      const value = entryAt(ring, window, ticks, i, 2 * bytes) + bytes + at
      addScaled(row + toAt + at, load<f32>(scores + (<usize>i << 2)), value, size)
    }
  }
}

import { madd } from './vector'

/** Zeros. */
export function clear(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes)
}

/** to = from. */
export function move(bytes: usize, from: usize, to: usize): void {
  memory.copy(to, from, bytes)
}

/** to += factor·from over `bytes`, a multiple of 16. */
export function addScaled(bytes: usize, factor: f32, from: usize, to: usize): void {
  const by = f32x4.splat(factor)
  for (let j: usize = 0; j < bytes; j += 16) v128.store(to + j, madd(v128.load(from + j), by, v128.load(to + j)))
}

/** The first n floats of each row, from rows `fromStride` apart to rows `toStride` apart. */
export function copyColumns(rows: i32, n: i32, from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const bytes = <usize>n << 2
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < bytes; j += 4) store<f32>(to + j, load<f32>(from + j))
    from += fromStride
    to += toStride
  }
}

/** As `copyColumns`, added to what is there. */
export function addColumns(rows: i32, n: i32, from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const bytes = <usize>n << 2
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < bytes; j += 4) store<f32>(to + j, load<f32>(to + j) + load<f32>(from + j))
    from += fromStride
    to += toStride
  }
}

/** count += 1 where x is the value y, over `bytes`: how many inputs a maximum has. */
export function countEqual(bytes: usize, x: usize, y: usize, count: usize): void {
  const one = f32x4.splat(1)
  for (let j: usize = 0; j < bytes; j += 16) {
    const same = f32x4.eq(v128.load(x + j), v128.load(y + j))
    v128.store(count + j, f32x4.add(v128.load(count + j), v128.and(one, same)))
  }
}

/** Back through a maximum: dx += dy / count where x is the value y; equal inputs share, as in PyTorch's `amax`. */
export function shareEqual(bytes: usize, x: usize, y: usize, count: usize, dy: usize, dx: usize): void {
  for (let j: usize = 0; j < bytes; j += 16) {
    const same = f32x4.eq(v128.load(x + j), v128.load(y + j))
    const part = f32x4.div(v128.load(dy + j), v128.load(count + j))
    v128.store(dx + j, f32x4.add(v128.load(dx + j), v128.and(part, same)))
  }
}

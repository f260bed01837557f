import { Plan } from './plan'

/*
 * What moves rows: from the arena into a tile and back, from x, to y, and between the places of a tile row.
 */

/** Copies the states of rows first … first + rows into the tile and notes where they came from. */
export function gather(plan: Plan, tile: usize, first: i32, rows: i32): void {
  const stride = plan.stride
  const arena = plan.arena
  const rowBytes = plan.rowBytes
  let at = tile
  let list = plan.rows + (<usize>first << 2)
  for (let r = 0; r < rows; r++) {
    store<usize>(at, arena + <usize>load<u32>(list) * rowBytes)
    store<i32>(at, 0, 4)
    list += 4
    at += stride
  }
  let run = plan.runs
  for (let i = plan.runCount; i > 0; i--) {
    const arenaAt = load<usize>(run)
    const bytes = load<usize>(run, 8)
    let to = tile + load<usize>(run, 4)
    at = tile
    for (let r = 0; r < rows; r++) {
      move(load<usize>(at) + arenaAt, to, bytes)
      at += stride
      to += stride
    }
    run += 12
  }
}

/** Copies the states back, but for rows without any input: they keep theirs. */
export function scatter(plan: Plan, tile: usize, rows: i32, missing: bool): void {
  const stride = plan.stride
  let run = plan.runs
  for (let i = plan.runCount; i > 0; i--) {
    const arenaAt = load<usize>(run)
    const bytes = load<usize>(run, 8)
    let from = tile + load<usize>(run, 4)
    let at = tile
    for (let r = 0; r < rows; r++) {
      if (!missing || load<i32>(at, 4) == 0) move(from, load<usize>(at) + arenaAt, bytes)
      at += stride
      from += stride
    }
    run += 12
  }
}

/** Gives the rows without any input their old state back. */
export function keep(tile: usize, stride: usize, rows: i32, arenaAt: usize, tileAt: usize, bytes: usize): void {
  for (let r = 0; r < rows; r++) {
    if (load<i32>(tile, 4) != 0) move(load<usize>(tile) + arenaAt, tile + tileAt, bytes)
    tile += stride
  }
}

/** Copies `bytes`, a multiple of 16, sixty-four at a time. */
@inline
function move(from: usize, to: usize, bytes: usize): void {
  let j: usize = 0
  for (; j + 64 <= bytes; j += 64) {
    v128.store(to + j, v128.load(from + j))
    v128.store(to + j, v128.load(from + j, 16), 16)
    v128.store(to + j, v128.load(from + j, 32), 32)
    v128.store(to + j, v128.load(from + j, 48), 48)
  }
  for (; j < bytes; j += 16) v128.store(to + j, v128.load(from + j))
}

/**
 * Writes each row's inputs to the places where they are read; true when a row of the tile has none.
 *
 * Guarded, a NaN or infinite input is a missing one and counts as 0, and a finite one is held within ± `inputLimit`.
 */
export function input(plan: Plan, tile: usize, first: i32, rows: i32): bool {
  const inputs = plan.inputs
  const guarded = plan.guarded != 0
  const most = plan.inputLimit
  const stride = plan.stride
  const places = plan.inputPlaces
  const placeCount = plan.inputPlaceCount
  let from = plan.x + (<usize>(first * inputs) << 2)
  let to = tile + load<usize>(places)
  let anyMissing = false
  for (let r = 0; r < rows; r++) {
    let present = !guarded
    for (let i = 0; i < inputs; i++) {
      const at = <usize>i << 2
      let value = load<f32>(from + at)
      if (guarded) {
        const isFinite = abs<f32>(value) <= f32.MAX_VALUE
        value = isFinite ? max<f32>(min<f32>(value, most), -most) : 0
        present = present || isFinite
      }
      store<f32>(to + at, value)
    }
    if (!present) {
      store<i32>(tile, 1, 4)
      anyMissing = true
    }
    for (let place = 1; place < placeCount; place++) {
      copyFloats(to, tile + load<usize>(places + (<usize>place << 2)), inputs)
    }
    from += <usize>inputs << 2
    tile += stride
    to += stride
  }
  return anyMissing
}

/** Writes the model's value of each row to y. */
export function output(plan: Plan, tile: usize, first: i32, rows: i32): void {
  const outputs = plan.outputs
  const stride = plan.stride
  let from = tile + plan.outputAt
  let to = plan.y + (<usize>(first * outputs) << 2)
  for (let r = 0; r < rows; r++) {
    copyFloats(from, to, outputs)
    to += <usize>outputs << 2
    from += stride
  }
}

@inline
function copyFloats(from: usize, to: usize, n: i32): void {
  for (let j = 0; j < n; j++) store<f32>(to + (<usize>j << 2), load<f32>(from + (<usize>j << 2)))
}

/** n floats of each row from one place to another. */
export function copy(rows: i32, row: usize, stride: usize, from: usize, to: usize, n: i32): void {
  for (let r = 0; r < rows; r++) {
    let j = 0
    for (; j + 4 <= n; j += 4) v128.store(row + to + (<usize>j << 2), v128.load(row + from + (<usize>j << 2)))
    for (; j < n; j++) store<f32>(row + to + (<usize>j << 2), load<f32>(row + from + (<usize>j << 2)))
    row += stride
  }
}

/** to = a + b over `wide` bytes. */
export function add(rows: i32, row: usize, stride: usize, a: usize, b: usize, to: usize, wide: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < wide; j += 16) {
      v128.store(row + to + j, f32x4.add(v128.load(row + a + j), v128.load(row + b + j)))
    }
    row += stride
  }
}

/** to = a·b over `wide` bytes. */
export function multiply(rows: i32, row: usize, stride: usize, a: usize, b: usize, to: usize, wide: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < wide; j += 16) {
      v128.store(row + to + j, f32x4.mul(v128.load(row + a + j), v128.load(row + b + j)))
    }
    row += stride
  }
}

/** to = the larger of a and b over `wide` bytes. */
export function maximum(rows: i32, row: usize, stride: usize, a: usize, b: usize, to: usize, wide: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < wide; j += 16) {
      v128.store(row + to + j, f32x4.max(v128.load(row + a + j), v128.load(row + b + j)))
    }
    row += stride
  }
}

/** to = factor·a over `wide` bytes. */
export function times(rows: i32, row: usize, stride: usize, a: usize, to: usize, wide: usize, factor: f32): void {
  const by = f32x4.splat(factor)
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < wide; j += 16) v128.store(row + to + j, f32x4.mul(v128.load(row + a + j), by))
    row += stride
  }
}

/** to = weight·a + shift, weight and shift (wide) in memory. */
export function scale(rows: i32, row: usize, stride: usize, a: usize, to: usize, wide: usize, weight: usize, shift: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < wide; j += 16) {
      const value = f32x4.mul(v128.load(row + a + j), v128.load(weight + j))
      v128.store(row + to + j, f32x4.add(value, v128.load(shift + j)))
    }
    row += stride
  }
}

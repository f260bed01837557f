import { C } from './columns.ts'
import { recipe } from './recipe.ts'

/** Smallest distance between the usual error and its limit, in scaled units. */
export function limitFloor(f: Float64Array, at: number): number {
  return (recipe.floorShare * f[at + C.span]!) / f[at + C.unit]!
}

/**
 * Adds one row's error averages to the open block; closes it after 70 rows, which moves the rolling limits.
 *
 * W, the last 2,100 values of the recipe, looked at once in 70 rows, is exactly the last 30 closed blocks, so sums and
 * sums of squares a block take the place of a ring of 2,100.
 */
export function addToBlocks(f: Float64Array, at: number, slow: number, fast: number): void {
  const closed = f[at + C.blocksClosed]!
  const block = at + C.blocks + (closed % recipe.blocks) * 4
  const rows = f[at + C.blockRows]!
  f[block] = (rows === 0 ? 0 : f[block]!) + slow
  f[block + 1] = (rows === 0 ? 0 : f[block + 1]!) + slow * slow
  f[block + 2] = (rows === 0 ? 0 : f[block + 2]!) + fast
  f[block + 3] = (rows === 0 ? 0 : f[block + 3]!) + fast * fast
  if (rows + 1 < recipe.blockRows) {
    f[at + C.blockRows] = rows + 1
    return
  }
  f[at + C.blockRows] = 0
  f[at + C.blocksClosed] = closed + 1
  moveLimits(f, at)
}

/** The limits of now: th = max(largest of calibration, mean(W) + z·sd(W)). No effect before calibration ended. */
export function moveLimits(f: Float64Array, at: number): void {
  const blocks = Math.min(f[at + C.blocksClosed]!, recipe.blocks)
  const rows = blocks * recipe.blockRows
  let slow = 0
  let slowSquares = 0
  let fast = 0
  let fastSquares = 0
  for (let b = 0; b < blocks; b++) {
    const block = at + C.blocks + b * 4
    slow += f[block]!
    slowSquares += f[block + 1]!
    fast += f[block + 2]!
    fastSquares += f[block + 3]!
  }
  f[at + C.slowLimit] = Math.max(f[at + C.slowMax]!, upper(slow, slowSquares, rows, recipe.slowZ))
  f[at + C.fastLimit] = Math.max(f[at + C.fastMax]!, upper(fast, fastSquares, rows, recipe.fastZ))
}

function upper(sum: number, squares: number, rows: number, z: number): number {
  if (rows === 0) return 0
  const mean = sum / rows
  return mean + z * Math.sqrt(Math.max(0, squares / rows - mean * mean))
}

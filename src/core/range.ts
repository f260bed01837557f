import { C } from './columns.ts'
import { recipe } from './recipe.ts'
import { limitFloor } from './threshold.ts'

/** Signed distance of a value outside the range ever seen, in units of a fifth of it. */
export function novelty(f: Float64Array, at: number, value: number): number {
  const low = f[at + C.low]!
  const high = f[at + C.high]!
  const distance = value > high ? value - high : value < low ? value - low : 0
  return distance === 0 ? 0 : distance / noveltyUnit(f, at)
}

/** One unit of range novelty, in engineering units. */
export function noveltyUnit(f: Float64Array, at: number): number {
  const range = f[at + C.high]! - f[at + C.low]!
  return recipe.noveltyShare * Math.max(range, limitFloor(f, at) * f[at + C.unit]!)
}

/**
 * Lets the range follow a scored good reading.
 *
 * The recipe lets the range grow to include every reading at once, and so it does for a sensor whose limits came with its model.
 * Else it follows what was seen within some seventy readings, so that a drift is novel too; not while a reading alarms by
 * novelty, so that a machine that fails hot stays in alarm while it is hot; and what was seen counts at most one unit of
 * novelty a reading, so that a single 10⁹ moves it no farther than a reading that just alarms.
 */
export function learnRange(f: Float64Array, at: number, value: number, novelty: number): void {
  if (f[at + C.exact] === 1) {
    includeInRange(f, at, value)
    return
  }
  const most = Math.min(noveltyUnit(f, at), recipe.noveltyShare * f[at + C.span]!)
  if (value > f[at + C.nextHigh]!) f[at + C.nextHigh] = Math.min(value, f[at + C.nextHigh]! + most)
  if (value < f[at + C.nextLow]!) f[at + C.nextLow] = Math.max(value, f[at + C.nextLow]! - most)
  if (novelty < recipe.excursionOff) {
    f[at + C.low] = f[at + C.low]! + recipe.followShare * (f[at + C.nextLow]! - f[at + C.low]!)
    f[at + C.high] = f[at + C.high]! + recipe.followShare * (f[at + C.nextHigh]! - f[at + C.high]!)
    return
  }
  const creep = recipe.creepShare * (value - (value > f[at + C.high]! ? f[at + C.high]! : f[at + C.low]!))
  if (creep > 0) f[at + C.high] = f[at + C.high]! + Math.min(creep, most)
  else f[at + C.low] = f[at + C.low]! + Math.max(creep, -most)
}

function includeInRange(f: Float64Array, at: number, value: number): void {
  if (value < f[at + C.low]!) f[at + C.low] = value
  if (value > f[at + C.high]!) f[at + C.high] = value
  f[at + C.nextLow] = f[at + C.low]!
  f[at + C.nextHigh] = f[at + C.high]!
}

import { novelty } from './constants.ts'

const float = new Float32Array(1)
const word = new Uint32Array(float.buffer)
/** Brings magnitudes below 2¹⁵ to exponents that four bits hold. */
const down = 2 ** -125
const up = 2 ** 125

/**
 * A mean and how many readings it is of (0, 1, 2, or 3 and more) in sixteen bits: 13 bits magnitude, sign, count.
 *
 * Works when: |mean| is below 32,768; relative rounding 2⁻¹⁰, absolute 2⁻¹¹ below ½. Fails when: a weight below a hundredth would
 * learn the mean: its steps would be lost in the rounding.
 */
export function packMean(mean: number, count: number): number {
  float[0] = Math.abs(mean) * down
  const magnitude = (word[0]! + 0x2000) >>> 14
  return (magnitude << 3) | (mean < 0 && magnitude > 0 ? 4 : 0) | count
}

/** The mean of a cell. */
export function meanOf(cell: number): number {
  word[0] = (cell >>> 3) << 14
  const size = float[0]! * up
  return (cell & 4) === 0 ? size : -size
}

/** How many readings a cell is the mean of; 3 stands for more, too. */
export function countOf(cell: number): number {
  return cell & 3
}

/** Takes a reading into a mean: the first is it, the next are averaged, later ones have a weight (at least a hundredth). */
export function learnMean(cells: Uint16Array, cell: number, y: number, weight: number): void {
  const count = countOf(cells[cell]!)
  const before = meanOf(cells[cell]!)
  const held = Math.max(weight, novelty.weekWeightLeast)
  const mean = count === 0 ? y : before + (count === 3 ? held : Math.max(held, 1 / (count + 1))) * (y - before)
  cells[cell] = packMean(mean, Math.min(count + 1, 3))
}

/** Takes an error into a table's running one, of which it counts at most a few. */
export function follow(f: Float64Array, at: number, error: number): void {
  const size = Math.min(Math.abs(error), novelty.tableErrorsMost * f[at]! + 1e-9)
  f[at] = f[at]! + novelty.tableWeight * (size - f[at]!)
}

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

/** Weights for the formulations that take input and state side by side, [x|h], in one product. */

/** @typedef {import('./work.mjs').Net} Net */

/**
 * Weights of [x|h] → r, z, n from x, n from h in one product; where a source has no part in a column it is 0.
 * @param {Net} net
 * @returns {{ weight: Float32Array, bias: Float32Array }} weight (4·H, 1 + H)
 */
export function joinedGru({ hidden: H, wIn, wHidden, bIn, bHidden }) {
  const weight = new Float32Array(4 * H * (1 + H))
  const bias = new Float32Array(4 * H)
  for (let row = 0; row < 4 * H; row++) {
    const from = row < 3 * H ? row : row - H
    const takesX = row < 3 * H
    const takesH = row < 2 * H || row >= 3 * H
    if (takesX) weight[row * (1 + H)] = Number(wIn[from])
    if (takesH) weight.set(wHidden.subarray(from * H, (from + 1) * H), row * (1 + H) + 1)
    bias[row] = (takesX ? Number(bIn[from]) : 0) + (takesH ? Number(bHidden[from]) : 0)
  }
  return { weight, bias }
}

/**
 * Weights of [x|h] → i, f, g, o in one product.
 * @param {Net} net
 * @returns {{ weight: Float32Array, bias: Float32Array }} weight (4·H, 1 + H)
 */
export function joinedLstm({ hidden: H, wIn, wHidden, bIn, bHidden }) {
  const weight = new Float32Array(4 * H * (1 + H))
  for (let row = 0; row < 4 * H; row++) {
    weight[row * (1 + H)] = Number(wIn[row])
    weight.set(wHidden.subarray(row * H, (row + 1) * H), row * (1 + H) + 1)
  }
  return { weight, bias: Float32Array.from(bIn, (value, row) => value + Number(bHidden[row])) }
}

/** The loops over typed arrays by which a peer without rows of its own gathers and scatters state. */

/**
 * @param {Float32Array} state
 * @param {Int32Array} rows
 * @param {Float32Array} to
 * @param {number} size
 */
export function gather(state, rows, to, size) {
  for (let b = 0; b < rows.length; b++) {
    const from = Number(rows[b]) * size
    const at = b * size
    for (let k = 0; k < size; k++) to[at + k] = /** @type {number} */ (state[from + k])
  }
}

/**
 * @param {Float32Array} state
 * @param {Int32Array} rows
 * @param {Float32Array} x
 * @param {Float32Array} to (B, 1 + size): [x|h]
 * @param {number} size
 */
export function gatherJoined(state, rows, x, to, size) {
  for (let b = 0; b < rows.length; b++) {
    const from = Number(rows[b]) * size
    const at = b * (size + 1)
    to[at] = /** @type {number} */ (x[b])
    for (let k = 0; k < size; k++) to[at + 1 + k] = /** @type {number} */ (state[from + k])
  }
}

/**
 * @param {Float32Array} from
 * @param {Int32Array} rows
 * @param {Float32Array} state
 * @param {number} size
 */
export function scatter(from, rows, state, size) {
  for (let b = 0; b < rows.length; b++) {
    const to = Number(rows[b]) * size
    const at = b * size
    for (let k = 0; k < size; k++) state[to + k] = /** @type {number} */ (from[at + k])
  }
}

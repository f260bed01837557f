import { vusPr } from '../metrics/vus-pr.mjs'

/** @typedef {import('../bench/events.mjs').EventSeries} EventSeries */

/**
 * Surprise of each event, −log p(next), by a table of what followed the last `order` events: the simple method that a network
 * on sequences has to beat. It counts on while it scores.
 * @param {readonly string[]} tokens
 * @param {number} order
 */
function surprises(tokens, order) {
  /** @type {Map<string, Map<string, number>>} */
  const table = new Map()
  const words = new Set(tokens).size
  return Float64Array.from(tokens, (token, row) => {
    const context = tokens.slice(Math.max(0, row - order), row).join(' ')
    const followed = table.get(context) ?? new Map()
    const total = [...followed.values()].reduce((sum, count) => sum + count, 0)
    const known = followed.get(token) ?? 0
    table.set(context, followed.set(token, known + 1))
    return -Math.log((known + 0.1) / (total + 0.1 * words))
  })
}

/**
 * How well a table of the last `order` events ranks the faulty ones: VUS-PR without a buffer, after the rows to learn from.
 * @param {EventSeries} series
 * @param {number} order
 */
export function eventMemory({ tokens, faults, learnRows }, order) {
  const score = surprises(tokens, order).subarray(learnRows)
  const windows = faults.map(
    ({ window: [first, last] }) => /** @type {const} */ ([first - learnRows, last - learnRows]),
  )
  return vusPr(score, windows, [0])
}

/** @typedef {import('./nab-score.mjs').RowSpan} RowSpan */

/**
 * The stretches of rows in alarm, first and last row of each.
 * @param {ArrayLike<number>} alarm 0 or 1 by row
 * @returns {[first: number, last: number][]}
 */
export function alarmRuns(alarm) {
  /** @type {[number, number][]} */
  const runs = []
  for (let row = 0; row < alarm.length; row++) {
    if (alarm[row] !== 1) continue
    const last = runs.at(-1)
    if (last !== undefined && last[1] === row - 1) last[1] = row
    else runs.push([row, row])
  }
  return runs
}

/**
 * Occurrences: runs less than `restRows` apart are one, as the alarm stage counts them.
 * @param {readonly RowSpan[]} runs in order
 * @param {number} restRows
 * @returns {[first: number, last: number][]}
 */
export function occurrences(runs, restRows) {
  /** @type {[number, number][]} */
  const joined = []
  for (const [first, last] of runs) {
    const before = joined.at(-1)
    if (before !== undefined && first - before[1] < restRows) before[1] = last
    else joined.push([first, last])
  }
  return joined
}

/**
 * Whether two spans share a row.
 * @param {RowSpan} a
 * @param {RowSpan} b
 */
export function overlap(a, b) {
  return a[0] <= b[1] && b[0] <= a[1]
}

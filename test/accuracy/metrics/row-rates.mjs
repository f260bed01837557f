/** @typedef {import('./nab-score.mjs').RowSpan} RowSpan */
/**
 * @typedef {object} RowCount
 * @property {number} normal rows outside the windows
 * @property {number} normalInAlarm
 * @property {number} faulty rows inside a window
 * @property {number} faultyInAlarm
 */

const dayMs = 86_400_000

/**
 * Counts the rows of one series from `fromRow` on.
 * @param {ArrayLike<number>} alarm 0 or 1 by row
 * @param {readonly RowSpan[]} windows
 * @param {number} [fromRow]
 * @returns {RowCount}
 */
export function countRows(alarm, windows, fromRow = 0) {
  const count = { normal: 0, normalInAlarm: 0, faulty: 0, faultyInAlarm: 0 }
  for (let row = fromRow; row < alarm.length; row++) {
    const isFaulty = windows.some(([first, last]) => row >= first && row <= last)
    const on = alarm[row] === 1 ? 1 : 0
    count[isFaulty ? 'faulty' : 'normal']++
    count[isFaulty ? 'faultyInAlarm' : 'normalInAlarm'] += on
  }
  return count
}

/**
 * False-alarm rate (share of normal rows in alarm), missed-alarm rate (share of faulty rows without) and the F1 of rows.
 * @param {readonly RowCount[]} counts
 */
export function rowRates(counts) {
  const sum = (/** @type {keyof RowCount} */ of) => counts.reduce((total, count) => total + count[of], 0)
  const [normal, wrong, faulty, right] = [sum('normal'), sum('normalInAlarm'), sum('faulty'), sum('faultyInAlarm')]
  return {
    far: normal === 0 ? 0 : wrong / normal,
    mar: faulty === 0 ? 0 : (faulty - right) / faulty,
    f1: right === 0 ? 0 : (2 * right) / (faulty + right + wrong),
  }
}

/**
 * False alarms a sensor and day of normal rows.
 * @param {number} alarms
 * @param {number} normalRows
 * @param {number} stepMs time between two rows
 */
export function perSensorDay(alarms, normalRows, stepMs) {
  return (alarms * dayMs) / (normalRows * stepMs)
}

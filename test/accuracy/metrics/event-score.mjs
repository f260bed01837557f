import { alarmRuns, occurrences, overlap } from './alarm-runs.mjs'
import { median } from './median.mjs'

/** @typedef {import('./nab-score.mjs').RowSpan} RowSpan */
/**
 * @typedef {object} EventCount
 * @property {number} windows labelled windows
 * @property {number} found windows with at least one row in alarm
 * @property {number} falseRuns stretches of alarm that neither lie in a window nor begin in its wake
 * @property {number} falseOccurrences the same, those less than a rest apart counted once
 * @property {(number | null)[]} delays of each window, rows from its first to the first in alarm; null where missed
 */
/** @typedef {{ precision: number, recall: number, f1: number }} EventScore */

/** Rows: alarms less than this apart are one occurrence, and the end of a fault is a change of its own for so long. */
export const restRows = 200

/**
 * Counts the events of one series, never point-adjusted: a window is found or not, and what else alarms is false.
 *
 * An alarm that begins at most `wakeRows` after a window is neither found nor false: the way back to normal is a change, too.
 * @param {ArrayLike<number>} alarm 0 or 1 by row
 * @param {readonly RowSpan[]} windows
 * @param {{ fromRow?: number, wakeRows?: number }} [options] rows before `fromRow` (warm-up) count for nothing
 * @returns {EventCount}
 */
export function countEvents(alarm, windows, { fromRow = 0, wakeRows = restRows } = {}) {
  const runs = alarmRuns(alarm).filter(([, last]) => last >= fromRow)
  const isFalse = (/** @type {RowSpan} */ run) =>
    !windows.some((window) => overlap(run, window) || (run[0] > window[1] && run[0] <= window[1] + wakeRows))
  const wrong = runs.filter(isFalse)
  const delays = windows.map((window) => {
    const run = runs.find((one) => overlap(one, window))
    return run === undefined ? null : Math.max(0, run[0] - window[0])
  })
  return {
    windows: windows.length,
    found: delays.filter((delay) => delay !== null).length,
    falseRuns: wrong.length,
    falseOccurrences: occurrences(wrong, restRows).length,
    delays,
  }
}

/**
 * Event precision, recall and F1 of many series together; 0 where nothing was found.
 * @param {readonly EventCount[]} counts
 * @returns {EventScore}
 */
export function eventScore(counts) {
  const sum = (/** @type {'windows' | 'found' | 'falseOccurrences'} */ of) =>
    counts.reduce((total, count) => total + count[of], 0)
  const [windows, found, wrong] = [sum('windows'), sum('found'), sum('falseOccurrences')]
  return {
    precision: found === 0 ? 0 : found / (found + wrong),
    recall: windows === 0 ? 0 : found / windows,
    f1: found === 0 ? 0 : (2 * found) / (windows + found + wrong),
  }
}

/**
 * The median delay of the windows that were found, in rows; NaN where none was.
 * @param {readonly EventCount[]} counts
 */
export function medianDelay(counts) {
  return median(counts.flatMap((count) => count.delays.filter((delay) => delay !== null)))
}

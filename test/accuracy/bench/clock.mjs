const dayMs = 86_400_000

/** @typedef {{ readonly rows: number, readonly stepMs: number, readonly startMs: number }} Grid evenly spaced times */

/**
 * Time of a row, ms since 1970.
 * @param {Grid} grid
 * @param {number} row
 */
export function timeOf({ startMs, stepMs }, row) {
  return startMs + row * stepMs
}

/**
 * Part of the day that has passed, 0…1.
 * @param {number} timeMs
 */
export function dayPart(timeMs) {
  return (timeMs % dayMs) / dayMs
}

/**
 * 0 Monday … 6 Sunday.
 * @param {number} timeMs
 */
export function weekday(timeMs) {
  return (Math.floor(timeMs / dayMs) + 3) % 7
}

/**
 * Rows of a day; not whole where the step does not divide it.
 * @param {Grid} grid
 */
export function dayRows({ stepMs }) {
  return dayMs / stepMs
}

import { alarmRuns } from '../metrics/alarm-runs.mjs'

/** @typedef {import('../metrics/nab-score.mjs').RowSpan} RowSpan */
/**
 * A series as the report draws it: so many columns, each the lowest and highest value and the highest score of its rows.
 * @typedef {object} Trace
 * @property {number} columns
 * @property {number} rows
 * @property {number} low of the values
 * @property {number} high of the values
 * @property {string} from ISO 8601
 * @property {string} to ISO 8601
 * @property {string} values lowest and highest of each column, 0…255 between low and high, Base64
 * @property {string} scores 0…255, Base64
 * @property {readonly RowSpan[]} windows by row
 * @property {readonly RowSpan[]} alarms by row
 * @property {readonly RowSpan[]} instrument by row
 */

const columnsMost = 400

/** @param {Uint8Array} bytes */
function base64(bytes) {
  return Buffer.from(bytes).toString('base64')
}

/**
 * Condenses a series so that no spike is lost.
 * @param {{ timeMs: Float64Array, values: Float64Array, windows: readonly RowSpan[] }} series
 * @param {import('../run/product.mjs').Scored} scored
 * @returns {Trace}
 */
export function traceOf({ timeMs, values, windows }, { score, alarm, instrument }) {
  const rows = values.length
  const columns = Math.min(rows, columnsMost)
  const finite = values.filter(Number.isFinite)
  const low = finite.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY)
  const high = finite.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY)
  const byte = (/** @type {number} */ x) => (high > low ? Math.round((255 * (x - low)) / (high - low)) : 128)
  const lowHigh = new Uint8Array(2 * columns)
  const scores = new Uint8Array(columns)
  for (let column = 0; column < columns; column++) {
    const [from, to] = [Math.floor((column * rows) / columns), Math.floor(((column + 1) * rows) / columns)]
    const part = values.subarray(from, to).filter(Number.isFinite)
    lowHigh[2 * column] = byte(part.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY))
    lowHigh[2 * column + 1] = byte(part.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY))
    scores[column] = Math.round(255 * score.subarray(from, to).reduce((most, x) => Math.max(most, x), 0))
  }
  return {
    columns,
    rows,
    low,
    high,
    from: new Date(timeMs[0] ?? 0).toISOString().slice(0, 16),
    to: new Date(timeMs.at(-1) ?? 0).toISOString().slice(0, 16),
    values: base64(lowHigh),
    scores: base64(scores),
    windows,
    alarms: alarmRuns(alarm),
    instrument: alarmRuns(instrument),
  }
}

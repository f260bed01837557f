import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** @typedef {import('./product.mjs').Rows} Rows */
/** @typedef {import('./product.mjs').Setting} Setting */
/**
 * What a file for `--detector` exports as its default: it gets the readings of one series and nothing else (no name), and
 * answers by row. `score` 0…1; `alarm` 0 or 1, by default where the score is at least 0.5; `instrument` for faults of the sensor.
 * @typedef {(rows: Rows, setting: Setting) => { score: ArrayLike<number>, alarm?: ArrayLike<number>, instrument?: ArrayLike<number> }} Prototype
 */

/**
 * A detector in plain JavaScript, run over the same series as the product.
 *
 * Errors: `TypeError` for a file without a default function; `RangeError` for an answer of another length than its series.
 * @param {string} file
 * @returns {Promise<import('./product.mjs').Detector>}
 */
export async function prototype(file) {
  /** @type {{ default?: Prototype }} */
  const { default: detect } = await import(pathToFileURL(resolve(file)).href)
  if (typeof detect !== 'function') {
    throw new TypeError(`${file} has no default function: export default (rows, setting) => ({ score, alarm })`)
  }
  return (series, setting) =>
    series.map((rows, at) => {
      const { timeMs, values, context } = rows
      const answer = detect(context === undefined ? { timeMs, values } : { timeMs, values, context }, setting)
      const score = Float64Array.from(answer.score)
      const alarm = Uint8Array.from(answer.alarm ?? score.map((one) => (one >= 0.5 ? 1 : 0)))
      const instrument = Uint8Array.from(answer.instrument ?? new Uint8Array(values.length))
      for (const { length } of [score, alarm, instrument]) {
        if (length === values.length) continue
        throw new RangeError(`${file} answered ${length} rows for series ${at} of ${values.length}`)
      }
      return { score, alarm, instrument }
    })
}

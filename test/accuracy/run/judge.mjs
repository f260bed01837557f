import { countEvents } from '../metrics/event-score.mjs'
import { countRows } from '../metrics/row-rates.mjs'
import { vusPr } from '../metrics/vus-pr.mjs'
import { traceOf } from '../report/trace.mjs'

/** @typedef {import('../metrics/nab-score.mjs').RowSpan} RowSpan */
/** @typedef {import('../metrics/event-score.mjs').EventCount} EventCount */
/** @typedef {import('../metrics/row-rates.mjs').RowCount} RowCount */
/** @typedef {import('./product.mjs').Scored} Scored */
/**
 * @typedef {object} Judged what came of one series
 * @property {string} corpus
 * @property {string} name
 * @property {string} kind of normal, or the folder
 * @property {string} fault
 * @property {string} severity
 * @property {string} half
 * @property {number} days of readings
 * @property {EventCount} events process and instrument alarms together
 * @property {number} instrumentFalse false occurrences of instrument alarms among them
 * @property {RowCount} rows
 * @property {number | null} vus null without a label
 * @property {import('../report/trace.mjs').Trace | null} trace for the report
 */
/**
 * @typedef {object} Labelled
 * @property {string} name
 * @property {string} [kind]
 * @property {string} [fault]
 * @property {string} [severity]
 * @property {string} [half]
 * @property {number} [stepMs]
 * @property {Float64Array} timeMs
 * @property {Float64Array} values
 * @property {readonly RowSpan[]} windows
 */

const dayMs = 86_400_000
const instrumentFaults = ['silent', 'stuck']

/**
 * Judges one scored series.
 * @param {string} corpus
 * @param {Labelled} series
 * @param {Scored} scored
 * @param {{ fromRow?: number, isDrawn?: boolean }} [options] rows before `fromRow` (learned from) count for nothing
 * @returns {Judged}
 */
export function judge(corpus, series, { score, alarm, instrument }, { fromRow = 0, isDrawn = false } = {}) {
  const { name, windows, timeMs } = series
  const either = alarm.map((on, row) => (on === 1 || instrument[row] === 1 ? 1 : 0))
  const spanMs = (timeMs.at(-1) ?? 0) - (timeMs[Math.min(fromRow, timeMs.length - 1)] ?? 0)
  return {
    corpus,
    name,
    kind: series.kind ?? '',
    fault: series.fault ?? '',
    severity: series.severity ?? '',
    half: series.half ?? '',
    days: spanMs / dayMs,
    events: countEvents(either, windows, { fromRow }),
    instrumentFalse: countEvents(instrument, windows, { fromRow }).falseOccurrences,
    rows: countRows(either, windows, fromRow),
    // A silent or stuck sensor is a fault of the instrument: its rows are not scored, so they cannot rank high.
    vus: windows.length === 0 || instrumentFaults.includes(series.fault ?? '') ? null : vusPr(score, windows),
    trace: isDrawn ? traceOf(series, { score, alarm, instrument }) : null,
  }
}

import { eventScore, medianDelay } from '../metrics/event-score.mjs'
import { rowRates } from '../metrics/row-rates.mjs'

/** @typedef {import('./judge.mjs').Judged} Judged */
/**
 * @typedef {object} Summary
 * @property {number} series
 * @property {number} windows
 * @property {number} precision of events
 * @property {number} recall of events
 * @property {number} f1 of events
 * @property {number} vus mean of the series with a label
 * @property {number} far share of normal rows in alarm
 * @property {number} mar share of faulty rows without alarm
 * @property {number} delayRows median of the windows found
 * @property {number} falsePerDay false occurrences a sensor-day
 * @property {number} falsePerMonth false occurrences in 8,640 rows, a month of five-minute data
 * @property {number} falseRunsPerMonth the same, each stretch of alarm counted for itself
 */

/** Rows of a month of five-minute data. */
export const monthRows = 8_640

/** @param {readonly number[]} values */
function mean(values) {
  return values.length === 0 ? Number.NaN : values.reduce((sum, x) => sum + x, 0) / values.length
}

/**
 * All figures of some series together.
 * @param {readonly Judged[]} judged
 * @returns {Summary}
 */
export function summarise(judged) {
  const events = judged.map((one) => one.events)
  const normalRows = judged.reduce((sum, { rows }) => sum + rows.normal, 0)
  const sum = (/** @type {'falseOccurrences' | 'falseRuns' | 'windows'} */ of) =>
    events.reduce((total, count) => total + count[of], 0)
  const days = judged.reduce((total, one) => total + one.days, 0)
  const { far, mar } = rowRates(judged.map(({ rows }) => rows))
  return {
    series: judged.length,
    windows: sum('windows'),
    ...eventScore(events),
    vus: mean(judged.flatMap(({ vus }) => (vus === null ? [] : [vus]))),
    far,
    mar,
    delayRows: medianDelay(events),
    falsePerDay: sum('falseOccurrences') / days,
    falsePerMonth: (sum('falseOccurrences') * monthRows) / normalRows,
    falseRunsPerMonth: (sum('falseRuns') * monthRows) / normalRows,
  }
}

/**
 * The summaries of groups, in the order in which they come.
 * @param {readonly Judged[]} judged
 * @param {(one: Judged) => string} groupOf
 * @returns {Map<string, Summary>}
 */
export function summariseBy(judged, groupOf) {
  const names = [...new Set(judged.map(groupOf))]
  return new Map(names.map((name) => [name, summarise(judged.filter((one) => groupOf(one) === name))]))
}

/**
 * What the figures would be with each kind left out once: how much they hang on single kinds.
 * @param {readonly Judged[]} judged
 * @param {(summary: Summary) => number} of
 * @returns {{ least: number, most: number, deviation: number, leastWithout: string, mostWithout: string }}
 */
export function leaveOneOut(judged, of) {
  const kinds = [...new Set(judged.map(({ kind }) => kind))]
  const all = kinds.map((kind) => ({ kind, value: of(summarise(judged.filter((one) => one.kind !== kind))) }))
  const sorted = all.toSorted((a, b) => a.value - b.value)
  const centre = mean(all.map(({ value }) => value))
  // The jackknife's estimate of the deviation of the whole.
  const squares = all.reduce((sum, { value }) => sum + (value - centre) ** 2, 0)
  return {
    least: sorted[0]?.value ?? Number.NaN,
    most: sorted.at(-1)?.value ?? Number.NaN,
    deviation: Math.sqrt((squares * (all.length - 1)) / all.length),
    leastWithout: sorted[0]?.kind ?? '',
    mostWithout: sorted.at(-1)?.kind ?? '',
  }
}

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const folder = fileURLToPath(new URL('../data/nab', import.meta.url))

/** @typedef {import('../metrics/nab-score.mjs').RowSpan} RowSpan */
/** @typedef {{ name: string, timeMs: Float64Array, values: Float64Array }} Series */
/** @typedef {Series & { windows: RowSpan[] }} LabelledSeries rows in the order of the file, as a replay reads them */

/**
 * ms since 1970 of a local time without zone, read as UTC.
 * @param {string} text
 */
function instant(text) {
  return Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`)
}

/**
 * A series as its file has it, duplicates and disorder included.
 * @param {string} name
 * @returns {Series}
 */
function readSeries(name) {
  const lines = gunzipSync(readFileSync(`${folder}/${name}`))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
  const cells = lines.map((line) => line.split(','))
  return {
    name: name.replace('.csv.gz', ''),
    timeMs: Float64Array.from(cells, ([time = '']) => instant(time)),
    values: Float64Array.from(cells, ([, value = '']) => Number(value)),
  }
}

/**
 * Files of the corpus in the order of their names, in every locale the same.
 * @param {string} beginning of the folder's name
 */
function fileNames(beginning) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.csv.gz') && name.startsWith(beginning))
    .sort()
}

/**
 * The 36 series of the Numenta Anomaly Benchmark that the repository has, with their windows by row.
 * @returns {LabelledSeries[]}
 */
export function nabCorpus() {
  /** @type {Record<string, [string, string][]>} */
  const labels = JSON.parse(readFileSync(`${folder}/windows.json`, 'utf8'))
  return fileNames('').map((file) => {
    const series = readSeries(file)
    const windows = (labels[file.replace('.gz', '')] ?? []).map(([from, to]) => {
      const first = series.timeMs.findIndex((timeMs) => timeMs >= instant(from))
      const last = series.timeMs.findLastIndex((timeMs) => timeMs <= instant(to))
      return /** @type {const} */ ([first, last])
    })
    return { ...series, windows }
  })
}

/**
 * A series in order of time, the first of equal times.
 * @param {Series} series
 * @returns {Series}
 */
function ordered({ name, timeMs, values }) {
  const rows = [...timeMs.keys()].sort((a, b) => (timeMs[a] ?? 0) - (timeMs[b] ?? 0))
  const kept = rows.filter((row, at) => at === 0 || timeMs[row] !== timeMs[rows[at - 1] ?? 0])
  return {
    name,
    timeMs: Float64Array.from(kept, (row) => timeMs[row] ?? Number.NaN),
    values: Float64Array.from(kept, (row) => values[row] ?? Number.NaN),
  }
}

/**
 * The recorded (not artificial) series of at least so many rows that move at all, by name, in order of time.
 * @param {number} rowsLeast
 * @returns {Series[]}
 */
export function recordedSeries(rowsLeast) {
  const all = fileNames('real').map((file) => ordered(readSeries(file)))
  return all.filter(({ values }) => values.length >= rowsLeast && new Set(values).size > 50)
}

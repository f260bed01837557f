import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const folder = fileURLToPath(new URL('data/nab', import.meta.url))

/** @typedef {{ name: string, timeMs: Float64Array, values: Float64Array }} Series */

/**
 * The rows of a series in order of time, the first of equal times.
 * @param {string} name
 * @returns {Series}
 */
function readSeries(name) {
  const lines = gunzipSync(readFileSync(`${folder}/${name}`))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
  const rows = lines.map((line) => {
    const [time = '', value = ''] = line.split(',')
    return /** @type {const} */ ([Date.parse(`${time.replace(' ', 'T')}Z`), Number(value)])
  })
  rows.sort((a, b) => a[0] - b[0])
  const kept = rows.filter((row, at) => at === 0 || row[0] !== rows[at - 1]?.[0])
  return { name, timeMs: Float64Array.from(kept, (row) => row[0]), values: Float64Array.from(kept, (row) => row[1]) }
}

/**
 * The recorded series of at least so many rows that move at all, by name.
 * @param {number} rowsLeast
 * @returns {Series[]}
 */
export function recordedSeries(rowsLeast) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.csv.gz'))
  const all = files.sort().map(readSeries)
  return all.filter(({ values }) => values.length >= rowsLeast && new Set(values).size > 50)
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length % 2 === 1
    ? (sorted[sorted.length >> 1] ?? Number.NaN)
    : ((sorted[sorted.length / 2 - 1] ?? 0) + (sorted[sorted.length / 2] ?? 0)) / 2
}

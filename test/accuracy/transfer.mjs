// How much history a model needs: one that goes on from `base` against one from nothing, by the length of the history.
// Usage: npm run transfer [-- --quick]   (needs a built clone; prints the table of the README as Markdown)
import { recordedSeries } from './corpora/nab.mjs'
import { median } from './metrics/median.mjs'
import { historyOf, part, taught } from './taught.mjs'

const dist = (/** @type {string} */ file) => import(new URL(`../../dist/${file}`, import.meta.url).href)
const { loadModelFiles } = await dist('cli/model-files.js')
const { prepare } = await dist('train/data/prepare.js')
const { forecastsOf } = await dist('train/forecasts.js')

/** @typedef {import('../../src/train/data/history.ts').History} History */
/** @typedef {import('../../src/model/model.ts').Model} Model */

const quick = process.argv.includes('--quick')
const lengths = quick ? [150, 600] : [150, 300, 600, 1200, 2400]
const horizons = 10
const base = loadModelFiles('base')
/**
 * Mean absolute error over all horizons on the rows from `testFrom` on, by that of repeating the last value.
 * @param {Model} model
 * @param {History} history
 * @param {number} learnedFrom
 * @param {number} testFrom
 */
function relativeError(model, history, learnedFrom, testFrom) {
  const none = { from: testFrom, to: testFrom }
  const split = { train: { from: learnedFrom, to: testFrom }, validation: none, test: none }
  const prepared = prepare(history, split, { scaler: 'standard', calendar: [], inputClip: 8 }, model.scaler?.scales)
  const { expected } = forecastsOf(model, prepared, { by: 'stream', window: 32 })
  let own = 0
  let naive = 0
  for (let row = testFrom; row < history.values.length; row++) {
    for (let h = 1; h <= horizons; h++) {
      const before = row - h
      own += Math.abs((history.values[row] ?? 0) - (expected[before * horizons + h - 1] ?? 0))
      naive += Math.abs((history.values[row] ?? 0) - (history.values[before] ?? 0))
    }
  }
  return own / naive
}

// A series takes part when its longest history and as much again to test on are there.
const long = recordedSeries(4000).map(historyOf)
const series = quick ? long.slice(0, 3) : long
/** @type {Map<string, number[][]>} */
const errors = new Map([
  ['base as it ships', []],
  ['from nothing', []],
  ['from base', []],
])
for (const history of series) {
  const testFrom = Math.floor(0.65 * history.values.length)
  /** @type {Record<string, number[]>} */
  const rows = { 'base as it ships': [], 'from nothing': [], 'from base': [] }
  for (const length of lengths) {
    const from = testFrom - length
    const learned = part(history, from, testFrom)
    rows['base as it ships']?.push(relativeError(base, history, from, testFrom))
    rows['from nothing']?.push(relativeError(taught(learned, null), history, from, testFrom))
    rows['from base']?.push(relativeError(taught(learned, base), history, from, testFrom))
  }
  for (const [name, list] of Object.entries(rows)) errors.get(name)?.push(list)
  process.stderr.write(`${history.name}: ${JSON.stringify(rows)}\n`)
}

process.stdout.write(
  `median over ${series.length} series: mean error of 1…${horizons} steps ahead, by that of the last value\n\n`,
)
process.stdout.write(`| rows of history | ${lengths.join(' | ')} |\n|---|${lengths.map(() => '---').join('|')}|\n`)
for (const [name, lists] of errors) {
  const cells = lengths.map((_, at) => median(lists.map((list) => list[at] ?? Number.NaN)).toFixed(3))
  process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`)
}
const wins = lengths.map((_, at) => {
  const [scratch = [], tuned = []] = [errors.get('from nothing'), errors.get('from base')]
  return scratch.filter((list, n) => (tuned[n]?.[at] ?? 0) < (list[at] ?? 0)).length
})
process.stdout.write(`| series on which base wins, of ${series.length} | ${wins.join(' | ')} |\n`)

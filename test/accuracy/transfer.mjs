// How much history a model needs: one that goes on from `base` against one from nothing, by the length of the history.
// Usage: npm run transfer [-- --quick]   (needs a built clone; prints the table of the README as Markdown)
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url))
const dist = (/** @type {string} */ file) => import(path(`../../dist/${file}`))
const { gapsOf, medianStepOf } = await dist('core/align.js')
const { loadModelFiles } = await dist('cli/model-files.js')
const { makeLesson, taughtModel } = await dist('train/lesson.js')
const { createOwnLearner } = await dist('train/fit/own-learner.js')
const { fitNetwork } = await dist('train/fit/fit.js')
const { parsePlan } = await dist('train/plan.js')
const { prepare } = await dist('train/data/prepare.js')
const { forecastsOf } = await dist('train/forecasts.js')

/** @typedef {import('../../src/train/data/history.ts').History} History */
/** @typedef {import('../../src/model/model.ts').Model} Model */

const quick = process.argv.includes('--quick')
const lengths = quick ? [150, 600] : [150, 300, 600, 1200, 2400]
const horizons = 10
const base = loadModelFiles('base')
const card = {
  summary: 'transfer',
  data: '',
  seed: 1,
  epochs: 0,
  losses: {},
  settings: {},
  command: 'npm run transfer',
}

/**
 * The rows of a series in order of time, the first of equal times.
 * @param {string} file
 * @returns {History}
 */
function readHistory(file) {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').slice(1)
  const rows = lines.map((line) => {
    const [time = '', value = ''] = line.split(',')
    return /** @type {const} */ ([Date.parse(`${time.replace(' ', 'T')}Z`), Number(value)])
  })
  rows.sort((a, b) => a[0] - b[0])
  const kept = rows.filter((row, at) => at === 0 || row[0] !== rows[at - 1]?.[0])
  const timeMs = Float64Array.from(kept, (row) => row[0])
  const stepMs = medianStepOf(timeMs)
  const values = Float64Array.from(kept, (row) => row[1])
  return { name: file, channels: ['value'], context: [], timeMs, values, gapBefore: gapsOf(timeMs, stepMs), stepMs }
}

/**
 * @param {History} history
 * @param {number} from
 * @param {number} to
 * @returns {History}
 */
function part(history, from, to) {
  const gapBefore = history.gapBefore.slice(from, to)
  gapBefore[0] = 1
  return { ...history, timeMs: history.timeMs.slice(from, to), values: history.values.slice(from, to), gapBefore }
}

/**
 * A model from so many rows, from nothing or from `base`; the epoch is chosen on the last quarter of them.
 * @param {History} history
 * @param {Model | null} from
 * @returns {Model}
 */
function taught(history, from) {
  const plan = parsePlan({
    data: { window: 32, stride: 8, validation: 0.25, test: 0, horizons },
    fit: { rate: from === null ? 5e-3 : 1e-3, epochs: 40, patience: 10 },
  })
  const lesson = makeLesson([history], plan, from)
  const learner = createOwnLearner(lesson.model, lesson.settings)
  const running = fitNetwork(learner, lesson, plan.fit)
  let next = running.next()
  while (!next.done) next = running.next()
  return taughtModel(lesson, 'taught', next.value.weights, card)
}

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

const folder = path('data/nab')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.csv.gz'))
const all = files.sort().map((name) => readHistory(`${folder}/${name}`))
// A series takes part when its longest history and as much again to test on are there, and it moves at all.
const long = all.filter((history) => history.values.length >= 4000 && new Set(history.values).size > 50)
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
  process.stderr.write(`${history.name.slice(folder.length + 1)}: ${JSON.stringify(rows)}\n`)
}

/** @param {number[]} values */
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length % 2 === 1
    ? (sorted[sorted.length >> 1] ?? Number.NaN)
    : ((sorted[sorted.length / 2 - 1] ?? 0) + (sorted[sorted.length / 2] ?? 0)) / 2
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

// Measures detection on every corpus, compares with the stored results and writes the report with every series.
// Usage: npm run accuracy [-- --only nab,bench] [--accept] [--out FOLDER] [--detector FILE]
//   --only       parts by name (run with a wrong name to see them); the others keep their stored results
//   --accept     makes the figures measured now the stored ones (test/accuracy/results.json)
//   --detector   runs a prototype in place of the product: a file whose default export is (rows, setting) => ({ score, alarm })
//   --half       choose or report: only that half of the generated series; constants are chosen on the one, reported on the other
//   --times N    N times as many generated series
// Exit code 1 where a figure is worse than its stored one by more than its tolerance.
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { reportPage } from './report/page.mjs'
import { cellText, tableText } from './report/table-text.mjs'
import { parts } from './run/parts.mjs'
import { product } from './run/product.mjs'
import { prototype } from './run/prototype.mjs'
import { sampleOf } from './run/sample.mjs'
import { smallFigures } from './run/small.mjs'
import { accept, compare, storedResults } from './run/tracked.mjs'

/** @typedef {import('./run/parts.mjs').Figures} Figures */

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    accept: { type: 'boolean', default: false },
    out: { type: 'string', default: 'test-results/accuracy' },
    detector: { type: 'string' },
    half: { type: 'string' },
    times: { type: 'string', default: '1' },
  },
})
const { detector: file, half, out } = given
if (half !== undefined && half !== 'choose' && half !== 'report')
  throw new Error(`--half is choose or report, not ${half}`)
const times = Number(given.times)
if (!Number.isInteger(times) || times < 1) throw new Error(`--times is a whole number from 1 on, not ${given.times}`)
// Figures of other series than the stored ones are told, but not compared.
const isAsStored = half === undefined && times === 1
if (given.accept && (file !== undefined || !isAsStored)) {
  throw new Error(
    '--accept stores figures of the product on the usual series: leave --detector, --half and --times out',
  )
}
const names = [...parts.map(({ name }) => name), 'small']
const wanted = given.only?.split(',') ?? names
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`no part is called ${unknown.join(', ')}; parts: ${names.join(', ')}`)

const isTerminal = process.stderr.isTTY === true
let shownAt = 0
/**
 * Where a part is: on a terminal one line that changes, else a line every ten seconds.
 * @param {string} does
 * @param {number} done
 * @param {number} of
 */
function showProgress(does, done, of) {
  const text = `${does}: ${done} of ${of}`
  if (isTerminal) process.stderr.write(`\r\u001b[K${done === of ? '' : text}`)
  else if (Date.now() - shownAt > 10_000) {
    shownAt = Date.now()
    process.stderr.write(`${text}\n`)
  }
}

const detect = file === undefined ? product() : await prototype(file)
/** @type {Figures} */
const figures = {}
const tables = []
const judged = []
for (const part of parts.filter(({ name }) => wanted.includes(name))) {
  const beganMs = Date.now()
  const progress = (/** @type {number} */ done, /** @type {number} */ of) => showProgress(part.does, done, of)
  const result = await part.run({
    detect,
    isPrototype: file !== undefined,
    isDrawn: true,
    sample: sampleOf(half, times),
    progress,
  })
  Object.assign(figures, result.figures)
  tables.push(...result.tables)
  judged.push(...result.judged)
  process.stderr.write(`${part.name}: ${((Date.now() - beganMs) / 1_000).toFixed(0)} s\n`)
  for (const table of result.tables) process.stdout.write(`${tableText(table)}\n`)
}
if (wanted.includes('small')) Object.assign(figures, smallFigures(detect))

const comparisons = compare(figures, isAsStored ? storedResults() : {})
const rows = comparisons.map(({ name, value, stored, verdict }) => [name, value, stored?.value ?? '–', verdict])
process.stdout.write(`${tableText({ title: 'Figures', head: ['figure', 'now', 'stored', 'verdict'], rows })}\n`)
mkdirSync(out, { recursive: true })
const title = file === undefined ? 'Residua: accuracy' : `Prototype ${file}: accuracy`
writeFileSync(`${out}/figures.json`, `${JSON.stringify(figures, null, 2)}\n`)
writeFileSync(`${out}/report.html`, reportPage(title, comparisons, tables, judged))
process.stdout.write(`report: ${out}/report.html, every series with its score and its alarms\n`)

const worse = comparisons.filter(({ verdict }) => verdict === 'worse')
if (given.accept) accept(figures)
else if (file === undefined && worse.length > 0) {
  const list = worse.map(({ name, value, stored }) => `${name} ${cellText(value)} (stored ${stored?.value})`)
  process.stdout.write(`worse than stored: ${list.join(', ')}\nA change that is meant is stored with --accept.\n`)
  process.exitCode = 1
}

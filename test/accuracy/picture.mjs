// Draws what `residua replay --learn-rows 2000` says of the machine temperature series: the picture of the README.
// Usage: npm run picture (writes machine-temperature.svg beside this file; needs a built clone).
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url))
const series = path('../../src/demo/data/nab/machine_temperature_system_failure.csv')
/** @type {Record<string, [string, string][]>} */
const labels = JSON.parse(readFileSync(path('../../src/demo/data/nab/windows.json'), 'utf8'))
const instant = (/** @type {string} */ text) => Date.parse(`${text.replace(' ', 'T')}Z`)
const windows = Object.values(labels)
  .flat()
  .map((window) => ({ from: instant(window[0]), to: instant(window[1]) }))
const folder = mkdtempSync(join(tmpdir(), 'residua-picture-'))
const output = join(folder, 'scores.csv')
const alarmFile = join(folder, 'alarms.ndjson')
const replay = ['replay', series, '--learn-rows', '2000', '--out', output, '--alarms', alarmFile]
execFileSync(process.execPath, [path('../../dist/main.js'), ...replay], { stdio: ['ignore', 'ignore', 'inherit'] })
const lines = readFileSync(output, 'utf8').trim().split('\n').slice(1)
/** @type {{ id: string, state: string, eventTime: number | string, value: number, message: string }[]} */
const transitions = readFileSync(alarmFile, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
rmSync(folder, { recursive: true })
const number = (/** @type {string | undefined} */ cell) =>
  cell === undefined || cell === '' ? Number.NaN : Number(cell)
// The columns are those of the reference: timestamp,sensor,value,expected,lower,upper,residual,score,alarm,quality.
const rows = lines.map((line) => {
  const cells = line.split(',')
  return {
    time: Date.parse(cells[0] ?? ''),
    value: number(cells[2]),
    score: number(cells[7]),
    learning: cells[9] === 'learning',
  }
})
/** Occurrences: an alarm that comes back soon is the same one. */
const raised = transitions
  .filter(({ id, state }, index) => state === 'unack' && transitions.findIndex((other) => other.id === id) === index)
  .map(({ eventTime, value, message }) => ({ time: new Date(eventTime).getTime(), value, message }))
const inside = (/** @type {number} */ time) => windows.findIndex(({ from, to }) => time >= from && time <= to)
const found = new Set(raised.map(({ time }) => inside(time)).filter((index) => index >= 0))

const width = 1200
const left = 60
const right = 1180
const times = rows.map((row) => row.time)
const from = Math.min(...times)
const to = Math.max(...times)
const x = (/** @type {number} */ time) => left + ((time - from) / (to - from)) * (right - left)
const y = (/** @type {number} */ value) => 300 - (value / 110) * 250
const scoreY = (/** @type {number} */ score) => 420 - score * 90
// One column a pixel: the lowest and highest value of the rows that fall into it, so that no spike is lost.
/**
 * @param {(row: typeof rows[number]) => number} pick
 * @param {(value: number) => number} toY
 */
function envelope(pick, toY) {
  /** @type {Map<number, [number, number]>} */
  const columns = new Map()
  for (const row of rows) {
    const value = pick(row)
    if (Number.isNaN(value)) continue
    const at = Math.round(x(row.time))
    const known = columns.get(at)
    if (known === undefined) columns.set(at, [value, value])
    else columns.set(at, [Math.min(known[0], value), Math.max(known[1], value)])
  }
  return [...columns]
    .sort(([a], [b]) => a - b)
    .map(
      ([at, [low, high]], index) =>
        `${index === 0 ? 'M' : 'L'}${at} ${toY(low).toFixed(1)}L${at} ${toY(high).toFixed(1)}`,
    )
    .join('')
}
const day = (/** @type {number} */ time) => new Date(time).toISOString().slice(0, 10)
const learned = rows.filter((row) => row.learning).at(-1)?.time ?? from
const parts = [
  `<rect width="${width}" height="470" fill="#fff"/>`,
  `<rect x="${x(from)}" y="30" width="${x(learned) - x(from)}" height="400" fill="#eef1f4"/>`,
  `<text x="${x(from) + 2}" y="24" class="s">learning</text>`,
  ...windows.map(
    ({ from: a, to: b }, index) =>
      `<rect x="${x(a)}" y="30" width="${Math.max(2, x(b) - x(a))}" height="400" fill="${found.has(index) ? '#cfe8cf' : '#f6d9b8'}"/>` +
      `<text x="${(x(a) + x(b)) / 2}" y="24" class="s" text-anchor="middle">${found.has(index) ? 'found' : 'missed'}</text>`,
  ),
  `<path d="${envelope((row) => row.value, y)}" fill="none" stroke="#335c81" stroke-width="1"/>`,
  `<path d="${envelope((row) => row.score, scoreY)}" fill="none" stroke="#555" stroke-width="1"/>`,
  `<line x1="${left}" x2="${right}" y1="${scoreY(0.5)}" y2="${scoreY(0.5)}" stroke="#b00020" stroke-dasharray="4 4"/>`,
  ...raised.map(
    (row) =>
      `<line x1="${x(row.time)}" x2="${x(row.time)}" y1="30" y2="430" stroke="#b00020"/>` +
      `<circle cx="${x(row.time)}" cy="${y(row.value)}" r="4" fill="#b00020"/>`,
  ),
  ...[20, 60, 100].map((value) => `<text x="52" y="${y(value) + 4}" class="s" text-anchor="end">${value}</text>`),
  `<text x="16" y="170" class="s" transform="rotate(-90 16 170)" text-anchor="middle">temperature</text>`,
  `<text x="52" y="${scoreY(1) + 4}" class="s" text-anchor="end">1</text>`,
  `<text x="52" y="${scoreY(0.5) + 4}" class="s" text-anchor="end">0.5</text>`,
  `<text x="16" y="375" class="s" transform="rotate(-90 16 375)" text-anchor="middle">score</text>`,
]
for (let time = Math.ceil(from / 864e5) * 864e5; time < to; time += 10 * 864e5) {
  parts.push(`<text x="${x(time)}" y="448" class="s" text-anchor="middle">${day(time)}</text>`)
}
const outside = raised.filter((row) => inside(row.time) < 0).length
parts.push(
  `<text x="${left}" y="465" class="s">labelled failures: green found, orange missed; red: an alarm is raised. ` +
    `${found.size} of ${windows.length} found, ${outside} alarm${outside === 1 ? '' : 's'} outside.</text>`,
)
writeFileSync(
  path('machine-temperature.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 470" font-family="sans-serif"><title>Temperature, score and alarms of the real machine</title><style>.s{font-size:12px;fill:#333}</style>${parts.join('')}</svg>\n`,
)
process.stdout.write(
  `${found.size} of ${windows.length} windows found (${[...found]
    .sort()
    .map((index) => index + 1)
    .join(', ')}), ${outside} alarm${outside === 1 ? '' : 's'} outside: ${raised
    .map((row) => `${new Date(row.time).toISOString().slice(0, 16)}${inside(row.time) < 0 ? ' (outside)' : ''}`)
    .join(', ')}\n`,
)

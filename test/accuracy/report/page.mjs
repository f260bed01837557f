import { readFileSync } from 'node:fs'
import { cellText } from './table-text.mjs'

/** @typedef {import('../run/parts.mjs').Table} Table */
/** @typedef {import('../run/judge.mjs').Judged} Judged */
/** @typedef {import('../run/tracked.mjs').Comparison} Comparison */

const read = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), 'utf8')

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** @param {Table} table */
function tableMarkup({ title, head, rows }) {
  const line = (/** @type {readonly (string | number)[]} */ cells, /** @type {string} */ tag) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cellText(cell))}</${tag}>`).join('')}</tr>`
  const body = rows.map((row) => line(row, 'td')).join('')
  return `<details open><summary>${escaped(title)}</summary><table>${line(head, 'th')}${body}</table></details>`
}

/** @param {readonly Comparison[]} comparisons */
function comparisonTable(comparisons) {
  return tableMarkup({
    title: 'Figures that are stored and compared',
    head: ['figure', 'now', 'stored', 'tolerance', 'verdict'],
    rows: comparisons.map(({ name, value, stored, verdict }) => [
      name,
      value,
      stored?.value ?? '–',
      stored?.tolerance ?? '–',
      verdict,
    ]),
  })
}

/** What the page draws of a series. @param {Judged} judged */
function drawn({ corpus, name, kind, fault, severity, half, events, vus, trace }) {
  const { found, falseOccurrences } = events
  return { corpus, name, kind, fault, severity, half, found, falseOccurrences, vus, ...trace }
}

/**
 * The report: figures, tables, and every series with its values, labels, score and alarms. One file, no network.
 * @param {string} title
 * @param {readonly Comparison[]} comparisons
 * @param {readonly Table[]} tables
 * @param {readonly Judged[]} judged
 */
export function reportPage(title, comparisons, tables, judged) {
  const series = judged.filter(({ trace }) => trace !== null).map(drawn)
  // A script ends at the first "</", even within a string.
  const data = JSON.stringify(series).replaceAll('</', '<\\/')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${read('page.css')}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<nav><a href="#figures">figures</a> <a href="#series">series</a></nav>
<section id="figures">${comparisonTable(comparisons)}${tables.map(tableMarkup).join('')}</section>
<section id="series">
<h2>Every series</h2>
<p class="legend"><span class="window">labelled fault</span> <span class="alarm">process alarm</span>
<span class="instrument">instrument alarm</span> upper curve: values (lowest and highest of each column); lower curve: score, dashed line 0.5</p>
<form id="filters"></form>
<p id="count"></p>
<div id="cards"></div>
</section>
<script id="data" type="application/json">${data}</script>
<script type="module">${read('page-script.mjs')}</script>
</body>
</html>
`
}

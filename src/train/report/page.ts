import { type Chart, chartStyle, darkColours, lightColours, narrowChartPx, svgElement, wideChartPx } from './chart.ts'
import { escapeText } from './markup.ts'

/** A picture of a page with what is said above it. */
export interface Figure {
  readonly title: string
  readonly note?: string
  readonly chart: Chart
  /** Half a page wide: two stand beside each other. */
  readonly isHalf?: boolean
}

/** One fact of a list: its name and its value as text. */
export type Fact = readonly [name: string, value: string]

/** What a page is made of; `body` is HTML already. */
export interface PageOptions {
  readonly title: string
  /** The finding in one plain sentence. */
  readonly sentence: string
  readonly body: string
}

const style = [
  `:root{${lightColours}}`,
  `@media(prefers-color-scheme:dark){:root{${darkColours}}}`,
  '*{box-sizing:border-box}',
  'html{-webkit-text-size-adjust:100%}',
  'body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}',
  'main{max-width:824px;margin:0 auto;padding:28px 20px 40px}',
  'h1{margin:0 0 6px;font-size:24px;line-height:1.25;letter-spacing:-.01em;overflow-wrap:anywhere}',
  'h2{margin:0;font-size:15px;line-height:1.35}',
  '.brand{margin:0 0 14px;color:var(--muted);font-size:13px}',
  '.lead{margin:0 0 22px;font-size:17px;line-height:1.45;max-width:62ch;overflow-wrap:anywhere}',
  '.card{margin:0 0 16px;padding:18px 20px;background:var(--surface);border:1px solid var(--grid);border-radius:8px}',
  'figure.card{margin:0 0 16px}figcaption{margin:0 0 12px}figcaption p,.notes{color:var(--muted);font-size:13px;margin:2px 0 0}',
  '.halves{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:16px;margin:0 0 16px}.halves figure.card{margin:0;min-width:0}',
  'dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px;margin:0}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}',
  // A shadow at the right says that a table goes on there; what scrolls with the table hides it at the end.
  '.scroll{overflow-x:auto;background:linear-gradient(to left,var(--surface) 40%,transparent) right/40px 100% no-repeat local,linear-gradient(to left,var(--line),transparent) right/12px 100% no-repeat scroll}.scroll:focus-visible{outline:2px solid var(--own);outline-offset:4px;border-radius:4px}',
  'table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}',
  'caption{text-align:left;font-weight:650;font-size:15px;padding:0 0 10px}',
  'th,td{padding:7px 12px;text-align:left;border-top:1px solid var(--grid);white-space:nowrap;font-weight:400}',
  'thead th{border-top:0;color:var(--muted);font-size:13px;vertical-align:bottom}',
  'th:first-child,td:first-child{padding-left:8px}th:last-child,td:last-child{padding-right:8px}',
  '.number{text-align:right}.unit{color:var(--muted)}',
  'tr.own>*{background:var(--soft)}tr.own>th{font-weight:650}',
  '.notes{margin:0 0 16px;padding:0 0 0 18px}',
  'a{color:var(--own)}',
  '.narrow{display:none}',
  '@media(max-width:600px){main{padding:20px 10px 28px}.card{padding:14px 12px}.wide{display:none}.narrow{display:block}.lead{font-size:16px}dl{gap:4px 14px}}',
  '@media print{body{background:none}.card{break-inside:avoid}}',
  chartStyle,
].join('\n')

/**
 * A page as one HTML file: nothing is loaded from anywhere, and nothing runs.
 *
 * The policy in its head forbids both, should a text ever get in that is not escaped.
 */
export function pageHtml({ title, sentence, body }: PageOptions): string {
  const name = escapeText(title)
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n' +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">\n` +
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    `<link rel="icon" href="data:,">\n<title>${name} – Residua</title>\n<style>\n${style}\n</style></head>\n` +
    `<body><main>\n<p class="brand">Residua</p>\n<h1>${name}</h1>\n<p class="lead">${escapeText(sentence)}</p>\n` +
    `${body}</main></body></html>\n`
  )
}

/** Pictures one below the other; neighbours of half a width beside each other. */
export function figuresHtml(figures: readonly Figure[]): string {
  let html = ''
  let isOpen = false
  for (const figure of figures) {
    const isHalf = figure.isHalf === true
    if (isHalf !== isOpen) html += isHalf ? '<div class="halves">' : '</div>\n'
    isOpen = isHalf
    html += figureHtml(figure)
  }
  return isOpen ? `${html}</div>\n` : html
}

/** A chart is drawn twice, for a wide and for a narrow page; the style sheet shows one of them. */
function figureHtml({ title, note, chart, isHalf = false }: Figure): string {
  const remark = note === undefined ? '' : `<p>${escapeText(note)}</p>`
  const narrow = svgElement(chart, narrowChartPx)
  const both = `<div class="wide">${svgElement(chart, wideChartPx)}</div><div class="narrow">${narrow}</div>`
  return `<figure class="card"><figcaption><h2>${escapeText(title)}</h2>${remark}</figcaption>${isHalf ? narrow : both}</figure>\n`
}

/** Facts as a list of names and values. */
export function factsHtml(title: string, facts: readonly Fact[]): string {
  if (facts.length === 0) return ''
  const rows = facts.map(([name, value]) => `<dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd>`)
  return `<section class="card"><h2 style="margin-bottom:8px">${escapeText(title)}</h2><dl>${rows.join('\n')}</dl></section>\n`
}

/** Notes below a table. */
export function notesHtml(notes: readonly string[]): string {
  if (notes.length === 0) return ''
  return `<ul class="notes">${notes.map((note) => `<li>${escapeText(note)}</li>`).join('')}</ul>\n`
}

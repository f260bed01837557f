import { ratios } from './ratios.mjs'

/** @typedef {import('./ratios.mjs').Found} Found */

/**
 * The ratios for a person: what was reached, what it should be, and the times behind it.
 * @param {Record<string, Found | null>} found
 */
export function foundText(found) {
  const lines = [
    'GRU (reset-after), H = 32, one input, head, gather and scatter included, one thread; median of paired ratios (quartiles)',
    `${'ratio'.padEnd(20)}${'measured'.padStart(9)}  ${'quartiles'.padEnd(15)}${'at least'.padEnd(10)}${'aim'.padEnd(7)}times`,
  ]
  for (const [name, each] of Object.entries(found)) {
    const ratio = ratios[name]
    if (each === null || ratio === undefined) {
      lines.push(`${name.padEnd(20)}${'–'.padStart(9)}`)
      continue
    }
    const { unit, oursNs, theirsNs, oursName, theirsName } = each
    const measured = each.ratio.toFixed(2).padStart(9)
    const quartiles = `${each.low.toFixed(2)}…${each.high.toFixed(2)}`.padEnd(15)
    const goals = `${String(ratio.least).padEnd(10)}${String(ratio.aim).padEnd(7)}`
    const times = `${nanoseconds(oursNs)} a ${unit} (${oursName}), ${nanoseconds(theirsNs)} (${theirsName})`
    lines.push(`${name.padEnd(20)}${measured}  ${quartiles}${goals}${times}`)
  }
  return lines
}

/** @param {number} ns */
function nanoseconds(ns) {
  return ns < 10_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1_000).toFixed(1)} µs`
}

/**
 * A line of the full table, or its head for null: nanoseconds a step and, in brackets, how often ours fits into it.
 * @param {import('./full.mjs').Case | null} each
 */
export function caseText(each) {
  const names = ['kernel', 'stream', 'relaxed', 'c', 'ort', 'tfjs_wasm']
  if (each === null)
    return `${'cell'.padEnd(6)}${'H'.padStart(4)}${'batch'.padStart(7)}${names.map((name) => name.padStart(19)).join('')}`
  const cells = names.map((name) => {
    const ns = each.ns[name] ?? null
    const ratio = each.ratios[name] ?? null
    const text = ns === null || ratio === null ? '–' : `${ns.toFixed(0)} (${ratio.toFixed(2)})`
    return text.padStart(19)
  })
  return `${each.cell.padEnd(6)}${String(each.hidden).padStart(4)}${String(each.batch).padStart(7)}${cells.join('')}`
}

import { readFileSync, writeFileSync } from 'node:fs'

/** @typedef {import('./parts.mjs').Figures} Figures */
/** @typedef {{ value: number, tolerance: number, better: 'higher' | 'lower' }} Stored */
/** @typedef {'same' | 'better' | 'worse' | 'new'} Verdict */
/** @typedef {{ name: string, value: number, stored: Stored | undefined, verdict: Verdict }} Comparison */

const file = new URL('../results.json', import.meta.url)

/** Which way a figure is better, and how far it may fall before that is a regression; the first that fits. */
const rules = /** @type {const} */ ([
  { of: /nab\./, better: 'higher', tolerance: 1 },
  // Alarms of one machine are whole numbers.
  { of: /otherAlarms$/, better: 'lower', tolerance: 0 },
  { of: /[fF]ound$/, better: 'higher', tolerance: 0 },
  { of: /worstKindPerMonth$/, better: 'lower', tolerance: 0.25 },
  { of: /^(machines|fleet)\.falsePerMonth$/, better: 'lower', tolerance: 0.5 },
  { of: /rowF1$/, better: 'higher', tolerance: 0.01 },
  { of: /row(Far|Mar)$/, better: 'lower', tolerance: 0.01 },
  { of: /falsePerMonth$/, better: 'lower', tolerance: 0.05 },
  { of: /\.far$/, better: 'lower', tolerance: 0.001 },
  // A dozen windows: one more or less is 0.08.
  { of: /machines|fleet/, better: 'higher', tolerance: 0.05 },
  { of: /\.(recall|f1|vus)$/, better: 'higher', tolerance: 0.01 },
])

/**
 * The stored results, by name.
 * @returns {Record<string, Stored>}
 */
export function storedResults() {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/**
 * Compares figures with the stored ones, each by its own tolerance.
 * @param {Figures} figures
 * @param {Readonly<Record<string, Stored>>} stored
 * @returns {Comparison[]}
 */
export function compare(figures, stored) {
  return Object.entries(figures).map(([name, value]) => {
    const known = stored[name]
    if (known === undefined) return { name, value, stored: undefined, verdict: 'new' }
    const gain = known.better === 'higher' ? value - known.value : known.value - value
    // What is no number any more is worse than any number.
    if (!(gain >= -known.tolerance)) return { name, value, stored: known, verdict: 'worse' }
    return { name, value, stored: known, verdict: gain > known.tolerance ? 'better' : 'same' }
  })
}

/**
 * Makes figures the stored ones; those that were not measured stay.
 *
 * Errors: `RangeError` for a figure of which nobody said which way is better.
 * @param {Figures} figures
 */
export function accept(figures) {
  const stored = storedResults()
  for (const [name, value] of Object.entries(figures)) {
    const rule = rules.find(({ of }) => of.test(name))
    if (rule === undefined) throw new RangeError(`which way is ${name} better? Say it in run/tracked.mjs`)
    if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value}: only numbers are stored`)
    stored[name] = { value: Number(value.toPrecision(6)), tolerance: rule.tolerance, better: rule.better }
  }
  const sorted = Object.fromEntries(Object.entries(stored).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`)
}

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** How much of a stored ratio may be lost before a run fails. */
const lossMax = 0.15

/**
 * @typedef {Record<string, number | null>} Ratios
 * @typedef {{ date: string, machine: string, node: string, hash: string, ratios: Ratios }} Baseline
 */

/**
 * Ratios that have fallen more than 15 % below the stored ones; what either side has not measured is not compared.
 * @param {Ratios} ratios
 * @param {Baseline} baseline
 */
export function losses(ratios, baseline) {
  return Object.entries(baseline.ratios).flatMap(([name, stored]) => {
    const found = ratios[name] ?? null
    if (stored === null || found === null || found >= stored * (1 - lossMax)) return []
    return [{ name, stored, found }]
  })
}

/**
 * @param {string} path
 * @returns {Baseline}
 */
export function readBaseline(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/**
 * @param {string} path
 * @param {Ratios} ratios
 * @param {string} hash
 */
export function writeBaseline(path, ratios, hash) {
  const machine = `${cpus()[0]?.model.trim() ?? process.arch}, ${cpus().length} cores`
  const baseline = { date: new Date().toISOString().slice(0, 10), machine, node: process.version, hash, ratios }
  writeFileSync(path, `${JSON.stringify(baseline, null, 2)}\n`)
}

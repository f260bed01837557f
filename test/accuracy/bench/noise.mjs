import { math } from '../built.mjs'

/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */

const { cos, exp, log, sin } = math

/** A full turn. */
export const turn = 2 * Math.PI

/**
 * Drawn evenly on a logarithmic scale.
 * @param {Prng} random
 * @param {number} low
 * @param {number} high
 */
export function logBetween(random, low, high) {
  return exp(random.between(log(low), log(high)))
}

/**
 * Noise of unit deviation with a memory of so many rows: white at 1.
 * @param {Prng} random
 * @param {number} rows
 * @param {number} memory
 */
export function remembering(random, rows, memory) {
  const phi = 1 - 1 / Math.max(1, memory)
  const gain = Math.sqrt(1 - phi * phi)
  const out = new Float64Array(rows)
  let x = random.normal()
  for (let t = 0; t < rows; t++) {
    out[t] = x
    x = phi * x + gain * random.normal()
  }
  return out
}

/**
 * A smooth rhythm of three harmonics; the phase is in turns.
 * @param {Prng} random
 * @returns {(phase: number) => number}
 */
export function rhythm(random) {
  const parts = [1, 2, 3].map((harmonic) => {
    const size = harmonic === 1 ? 1 : random.between(0.1, 0.5) / harmonic
    return { harmonic, a: size * random.normal(), b: size * random.normal() }
  })
  const largest = Math.sqrt(parts.reduce((sum, { a, b }) => sum + a * a + b * b, 0))
  return (phase) =>
    parts.reduce(
      (sum, { harmonic, a, b }) => sum + a * sin(turn * harmonic * phase) + b * cos(turn * harmonic * phase),
      0,
    ) / largest
}

/**
 * Lengths that follow one another, exponentially distributed: what switches at random.
 * @param {Prng} random
 * @param {number} mean
 */
export function waiting(random, mean) {
  return -mean * log(1 - random.uniform())
}

/**
 * Follows a target with a lag of first order.
 * @param {Float64Array} target
 * @param {number} lagRows
 */
export function lagged(target, lagRows) {
  const out = new Float64Array(target.length)
  let x = target[0] ?? 0
  for (let t = 0; t < target.length; t++) {
    x += ((target[t] ?? 0) - x) / Math.max(1, lagRows)
    out[t] = x
  }
  return out
}

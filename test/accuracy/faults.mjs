/** @typedef {{ uniform(): number, normal(): number }} Random */

/** Faults that are put into generated sensors; `none` counts false alarms only. */
export const faultKinds = /** @type {const} */ ([
  'none',
  'level',
  'noise',
  'oscillation',
  'spikes',
  'glitch',
  'offscale',
])

/**
 * Adds a fault of `rows` rows from row `at` on; its size follows from the deviation of the first 375 rows.
 * @param {Float64Array} values
 * @param {typeof faultKinds[number]} kind
 * @param {number} at
 * @param {number} rows
 * @param {Random} random
 */
export function addFault(values, kind, at, rows, random) {
  const early = values.subarray(0, 375)
  const mean = early.reduce((sum, x) => sum + x, 0) / early.length
  const sd = Math.sqrt(early.reduce((sum, x) => sum + (x - mean) ** 2, 0) / early.length)
  const size = 2 * Math.max(sd, 1e-3)
  for (let i = 0; i < rows; i++) {
    const sign = random.uniform() < 0.5 ? -1 : 1
    const added = {
      none: 0,
      level: 1.5 * size,
      noise: 0.8 * size * random.normal(),
      oscillation: size * Math.sin(0.7 * i),
      spikes: random.uniform() < 0.1 ? 3 * size * sign : 0,
      glitch: i === 0 ? 1e9 : 0,
      offscale: 10 * size,
    }[kind]
    values[at + i] = (values[at + i] ?? 0) + added
  }
}

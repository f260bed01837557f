/** @typedef {import('../bench/series.mjs').Half} Half */
/**
 * Which generated series are measured.
 * @typedef {object} Sample
 * @property {readonly Half[]} halves
 * @property {Half} shown the half whose figures are told
 * @property {number} times so many times the usual number of series
 */

/** What the stored results were measured on. @type {Sample} */
export const storedSample = { halves: ['choose', 'report'], shown: 'report', times: 1 }

/**
 * Constants are chosen on one half (`--half choose`), which has the even seeds, and figures reported on the other.
 * @param {Half | undefined} half both where it is not given
 * @param {number} times
 * @returns {Sample}
 */
export function sampleOf(half, times) {
  return half === undefined ? { ...storedSample, times } : { halves: [half], shown: half, times }
}

/**
 * Seeds of the wanted halves, in order.
 * @param {Sample} sample
 * @param {number} perHalf how many series of each kind a half usually has
 */
export function seedsOf({ halves, times }, perHalf) {
  const seeds = Array.from({ length: 2 * perHalf * times }, (_, seed) => seed)
  return seeds.filter((seed) => halves.includes(seed % 2 === 0 ? 'choose' : 'report'))
}

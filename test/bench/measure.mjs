/**
 * Measures contenders in turn: on a shared machine only what was measured in the same moments can be compared.
 *
 * @typedef {import('./contender.mjs').Runner} Runner
 * @typedef {{ pairs: number, sliceMs: number }} Effort
 * @typedef {{ ratio: number, low: number, high: number, oursNs: number, theirsNs: number }} Paired ratio = theirs / ours;
 *   low and high are its quartiles; times are medians a step
 */

/** How much each contender may differ from us in any output, over the first lists. */
export const differenceMax = 1e-5

/**
 * Runs a contender until it is warm and says how many lists fill a slice of time.
 * @param {Pick<Runner, 'run'>} runner
 * @param {number} sliceMs
 */
async function warmUp(runner, sliceMs) {
  const sliceNs = sliceMs * 1e6
  let lists = 1
  let slices = 0
  // Two whole slices in the final count: compilers of the runtime have done what they will do.
  while (slices < 2) {
    const ns = Math.max(1, await runner.run(lists))
    if (ns > sliceNs / 2) slices += 1
    lists = Math.max(1, Math.round(lists * Math.min(8, sliceNs / ns)))
  }
  return lists
}

/**
 * Median ratio of pairs measured one right after the other; who goes first alternates.
 * @param {Pick<Runner, 'run'>} ours
 * @param {Pick<Runner, 'run'>} theirs
 * @param {{ oursSteps: number, theirsSteps: number }} perList steps in one list of each
 * @param {Effort} effort
 * @returns {Promise<Paired>}
 */
export async function pairedRatio(ours, theirs, { oursSteps, theirsSteps }, { pairs, sliceMs }) {
  const oursLists = await warmUp(ours, sliceMs)
  const theirsLists = await warmUp(theirs, sliceMs)
  const one = async () => (await ours.run(oursLists)) / (oursLists * oursSteps)
  const other = async () => (await theirs.run(theirsLists)) / (theirsLists * theirsSteps)
  /** @type {{ a: number, b: number }[]} */
  const found = []
  for (let pair = 0; pair < pairs; pair++) {
    if (pair % 2 === 0) {
      const a = await one()
      found.push({ a, b: await other() })
    } else {
      const b = await other()
      found.push({ a: await one(), b })
    }
  }
  const ratios = found.map(({ a, b }) => b / a)
  return {
    ratio: quantile(ratios, 0.5),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
    oursNs: quantile(
      found.map(({ a }) => a),
      0.5,
    ),
    theirsNs: quantile(
      found.map(({ b }) => b),
      0.5,
    ),
  }
}

/**
 * Nanoseconds a list of several contenders, measured in rounds of one slice each: for every one all its rounds.
 * @param {Pick<Runner, 'run'>[]} runners
 * @param {Effort} effort
 */
export async function rounds(runners, { pairs, sliceMs }) {
  /** @type {number[]} */
  const lists = []
  for (const runner of runners) lists.push(await warmUp(runner, sliceMs))
  const found = runners.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < pairs; round++) {
    for (const [place, runner] of runners.entries()) {
      const count = Number(lists[place])
      found[place]?.push((await runner.run(count)) / count)
    }
  }
  return found
}

/**
 * Opens contenders and keeps the fastest one; each must give our outputs.
 * @param {(() => Promise<Runner>)[]} openers
 * @param {Float32Array} expected outputs of the first lists
 * @param {number} lists
 * @param {Effort} effort
 */
export async function fastest(openers, expected, lists, { sliceMs }) {
  /** @type {Runner[]} */
  const runners = []
  for (const open of openers) {
    const runner = await open()
    runners.push(runner)
    checkOutputs(runner.name, await runner.check(lists), expected)
  }
  const medians =
    runners.length === 1 ? [0] : (await rounds(runners, { pairs: 5, sliceMs })).map((found) => quantile(found, 0.5))
  const best = medians.indexOf(Math.min(...medians))
  for (const [place, runner] of runners.entries()) if (place !== best) await runner.close()
  return /** @type {Runner} */ (runners[best])
}

/**
 * @param {string} name
 * @param {Float32Array} outputs
 * @param {Float32Array} expected
 */
export function checkOutputs(name, outputs, expected) {
  if (outputs.length !== expected.length)
    throw new Error(`${name} gives ${outputs.length} outputs, not ${expected.length}`)
  let most = 0
  for (const [place, value] of outputs.entries()) {
    const difference = Math.abs(value - Number(expected[place]))
    // Written so that a NaN counts as the largest difference.
    if (!(difference <= most)) most = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
  }
  if (most > differenceMax) throw new Error(`${name} differs from us by ${most}, more than ${differenceMax}`)
}

/**
 * @param {number[]} values
 * @param {number} part 0…1
 */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const low = Number(sorted[Math.floor(at)])
  return low + (Number(sorted[Math.ceil(at)]) - low) * (at - Math.floor(at))
}

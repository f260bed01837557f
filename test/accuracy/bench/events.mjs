import { createPrng } from '../built.mjs'
import { waiting } from './noise.mjs'

/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */
/**
 * A sequence of tokens (states of a machine, messages of a controller), one event a row. The first `learnRows` are normal.
 * @typedef {object} EventSeries
 * @property {string} name
 * @property {Float64Array} timeMs
 * @property {string[]} tokens
 * @property {{ window: [first: number, last: number], fault: EventFault }[]} faults
 * @property {number} learnRows
 */
/** @typedef {'illegal' | 'skipped' | 'repeated' | 'swapped' | 'wrongRecipe' | 'unknown'} EventFault */

/** Faults of sequences. `wrongRecipe` can be told only by the product that was announced many events before. */
export const eventFaults = /** @type {readonly EventFault[]} */ ([
  'illegal',
  'skipped',
  'repeated',
  'swapped',
  'wrongRecipe',
  'unknown',
])

/** What each product needs, in order; the choice made at LOAD shows again only at the end. */
const recipes = {
  A: ['HEAT', 'STIR', 'DOSE_1', 'STIR', 'HOLD'],
  B: ['HEAT', 'DOSE_2', 'STIR', 'DOSE_1', 'STIR', 'HOLD'],
  C: ['COOL', 'DOSE_3', 'STIR', 'HOLD', 'HEAT', 'HOLD'],
}
const finish = { A: 'PACK_SMALL', B: 'PACK_LARGE', C: 'PACK_DRUM' }
const products = /** @type {readonly (keyof typeof recipes)[]} */ (Object.keys(recipes))

/**
 * One batch: load, the recipe with stirs and holds that repeat at random, finish, sometimes a rinse.
 * @param {Prng} random
 * @param {keyof typeof recipes} product
 * @param {keyof typeof recipes} finishedAs
 */
function batchOf(random, product, finishedAs = product) {
  const steps = ['IDLE', `LOAD_${product}`, 'CHECK']
  for (const step of recipes[product]) {
    steps.push(step)
    while ((step === 'STIR' || step === 'HOLD') && random.uniform() < 0.3) steps.push(step)
  }
  steps.push('SAMPLE', random.uniform() < 0.9 ? 'PASS' : 'RETEST')
  if (steps.at(-1) === 'RETEST') steps.push('SAMPLE', 'PASS')
  steps.push(finish[finishedAs], 'UNLOAD')
  if (random.uniform() < 0.25) steps.push('RINSE')
  return steps
}

/**
 * A batch with a fault, and which of its steps are faulty.
 * @param {Prng} random
 * @param {EventFault} fault
 * @returns {{ steps: string[], first: number, last: number }}
 */
function faultyBatch(random, fault) {
  const product = products[random.integer(products.length)] ?? 'A'
  if (fault === 'wrongRecipe') {
    const other = products[(products.indexOf(product) + 1 + random.integer(2)) % products.length] ?? 'B'
    const steps = batchOf(random, product, other)
    const at = steps.indexOf(finish[other])
    return { steps, first: at, last: at }
  }
  const steps = batchOf(random, product)
  const check = steps.indexOf('CHECK')
  const unload = steps.indexOf('UNLOAD')
  if (fault === 'illegal') {
    const at = check + 1 + random.integer(2)
    steps.splice(at, 0, finish[product])
    return { steps, first: at, last: at + 1 }
  }
  if (fault === 'skipped') {
    steps.splice(check, 1)
    return { steps, first: check, last: check }
  }
  if (fault === 'repeated') {
    steps.splice(unload, 0, 'UNLOAD', 'UNLOAD')
    return { steps, first: unload + 1, last: unload + 2 }
  }
  if (fault === 'swapped') {
    const load = check - 1
    ;[steps[load], steps[check]] = [steps[check] ?? '', steps[load] ?? '']
    return { steps, first: load, last: load + 2 }
  }
  const at = check + 1 + random.integer(3)
  steps.splice(at, 0, 'E_417')
  return { steps, first: at, last: at }
}

/**
 * A batch plant's messages: `learnRows` normal events, then batches of which about one in 25 has a fault.
 * @param {number} seed
 * @param {{ learnRows?: number, rows?: number }} [options]
 * @returns {EventSeries}
 */
export function eventSeries(seed, { learnRows = 4_000, rows = 12_000 } = {}) {
  const random = createPrng(11_001 + 131 * seed)
  /** @type {string[]} */
  const tokens = []
  /** @type {EventSeries['faults']} */
  const faults = []
  let next = 0
  while (tokens.length < rows) {
    const from = tokens.length
    if (from > learnRows + 100 && random.uniform() < 0.04) {
      const fault = eventFaults[next++ % eventFaults.length] ?? 'illegal'
      const { steps, first, last } = faultyBatch(random, fault)
      tokens.push(...steps)
      faults.push({ window: [from + first, from + last], fault })
    } else tokens.push(...batchOf(random, products[random.integer(products.length)] ?? 'A'))
  }
  let timeMs = Date.UTC(2023, 9, 2)
  const times = Float64Array.from(tokens, () => {
    timeMs += 1_000 + Math.round(1_000 * waiting(random, 20))
    return timeMs
  })
  return { name: `events/${seed}`, timeMs: times, tokens, faults, learnRows }
}

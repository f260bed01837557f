const dist = (/** @type {string} */ file) => import(new URL(`../../dist/${file}`, import.meta.url).href)
const { gapsOf, medianStepOf } = await dist('core/align.js')
const { makeLesson, taughtModel } = await dist('train/lesson.js')
const { createOwnLearner } = await dist('train/fit/own-learner.js')
const { fitNetwork } = await dist('train/fit/fit.js')
const { parsePlan } = await dist('train/plan.js')

/** @typedef {import('../../src/train/data/history.ts').History} History */
/** @typedef {import('../../src/model/model.ts').Model} Model */

const card = {
  summary: 'measured',
  data: '',
  seed: 1,
  epochs: 0,
  losses: {},
  settings: {},
  command: '',
}

/**
 * @param {import('./corpora/nab.mjs').Series} series
 * @returns {History}
 */
export function historyOf({ name, timeMs, values }) {
  const stepMs = medianStepOf(timeMs)
  return { name, channels: ['value'], context: [], timeMs, values, gapBefore: gapsOf(timeMs, stepMs), stepMs }
}

/**
 * @param {History} history
 * @param {number} from
 * @param {number} to
 * @returns {History}
 */
export function part(history, from, to) {
  const gapBefore = history.gapBefore.slice(from, to)
  gapBefore[0] = 1
  return { ...history, timeMs: history.timeMs.slice(from, to), values: history.values.slice(from, to), gapBefore }
}

/**
 * A model from so many rows, from nothing or from `base`; the epoch is chosen on the last quarter of them.
 * @param {History} history
 * @param {Model | null} from
 * @param {{ target?: 'change' | 'level' }} [data]
 * @returns {Model}
 */
export function taught(history, from, data = {}) {
  const plan = parsePlan({
    data: { window: 32, stride: 8, validation: 0.25, test: 0, horizons: 10, ...data },
    fit: { rate: from === null ? 5e-3 : 1e-3, epochs: 40, patience: 10 },
  })
  const lesson = makeLesson([history], plan, from)
  const learner = createOwnLearner(lesson.model, lesson.settings)
  const running = fitNetwork(learner, lesson, plan.fit)
  let next = running.next()
  while (!next.done) next = running.next()
  return taughtModel(lesson, 'taught', next.value.weights, card)
}

import { plantFaultNames, plantSeries } from '../bench/coupled.mjs'
import { rigFaultNames } from '../bench/rig-faults.mjs'
import { rigDrifts, rigSeries } from '../bench/rigs.mjs'
import { rowRates } from '../metrics/row-rates.mjs'
import { assetProduct } from './asset-product.mjs'
import { pairs } from './corpora.mjs'
import { judge } from './judge.mjs'
import { seedsOf } from './sample.mjs'

/** @typedef {import('./judge.mjs').Judged} Judged */
/** @typedef {import('../bench/rigs.mjs').RigSeries} RigSeries */
/** @typedef {import('./parts.mjs').Figures} Figures */
/** @typedef {import('./parts.mjs').Table} Table */

/**
 * Machines that are scored as one: rigs that wander from 400 learned rows, and plants whose normal stays.
 * @param {readonly number[]} rigSeeds of each fault and drift
 * @param {readonly number[]} plantSeeds of each fault
 * @param {{ isDrawn?: boolean, progress?: (done: number, of: number) => void }} [options]
 * @returns {Judged[]}
 */
export function judgeAssets(rigSeeds, plantSeeds, { isDrawn = false, progress } = {}) {
  const rigs = rigFaultNames.map((fault) =>
    rigDrifts.flatMap((drift) => rigSeeds.map((seed) => rigSeries(fault, drift, seed))),
  )
  const plants = plantFaultNames.map((fault) => plantSeeds.map((seed) => plantSeries(fault, seed)))
  const groups = [...rigs, ...plants]
  return groups.flatMap((series, at) => {
    const scored = assetProduct(series, { sensitivity: 'normal' })
    progress?.(at + 1, groups.length)
    return pairs(series, scored).map(([one, result]) => {
      const [corpus = ''] = one.name.split('/')
      const values = Object.values(one.channels)[0] ?? new Float64Array()
      return judge(`${corpus}s`, { ...one, kind: one.drift, values }, result, { fromRow: one.learnRows, isDrawn })
    })
  })
}

/**
 * F1, false-alarm and missed-alarm rate of rows, by corpus.
 * @param {readonly Judged[]} judged
 * @param {string} [prefix]
 * @returns {Figures}
 */
export function assetFigures(judged, prefix = '') {
  /** @type {Figures} */
  const figures = {}
  for (const corpus of ['rigs', 'plants']) {
    const { f1, far, mar } = rowRates(judged.filter((one) => one.corpus === corpus).map(({ rows }) => rows))
    Object.assign(figures, { [`${prefix}${corpus}.rowF1`]: f1, [`${prefix}${corpus}.rowFar`]: far })
    figures[`${prefix}${corpus}.rowMar`] = mar
  }
  return figures
}

/**
 * @param {string} title
 * @param {readonly Judged[]} judged
 * @param {(one: Judged) => string} of
 * @returns {Table}
 */
function rowTable(title, judged, of) {
  const groups = new Map()
  for (const one of judged) groups.set(of(one), [...(groups.get(of(one)) ?? []), one.rows])
  const rows = [...groups].map(([name, counts]) => {
    const { f1, far, mar } = rowRates(counts)
    return [name, counts.length, f1, far, mar]
  })
  return { title, head: ['', 'machines', 'F1 of rows', 'FAR', 'MAR'], rows }
}

/**
 * @param {import('./parts.mjs').Context} context
 * @returns {import('./parts.mjs').PartResult}
 */
export function assets({ isPrototype, isDrawn, sample, progress }) {
  if (isPrototype) return { figures: {}, tables: [], judged: [] }
  const judged = judgeAssets(seedsOf(sample, 4), seedsOf(sample, 10), { isDrawn, progress })
  const report = judged.filter(({ half }) => half === sample.shown)
  return {
    figures: assetFigures(report),
    tables: [
      rowTable('Machines scored as one, normal, by half', judged, ({ corpus, half }) => `${corpus}, ${half}`),
      rowTable(
        `Machines scored as one, ${sample.shown} half, by drift`,
        report,
        ({ corpus, kind }) => `${corpus}, ${kind}`,
      ),
      rowTable(
        `Machines scored as one, ${sample.shown} half, by fault`,
        report,
        ({ corpus, fault }) => `${corpus}, ${fault}`,
      ),
    ],
    judged,
  }
}

import { nabCorpus } from '../corpora/nab.mjs'
import { bestNabScore, nabProfiles } from '../metrics/nab-score.mjs'
import { assetFigures, judgeAssets } from './assets.mjs'
import { judgeBench, judgeClean, pairs } from './corpora.mjs'
import { summarise } from './summary.mjs'

/**
 * The part of the tier that runs in `npm test`: a third of the bench's report half, a clean month of each kind, a few machines scored as one, NAB. Its figures
 * are compared with their stored ones as those of the whole tier are.
 * @param {import('./product.mjs').Detector} detect
 * @returns {import('./parts.mjs').Figures}
 */
export function smallFigures(detect) {
  const bench = summarise(judgeBench(detect, { sensitivity: 'normal', seeds: [1], every: 3 }))
  const clean = summarise(judgeClean(detect, { sensitivity: 'normal', seeds: [1] }))
  const corpus = nabCorpus()
  const scored = pairs(corpus, detect(corpus, { sensitivity: 'high' }))
  const nab = bestNabScore(
    scored.map(([{ windows }, { score }]) => ({ score, windows })),
    nabProfiles.standard,
  )
  return {
    ...assetFigures(judgeAssets([1], [1]), 'small.'),
    'small.bench.recall': bench.recall,
    'small.bench.f1': bench.f1,
    'small.bench.vus': bench.vus,
    'small.bench.far': bench.far,
    'small.clean.falsePerMonth': clean.falsePerMonth,
    'small.nab.standard': nab.score,
  }
}

import { eventSeries } from '../bench/events.mjs'
import { fleetSeries, machineNames, machineSeries } from '../bench/machines.mjs'
import { nabCorpus } from '../corpora/nab.mjs'
import { bestNabScore, nabProfiles, nabScoreAt } from '../metrics/nab-score.mjs'
import { networks } from './ablation.mjs'
import { assets } from './assets.mjs'
import { judgeBench, judgeClean, judgeMachines, pairs } from './corpora.mjs'
import { eventMemory } from './event-memory.mjs'
import { judge } from './judge.mjs'
import { product } from './product.mjs'
import { seedsOf } from './sample.mjs'
import { leaveOneOut, summarise, summariseBy } from './summary.mjs'

/** @typedef {import('./corpora.mjs').Progress} Progress */
/** @typedef {import('./judge.mjs').Judged} Judged */
/** @typedef {import('./product.mjs').Detector} Detector */
/** @typedef {import('./sample.mjs').Sample} Sample */
/** @typedef {import('./summary.mjs').Summary} Summary */
/** @typedef {Record<string, number>} Figures by name; those that `tracked.mjs` knows are stored and compared */
/** @typedef {{ title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[] }} Table */
/** @typedef {{ figures: Figures, tables: readonly Table[], judged: readonly Judged[] }} PartResult */
/**
 * @typedef {object} Context
 * @property {Detector} detect
 * @property {boolean} isPrototype
 * @property {boolean} isDrawn
 * @property {Sample} sample
 * @property {Progress} progress
 */
/** @typedef {{ name: string, does: string, run: (context: Context) => PartResult | Promise<PartResult> }} Part */

const sensitivities = /** @type {const} */ (['low', 'normal', 'high'])
/** Columns of a table of summaries. @type {readonly (keyof Summary)[]} */
const columns = ['windows', 'recall', 'precision', 'f1', 'vus', 'far', 'mar', 'delayRows', 'falsePerMonth']

/**
 * @param {string} title
 * @param {ReadonlyMap<string, Summary>} groups
 * @returns {Table}
 */
function summaryTable(title, groups) {
  return {
    title,
    head: ['', ...columns],
    rows: [...groups].map(([name, summary]) => [name, ...columns.map((column) => summary[column])]),
  }
}

/**
 * @param {string} prefix
 * @param {Summary} summary
 * @param {readonly (keyof Summary)[]} of
 * @returns {Figures}
 */
function figuresOf(prefix, summary, of) {
  return Object.fromEntries(of.map((name) => [`${prefix}.${name}`, summary[name]]))
}

/** @type {Part['run']} */
function nab({ detect, isDrawn }) {
  const corpus = nabCorpus()
  const results = pairs(corpus, detect(corpus, { sensitivity: 'high' }))
  const scored = results.map(([{ windows }, { score }]) => ({ score, windows }))
  const judged = results.map(([series, result]) =>
    judge('nab', { ...series, kind: series.name.split('/')[0] ?? '' }, result, { isDrawn }),
  )
  const rows = Object.entries(nabProfiles).flatMap(([profile, weights]) => {
    const best = bestNabScore(scored, weights)
    const half = nabScoreAt(scored, weights, 0.5)
    return [{ name: `${profile}, best threshold`, ...best }].concat([{ name: `${profile}, threshold 0.5`, ...half }])
  })
  const at = (/** @type {number} */ row) => rows[row]?.score ?? Number.NaN
  return {
    figures: { 'nab.standard': at(0), 'nab.lowFalsePositives': at(2), 'nab.lowFalseNegatives': at(4) },
    tables: [
      {
        title: 'NAB, 36 series, sensitivity high',
        head: ['profile', 'score', 'threshold', 'windows found', 'of', 'rows outside'],
        rows: rows.map(({ name, score, threshold, found, windows, outside }) => [
          name,
          score,
          threshold,
          found,
          windows,
          outside,
        ]),
      },
      summaryTable(
        'NAB, alarms at sensitivity high',
        summariseBy(judged, ({ kind }) => kind),
      ),
    ],
    judged,
  }
}

/** @type {Part['run']} */
function machineTemperature({ detect, isDrawn }) {
  const series = nabCorpus().filter(({ name }) => name.includes('machine_temperature'))
  const setting = { sensitivity: /** @type {const} */ ('normal'), learnRows: 2_000 }
  const judged = pairs(series, detect(series, setting)).map(([one, result]) =>
    judge('machine temperature', one, result, { fromRow: setting.learnRows, isDrawn }),
  )
  const [{ events } = { events: { found: 0, delays: [null], falseOccurrences: 0 } }] = judged
  const isLastFound = events.delays.at(-1) !== null
  return {
    figures: {
      'machineTemperature.found': events.found,
      'machineTemperature.lastFound': isLastFound ? 1 : 0,
      'machineTemperature.otherAlarms': events.falseOccurrences,
    },
    tables: [summaryTable('Machine temperature, 2,000 rows learned, normal', new Map([['', summarise(judged)]]))],
    judged,
  }
}

/** @type {Part['run']} */
function bench({ detect, isDrawn, sample, progress }) {
  /** @type {Figures} */
  const figures = {}
  /** @type {Table[]} */
  const tables = []
  /** @type {Judged[]} */
  let drawn = []
  for (const [run, sensitivity] of /** @type {const} */ (['high', 'normal']).entries()) {
    const judged = judgeBench(detect, {
      sensitivity,
      seeds: seedsOf(sample, 1),
      isDrawn: isDrawn && sensitivity === 'normal',
      progress: (done, of) => progress(run * of + done, 2 * of),
    })
    const report = judged.filter(({ half }) => half === sample.shown)
    const all = summarise(report)
    Object.assign(figures, figuresOf(`bench.${sensitivity}`, all, ['recall', 'f1', 'vus', 'far', 'falsePerMonth']))
    const spread = leaveOneOut(report, ({ f1 }) => f1)
    tables.push(
      summaryTable(
        `Bench, ${sensitivity}, by half (figures are those of "${sample.shown}")`,
        summariseBy(judged, (one) => one.half),
      ),
      {
        title: `Bench, ${sensitivity}: event F1 with one kind left out`,
        head: ['least', 'without', 'most', 'without', 'deviation (jackknife)'],
        rows: [[spread.least, spread.leastWithout, spread.most, spread.mostWithout, spread.deviation]],
      },
      summaryTable(
        `Bench, ${sensitivity}, ${sample.shown} half, by fault`,
        summariseBy(report, (one) => one.fault),
      ),
      summaryTable(
        `Bench, ${sensitivity}, ${sample.shown} half, by severity`,
        summariseBy(report, (one) => one.severity),
      ),
      summaryTable(
        `Bench, ${sensitivity}, ${sample.shown} half, by kind`,
        summariseBy(report, (one) => one.kind),
      ),
    )
    drawn = judged
  }
  return { figures, tables, judged: drawn }
}

/** @type {Part['run']} */
function clean({ detect, isDrawn, sample, progress }) {
  /** @type {Figures} */
  const figures = {}
  const runs = sensitivities.map((sensitivity, run) => {
    const judged = judgeClean(detect, {
      sensitivity,
      seeds: seedsOf(sample, 2),
      isDrawn: isDrawn && sensitivity === 'normal',
      progress: (done, of) => progress(run * of + done, sensitivities.length * of),
    })
    const kinds = summariseBy(judged, ({ kind }) => kind)
    const worst = [...kinds].reduce((a, b) => (b[1].falsePerMonth > a[1].falsePerMonth ? b : a))
    const { falsePerMonth } = summarise(judged)
    figures[`clean.${sensitivity}.falsePerMonth`] = falsePerMonth
    figures[`clean.${sensitivity}.worstKindPerMonth`] = worst[1].falsePerMonth
    return { sensitivity, judged, kinds, all: summarise(judged) }
  })
  const names = [...(runs[0]?.kinds.keys() ?? [])]
  return {
    figures,
    tables: [
      {
        title: 'Clean corpus: false alarms in a month of five-minute data, by sensitivity',
        head: ['kind', ...sensitivities],
        rows: [
          ['all, mean', ...runs.map(({ all }) => all.falsePerMonth)],
          ['each stretch of alarm counted', ...runs.map(({ all }) => all.falseRunsPerMonth)],
          ['share of rows in alarm', ...runs.map(({ all }) => all.far)],
          ...names.map((name) => [name, ...runs.map(({ kinds }) => kinds.get(name)?.falsePerMonth ?? Number.NaN)]),
        ],
      },
    ],
    judged: runs.find(({ sensitivity }) => sensitivity === 'normal')?.judged ?? [],
  }
}

/** @type {Part['run']} */
function machines({ detect, isDrawn, sample }) {
  const seeds = seedsOf(sample, 3)
  const commanded = machineNames.flatMap((name) => seeds.map((seed) => machineSeries(name, seed)))
  const fleet = seedsOf(sample, 1).flatMap((seed) => fleetSeries(24, seed))
  const options = { sensitivity: /** @type {const} */ ('normal'), isDrawn }
  const judged = [
    ...judgeMachines('machines', detect, commanded, options),
    ...judgeMachines('fleet', detect, fleet, options),
  ]
  const report = judged.filter(({ half }) => half === sample.shown)
  const corpora = summariseBy(report, ({ corpus }) => corpus)
  const figures = [...corpora].map(([name, all]) => figuresOf(name, all, ['recall', 'f1', 'vus', 'falsePerMonth']))
  const kinds = summariseBy(report, ({ corpus, kind }) => (corpus === 'machines' ? kind : 'fleet'))
  return {
    figures: Object.assign({}, ...figures),
    tables: [summaryTable(`Machines with commands, normal, ${sample.shown} half`, kinds)],
    judged,
  }
}

/** @type {Part['run']} */
function events() {
  const series = [0, 1, 2, 3].map((seed) => eventSeries(seed))
  const orders = [1, 2, 3, 5]
  return {
    figures: {},
    tables: [
      {
        title: 'Event sequences: VUS-PR of a table of the last events (what a network has to beat)',
        head: ['events remembered', ...series.map(({ name }) => name)],
        rows: orders.map((order) => [order, ...series.map((one) => eventMemory(one, order))]),
      },
    ],
    judged: [],
  }
}

/** @type {Part['run']} */
async function ablation({ isPrototype, progress }) {
  if (isPrototype) return { figures: {}, tables: [], judged: [] }
  const models = await networks()
  const commanded = machineNames.flatMap((machine) => [1, 3, 5].map((seed) => machineSeries(machine, seed)))
  const results = [...models].map(([name, model], at) => {
    const detect = product(model)
    const report = judgeBench(detect, {
      sensitivity: 'normal',
      seeds: [1],
      progress: (done, of) => progress(at * of + done, models.size * of),
    })
    const taught = summarise(judgeMachines('machines', detect, commanded, { sensitivity: 'normal' }))
    const months = summarise(judgeClean(detect, { sensitivity: 'normal', seeds: [1] }))
    return { name, bench: summarise(report), taught, months }
  })
  const of = (/** @type {string} */ wanted) => results.find(({ name }) => name === wanted)
  const gain = (/** @type {'bench' | 'taught'} */ corpus) =>
    (of('trained')?.[corpus].f1 ?? Number.NaN) - (of('none')?.[corpus].f1 ?? Number.NaN)
  return {
    figures: { 'ablation.gain.bench.f1': gain('bench'), 'ablation.gain.machines.f1': gain('taught') },
    tables: [
      {
        title: 'Ablation of the network, normal, report half',
        head: ['network', 'bench F1', 'bench VUS-PR', 'machines F1', 'machines VUS-PR', 'clean, false a month'],
        rows: results.map(({ name, bench, taught, months }) => [
          name,
          bench.f1,
          bench.vus,
          taught.f1,
          taught.vus,
          months.falsePerMonth,
        ]),
      },
    ],
    judged: [],
  }
}

/** What `npm run accuracy` runs, in this order. @type {readonly Part[]} */
export const parts = [
  { name: 'nab', does: 'the Numenta Anomaly Benchmark', run: nab },
  { name: 'machine-temperature', does: 'the recorded machine that failed', run: machineTemperature },
  { name: 'clean', does: 'clean months', run: clean },
  { name: 'bench', does: 'normals with faults', run: bench },
  { name: 'machines', does: 'machines with commands, and a fleet', run: machines },
  { name: 'assets', does: 'machines scored as one', run: assets },
  { name: 'events', does: 'event sequences', run: events },
  { name: 'ablation', does: 'no, random and trained network', run: ablation },
]

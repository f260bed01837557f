import { faultNames } from '../bench/faults.mjs'
import { kindNames } from '../bench/kinds.mjs'
import { cleanSeries, faultySeries, severities } from '../bench/series.mjs'
import { judge } from './judge.mjs'

/** @typedef {import('./judge.mjs').Judged} Judged */
/** @typedef {import('./judge.mjs').Labelled} Labelled */
/** @typedef {import('./product.mjs').Detector} Detector */
/** @typedef {import('./product.mjs').Scored} Scored */
/** @typedef {import('./product.mjs').Sensitivity} Sensitivity */
/** @typedef {import('../bench/machines.mjs').MachineSeries} MachineSeries */
/** @typedef {(done: number, of: number) => void} Progress */

/**
 * The generated bench, kind by kind: each normal with each fault that means something for it, or every n-th of them.
 * @param {Detector} detect
 * @param {{ sensitivity: Sensitivity, seeds: readonly number[], every?: number, isDrawn?: boolean, progress?: Progress }} options
 * @returns {Judged[]}
 */
export function judgeBench(detect, { sensitivity, seeds, every = 1, isDrawn = false, progress }) {
  return kindNames.flatMap((kind, at) => {
    const series = faultNames.flatMap((fault, faultAt) =>
      severities.flatMap((severity, severityAt) =>
        seeds.flatMap((seed) => {
          if ((at + faultAt + severityAt) % every !== 0) return []
          const one = faultySeries(kind, fault, severity, seed)
          return one === null ? [] : [one]
        }),
      ),
    )
    const scored = detect(series, { sensitivity })
    progress?.(at + 1, kindNames.length)
    return pairs(series, scored).map(([one, result]) => judge('bench', one, result, { isDrawn }))
  })
}

/**
 * A clean month of every kind.
 * @param {Detector} detect
 * @param {{ sensitivity: Sensitivity, seeds: readonly number[], isDrawn?: boolean, progress?: Progress }} options
 * @returns {Judged[]}
 */
export function judgeClean(detect, { sensitivity, seeds, isDrawn = false, progress }) {
  return kindNames.flatMap((kind, at) => {
    const series = seeds.map((seed) => cleanSeries(kind, seed))
    const scored = detect(series, { sensitivity })
    progress?.(at + 1, kindNames.length)
    return pairs(series, scored).map(([one, result]) => judge('clean', one, result, { isDrawn }))
  })
}

/**
 * One result of the channels of a machine: it alarms where one of them does.
 * @param {readonly Scored[]} channels
 * @returns {Scored}
 */
function together(channels) {
  const rows = channels[0]?.score.length ?? 0
  const most = (/** @type {keyof Scored} */ of, /** @type {number} */ row) =>
    channels.reduce((largest, channel) => Math.max(largest, channel[of][row] ?? 0), 0)
  return {
    score: Float64Array.from({ length: rows }, (_, row) => most('score', row)),
    alarm: Uint8Array.from({ length: rows }, (_, row) => most('alarm', row)),
    instrument: Uint8Array.from({ length: rows }, (_, row) => most('instrument', row)),
  }
}

/**
 * Machines with commands: every channel is scored with the commands as context, and the machine is judged. The report draws
 * the first channel.
 * @param {string} corpus
 * @param {Detector} detect
 * @param {readonly MachineSeries[]} machines that have equally many rows to learn from
 * @param {{ sensitivity: Sensitivity, isDrawn?: boolean }} options
 * @returns {Judged[]}
 */
export function judgeMachines(corpus, detect, machines, { sensitivity, isDrawn = false }) {
  const learnRows = machines[0]?.learnRows ?? 0
  const channels = machines.flatMap((machine) =>
    Object.values(machine.channels).map((values) => ({
      machine,
      values,
      timeMs: machine.timeMs,
      context: machine.context,
    })),
  )
  const scored = pairs(channels, detect(channels, { sensitivity, learnRows }))
  return machines.map((machine) => {
    const own = scored.filter(([channel]) => channel.machine === machine)
    const [, kind = '', seed = ''] = machine.name.split('/')
    const series = { ...machine, kind, fault: 'machine', values: own[0]?.[0].values ?? new Float64Array() }
    const half = Number(seed) % 2 === 0 ? 'choose' : 'report'
    const result = together(own.map(([, one]) => one))
    return judge(corpus, { ...series, half }, result, { fromRow: learnRows, isDrawn })
  })
}

/**
 * Each series with what a detector said of it; a detector that leaves one out is wrong.
 * @template A, B
 * @param {readonly A[]} series
 * @param {readonly B[]} results
 * @returns {[A, B][]}
 */
export function pairs(series, results) {
  if (series.length !== results.length) {
    throw new RangeError(
      `the detector answered ${results.length} results for ${series.length} series: one each is needed`,
    )
  }
  return series.map((one, at) => [one, /** @type {B} */ (results[at])])
}

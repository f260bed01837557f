import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { learnJoint } from '../../src/core/asset/joint-fit.ts'
import { scaleOf, scaleTick } from '../../src/core/asset/joint-rows.ts'
import { JointScorer } from '../../src/core/asset/joint-scorer.ts'
import { ledoitWolf } from '../../src/model/stats/ledoit-wolf.ts'
import { Mahalanobis } from '../../src/model/stats/mahalanobis.ts'
import { sortedQuantile } from '../../src/model/stats/sorted-quantile.ts'
import { principalDistances } from './principal-distances.ts'

/** One run of the plant: ticks (T) of channels (C), row-major. */
export interface PlantRun {
  readonly channels: readonly string[]
  readonly ticks: number
  readonly values: Float64Array
}

/** Faults of the folder; 3 is nearly invisible and judged by nobody. */
export const faults = ['01', '02', '04', '05', '08', '10', '11', '13', '16', '19'] as const
/** The fault starts behind this tick. */
export const faultFrom = 160

/** A file of `data/tep`, without its time column. */
export function readRun(name: string): PlantRun {
  const text = gunzipSync(readFileSync(new URL(`./data/tep/${name}.csv.gz`, import.meta.url))).toString()
  const [header, ...lines] = text.trim().split('\n')
  const values = Float64Array.from(lines.flatMap((line) => line.split(',').slice(1).map(Number)))
  return { channels: header!.trim().split(',').slice(1), ticks: lines.length, values }
}

/** A statistic over the ticks of a run, larger where something is wrong. */
export type Statistic = (run: PlantRun) => number[]

/** Share of the ticks with a fault that lie above the level that one in a hundred normal ticks exceeds; by fault. */
export function detected(statistic: Statistic): number[] {
  const normal = Float64Array.from(statistic(readRun('normal_test'))).sort()
  const level = sortedQuantile(normal, 0.99)
  return faults.map((fault) => {
    const found = statistic(readRun(`fault_${fault}`)).slice(faultFrom)
    return found.filter((one) => one > level).length / found.length
  })
}

function tickOf({ channels, values }: PlantRun, tick: number): Float64Array {
  return values.subarray(tick * channels.length, (tick + 1) * channels.length)
}

function smoothed(values: readonly number[]): number[] {
  let average = values[0]!
  return values.map((value) => {
    average += 0.05 * (value - average)
    return average
  })
}

/** What recipe A is made of, a part at a time: each method with a statistic that was learned from `normal_train`. */
export function methods(train: PlantRun): Readonly<Record<string, Statistic>> {
  const channels = train.channels.length
  const learned = { channels, values: train.values, breaks: new Uint8Array(train.ticks) }
  const scale = scaleOf(learned)
  const scaledRun = (run: PlantRun) => {
    const z = new Float64Array(run.values.length)
    for (let tick = 0; tick < run.ticks; tick++)
      scaleTick(scale, run.values, tick * channels, z.subarray(tick * channels, (tick + 1) * channels))
    return z
  }
  const { covariance } = ledoitWolf(scaledRun(train), channels)
  const mahalanobis = new Mahalanobis(covariance, channels)
  const raw: Statistic = (run) => {
    const z = scaledRun(run)
    return Array.from({ length: run.ticks }, (_, tick) =>
      mahalanobis.distance(z.subarray(tick * channels, (tick + 1) * channels)),
    )
  }
  const principal = principalDistances(scaledRun(train), scaledRun(readRun('normal_test')), channels)
  const model = learnJoint(learned)
  const scored =
    (of: (scorer: JointScorer) => number): Statistic =>
    (run) => {
      const scorer = new JointScorer(model, 1.1, false)
      return Array.from({ length: run.ticks }, (_, tick) => {
        scorer.step(tickOf(run, tick))
        return of(scorer)
      })
    }
  return {
    'principal components, T² and SPE': (run) => principal(scaledRun(run)),
    'Mahalanobis distance': raw,
    'its average': (run) => smoothed(raw(run)),
    'that of the residuals of ridge': scored((scorer) => scorer.distanceRatio),
    'that of the average residuals': scored((scorer) => scorer.residualRatio),
    'recipe A': scored((scorer) => scorer.ratio),
  }
}

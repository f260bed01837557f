import { dot } from '../../model/stats/dot.ts'
import { ledoitWolf } from '../../model/stats/ledoit-wolf.ts'
import { type RidgeSums, ridgeAdd, ridgeSums, ridgeUnion, ridgeWeights, ridgeWithout } from '../../model/stats/ridge.ts'
import { sortedQuantile } from '../../model/stats/sorted-quantile.ts'
import { JointLevels, type LearnedLevels, learnLevels } from './joint-levels.ts'
import type { JointModel } from './joint-model.ts'
import { jointRecipe } from './joint-recipe.ts'
import { type JointRows, type JointScale, Lags, scaleOf, scaleTick } from './joint-rows.ts'
import { JointStatistics } from './joint-statistics.ts'
import { SlowCentre } from './slow-centre.ts'

/** Regression inputs and targets of the learned ticks, in scaled units. */
interface Prepared {
  readonly channels: number
  /** Ticks with both lags. */
  readonly rows: number
  /** (rows, 1 + 2·C) */
  readonly x: Float64Array
  /** (rows, C), NaN where masked. */
  readonly z: Float64Array
  /** (rows), 1: a gap before. */
  readonly breaks: Uint8Array
}

/**
 * Recipe A, learned from normal ticks: ridge regressions, and moments and limits of what they miss out of their own sample.
 *
 * Works from 200 ticks on, better from 1,000; what is masked is left out of the moments. Fails to mean anything where the ticks
 * are not normal. Cost: T·(1 + 2·C)² flops; 52 channels and 500 ticks take a tenth of a second.
 */
export function learnJoint(learned: JointRows): JointModel {
  const scale = scaleOf(learned)
  const levels = learnLevels(learned, scale)
  const prepared = prepare(learned, scale, levels)
  const blocks = sumsOf(prepared)
  const whole = ridgeUnion(blocks)
  const residuals = outOfFold(prepared, blocks, whole)
  const { channels } = learned
  const { mean, covariance } = ledoitWolf(residuals, channels)
  const { distances, smooth, moved, alone, drifted } = outOfSample(prepared, residuals)
  const medianDistance = quantile(distances, 0.5)
  return {
    channels,
    ...scale,
    ...levels,
    ticks: prepared.rows,
    weights: ridgeWeights(whole, jointRecipe.lambda),
    mean,
    covariance,
    medianDistance,
    distanceLimit: quantile(smooth, jointRecipe.limitQuantile),
    residualLimit: quantile(moved, jointRecipe.limitQuantile),
    aloneLimit: jointRecipe.aloneMargin * quantile(alone, jointRecipe.limitQuantile),
    driftLimit: driftLimit(drifted, channels, prepared.rows),
  }
}

function quantile(values: readonly number[], level: number): number {
  return sortedQuantile(Float64Array.from(values).sort(), level)
}

/**
 * The distance that is a drift: beyond what a block of the learned ticks went from the others, and what chance does.
 *
 * A slow centre turns over a few times only while an asset is learned, so the largest is taken, and a margin; it is wider where the
 * centre itself was learned from few ticks.
 * Source: Wilson and Hilferty, PNAS 17 (1931), for the quantile of chi.
 */
function driftLimit(drifted: readonly number[], channels: number, ticks: number): number {
  const part = 2 / (9 * channels)
  const root = 1 - part + jointRecipe.driftDeviations * Math.sqrt(part)
  const chance = Math.sqrt(channels * root * root * root)
  const { driftMargin, trackWeight } = jointRecipe
  const unsure = Math.sqrt(1 + (2 - trackWeight) / (trackWeight * ticks))
  return driftMargin * unsure * drifted.reduce((most, one) => Math.max(most, one), chance)
}

function prepare({ channels, values, breaks }: JointRows, scale: JointScale, { gain }: LearnedLevels): Prepared {
  const ticks = breaks.length
  const inputs = 1 + jointRecipe.lags * channels
  const x = new Float64Array(ticks * inputs)
  const z = new Float64Array(ticks * channels)
  const gaps = new Uint8Array(ticks)
  const lags = new Lags(channels)
  const levels = new JointLevels(gain)
  const tick = new Float64Array(channels)
  let rows = 0
  let wasGap = 1
  for (let row = 0; row < ticks; row++) {
    if (breaks[row] === 1) {
      lags.restart()
      levels.restart()
      wasGap = 1
    }
    scaleTick(scale, values, row * channels, tick)
    levels.take(tick)
    if (lags.isReady) {
      x.set(lags.x, rows * inputs)
      z.set(tick, rows * channels)
      gaps[rows] = wasGap
      wasGap = 0
      rows++
    }
    lags.push(tick)
  }
  return {
    channels,
    rows,
    x: x.subarray(0, rows * inputs),
    z: z.subarray(0, rows * channels),
    breaks: gaps.subarray(0, rows),
  }
}

/** First row of each block, and the number of rows. */
function edgesOf(rows: number): number[] {
  return Array.from({ length: jointRecipe.folds + 1 }, (_, block) => Math.floor((block * rows) / jointRecipe.folds))
}

function sumsOf({ channels, rows, x, z }: Prepared): RidgeSums[] {
  const inputs = 1 + jointRecipe.lags * channels
  const edges = edgesOf(rows)
  return edges.slice(1).map((end, block) => {
    const sums = ridgeSums(inputs, channels)
    const target = new Float64Array(channels)
    for (let row = edges[block]!; row < end; row++) {
      const input = x.subarray(row * inputs, (row + 1) * inputs)
      // A masked target is taken as what the channel last was, which is its first lag.
      for (let channel = 0; channel < channels; channel++) {
        const value = z[row * channels + channel]!
        target[channel] = Number.isNaN(value) ? input[1 + channel]! : value
      }
      ridgeAdd(sums, input, target)
    }
    return sums
  })
}

/** Residuals of each block under the regressions of the other blocks. Shapes: (rows, C), NaN where masked. */
function outOfFold({ channels, rows, x, z }: Prepared, blocks: readonly RidgeSums[], whole: RidgeSums): Float64Array {
  const inputs = 1 + jointRecipe.lags * channels
  const residuals = new Float64Array(rows * channels)
  const edges = edgesOf(rows)
  for (const [block, sums] of blocks.entries()) {
    const weights = ridgeWeights(ridgeWithout(whole, sums), jointRecipe.lambda)
    for (let row = edges[block]!; row < edges[block + 1]!; row++) {
      for (let channel = 0; channel < channels; channel++) {
        const expected = dot(weights, channel * inputs, x, row * inputs, inputs)
        residuals[row * channels + channel] = z[row * channels + channel]! - expected
      }
    }
  }
  return residuals
}

/** The statistics of each block's residuals under the moments of the other blocks' ones: what new ticks will be like. */
function outOfSample({ channels, rows, breaks }: Prepared, residuals: Float64Array) {
  const edges = edgesOf(rows)
  const [distances, smooth, moved, alone, drifted]: number[][] = [[], [], [], [], []]
  for (let block = 0; block < jointRecipe.folds; block++) {
    const [from, to] = [edges[block]! * channels, edges[block + 1]! * channels]
    const others = new Float64Array(residuals.length - (to - from))
    others.set(residuals.subarray(0, from))
    others.set(residuals.subarray(to), from)
    const { mean, covariance } = ledoitWolf(others, channels)
    const statistics = new JointStatistics(channels, covariance)
    const slow = new SlowCentre(channels, covariance)
    const raw: number[] = []
    const rowsOf = (each: (residual: Float64Array, row: number) => void) => {
      for (let row = edges[block]!; row < edges[block + 1]!; row++) {
        each(residuals.subarray(row * channels, (row + 1) * channels), row)
      }
    }
    rowsOf((residual) => raw.push(statistics.distance(residual, mean)))
    statistics.start(quantile(raw, 0.5))
    rowsOf((residual, row) => {
      if (breaks[row] === 1) statistics.restart()
      statistics.step(residual, mean)
      smooth!.push(statistics.smooth)
      moved!.push(statistics.moved)
      alone!.push(statistics.alone)
      slow.follow(residual, mean)
      drifted!.push(slow.distance())
    })
    distances!.push(...raw)
  }
  return { distances: distances!, smooth: smooth!, moved: moved!, alone: alone!, drifted: drifted! }
}

import { dot } from '../../model/stats/dot.ts'
import { JointLevels, levelsWidth } from './joint-levels.ts'
import type { JointModel } from './joint-model.ts'
import { jointRecipe } from './joint-recipe.ts'
import { Lags, lagsWidth, scaleTick } from './joint-rows.ts'
import { JointStatistics, statisticsWidth } from './joint-statistics.ts'
import { SlowCentre } from './slow-centre.ts'
import { SlowLevels } from './slow-levels.ts'

/** What a tick is, as the joint model sees it. */
export const TickSense = { scored: 0, warming: 1, masked: 2 } as const

/**
 * Recipe A in the stream: one tick after another of one asset.
 *
 * A tick is judged before anything learns from it. The first two ticks after a gap are not judged (`warming`), nor is one that
 * more than half of the channels are missing from (`masked`).
 * Shapes: values (C) in the channels' units, NaN where masked. State: `state` (width), which a snapshot copies.
 * Allocates: a few C and two C·C at construction. Cost: 2·C² + 2·C² flops for the regressions, 5·C² for the distances.
 */
export class JointScorer {
  readonly model: JointModel
  readonly state: Float64Array
  /** (C) of the last tick: what was expected, in scaled units; NaN while that is unknown. */
  readonly expected: Float64Array
  /** Share of each channel in what the leading statistic says, of the last tick that was scored. */
  readonly shares: Float64Array
  readonly #lags: Lags
  readonly #statistics: JointStatistics
  readonly #slow: SlowCentre
  readonly #slowLevels: SlowLevels
  readonly #levels: JointLevels
  /** (C) where the residuals' centre settles, without tracking. */
  readonly #settled: Float64Array
  readonly #factor: number
  readonly #tracks: boolean
  readonly #carried: Float64Array
  readonly #z: Float64Array
  /** (C) the newest tick in scaled units, levels and all. */
  readonly #scaled: Float64Array
  readonly #residual: Float64Array
  readonly #center: Float64Array
  /** The three statistics over their limits, and the largest; 1 is the alarm boundary. */
  distanceRatio = 0
  residualRatio = 0
  aloneRatio = 0
  ratio = 0
  /** The drift over its limit; 1 is the boundary of its alarm. */
  drift = 0

  /** What is usual of the ratio. */
  readonly usual: number

  /** `factor` multiplies the limits: the sensitivity. */
  constructor(model: JointModel, factor: number, tracks: boolean, state?: Float64Array) {
    const { channels, covariance } = model
    this.model = model
    this.#factor = factor
    this.#tracks = tracks
    this.usual = model.medianDistance / (model.distanceLimit * factor)
    this.state = state ?? new Float64Array(JointScorer.width(channels))
    let used = 0
    const part = (width: number) => {
      used += width
      return this.state.subarray(used - width, used)
    }
    this.#lags = new Lags(channels, part(lagsWidth(channels)))
    const statistics = part(statisticsWidth(channels))
    this.#statistics = new JointStatistics(channels, covariance, model.distanceLimit * factor, statistics)
    this.#slow = new SlowCentre(channels, covariance, part(channels))
    this.#slowLevels = new SlowLevels(model.levelLimit, part(channels))
    this.#settled = part(channels)
    this.#carried = part(channels)
    this.shares = part(channels)
    this.expected = part(channels)
    this.#levels = new JointLevels(model.gain, part(levelsWidth(channels)))
    if (state === undefined) {
      this.#levels.restart()
      this.#statistics.start(model.medianDistance)
      this.expected.fill(Number.NaN)
    }
    this.#z = new Float64Array(channels)
    this.#scaled = new Float64Array(channels)
    this.#residual = new Float64Array(channels)
    this.#center = new Float64Array(channels)
  }

  /** Numbers of a state. */
  static width(channels: number): number {
    return lagsWidth(channels) + statisticsWidth(channels) + levelsWidth(channels) + 6 * channels
  }

  /** A gap: what was before it says nothing of what comes. What was learned of slow change stays. */
  restart(): void {
    this.#lags.restart()
    this.#levels.restart()
    this.#statistics.restart()
    this.#carried.fill(0)
  }

  /** Takes a tick that is not judged, before the first that is. */
  remember(values: Float64Array): void {
    scaleTick(this.model, values, 0, this.#z)
    this.#levels.take(this.#z)
    this.#lags.push(this.#z)
  }

  /** Takes a tick; answers its `TickSense`. */
  step(values: Float64Array): number {
    const { model } = this
    const { channels } = model
    const z = this.#z
    scaleTick(model, values, 0, z)
    this.#scaled.set(z)
    this.#levels.take(z)
    if (!this.#lags.isReady) {
      this.expected.fill(Number.NaN)
      this.#lags.push(z)
      return TickSense.warming
    }
    this.#expect()
    let present = 0
    for (let i = 0; i < channels; i++) {
      this.#residual[i] = z[i]! - this.expected[i]!
      if (!Number.isNaN(z[i]!)) present++
    }
    const isScored = present > 0 && present >= jointRecipe.presentShareMin * channels
    if (isScored) this.#judge()
    this.#lags.push(z, this.expected)
    return isScored ? TickSense.scored : TickSense.masked
  }

  #expect(): void {
    const { weights, channels } = this.model
    const { x } = this.#lags
    for (let i = 0; i < channels; i++) this.expected[i] = dot(weights, i * x.length, x, 0, x.length)
  }

  #judge(): void {
    const { mean, channels, distanceLimit, residualLimit, aloneLimit } = this.model
    for (let i = 0; i < channels; i++) this.#center[i] = this.#centerOf(i)
    const statistics = this.#statistics
    statistics.step(this.#residual, this.#center, this.#carried)
    this.distanceRatio = statistics.smooth / (distanceLimit * this.#factor)
    this.residualRatio = statistics.moved / (residualLimit * this.#factor)
    this.aloneRatio = statistics.alone / (aloneLimit * this.#factor)
    this.ratio = Math.max(this.distanceRatio, this.residualRatio, this.aloneRatio)
    if (this.ratio === this.distanceRatio) statistics.carriedShares(this.#carried, this.shares)
    else if (this.ratio === this.residualRatio) statistics.movedShares(this.shares)
    else statistics.aloneShares(this.shares)
    if (this.ratio < 1) this.#learn(mean)
    this.drift = Math.max(this.#centreDrift, this.#slowLevels.distance() / this.#factor)
  }

  /** A calm tick: the slow centre and levels follow it, and what is usual settles. */
  #learn(mean: Float64Array): void {
    this.#slow.follow(this.#residual, mean)
    this.#slowLevels.follow(this.#scaled)
    const { settleTimes, residualMost } = jointRecipe
    const weight = 1 / (settleTimes * this.model.ticks)
    for (let i = 0; i < mean.length; i++) {
      const off = this.#residual[i]! - mean[i]! - this.#settled[i]!
      if (Number.isNaN(off)) continue
      this.#settled[i] = this.#settled[i]! + weight * Math.max(-residualMost, Math.min(residualMost, off))
    }
  }

  /** What a channel's residual is usually. */
  #centerOf(channel: number): number {
    return this.model.mean[channel]! + (this.#tracks ? this.#slow.shift[channel]! : this.#settled[channel]!)
  }

  get #centreDrift(): number {
    return this.#slow.distance() / (this.model.driftLimit * this.#factor)
  }

  get #isLevelDrift(): boolean {
    return this.#slowLevels.distance() / this.#factor > this.#centreDrift
  }

  /** Takes the present level of the residuals as usual. Fails when they are unlike what was learned in another way than their level. */
  acceptLevel(): void {
    this.#statistics.addSmoothed(this.model.mean)
    this.#statistics.restart()
    this.#carried.fill(0)
  }

  /** Takes as usual where the slow centre has gone. */
  acceptDrift(): void {
    const { mean } = this.model
    const { shift } = this.#slow
    for (let i = 0; i < shift.length; i++) mean[i] = mean[i]! + shift[i]!
    shift.fill(0)
    this.#slowLevels.accept()
    this.drift = 0
  }

  /** Share of each channel in the drift, once after a scored tick. Shapes: shares (C) out. */
  driftShares(shares: Float64Array): void {
    if (this.#isLevelDrift) this.#slowLevels.shares(shares)
    else {
      this.#slow.distance()
      this.#slow.shares(shares)
    }
  }

  /** How far a channel's expectation, or its level, has moved from what was learned, in its unit. */
  shiftOf(channel: number): number {
    const { unit, gain } = this.model
    const shift = gain[channel] === 0 ? this.#slow.shift[channel]! : this.#slowLevels.level[channel]!
    return shift * unit[channel]!
  }

  /** What was expected of a channel in the last tick, in its unit; NaN while that is unknown. */
  expectedOf(channel: number): number {
    const { center, unit } = this.model
    const scaled = this.#levels.scaled(channel, this.expected[channel]! + this.#centerOf(channel))
    return center[channel]! + unit[channel]! * scaled
  }
}

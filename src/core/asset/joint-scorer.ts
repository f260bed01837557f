import { dot } from '../../model/stats/dot.ts'
import type { JointModel } from './joint-model.ts'
import { jointRecipe } from './joint-recipe.ts'
import { Lags, lagsWidth, scaleTick } from './joint-rows.ts'
import { JointStatistics, statisticsWidth } from './joint-statistics.ts'
import { SlowCentre } from './slow-centre.ts'

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
  readonly #factor: number
  readonly #tracks: boolean
  readonly #carried: Float64Array
  readonly #z: Float64Array
  readonly #residual: Float64Array
  readonly #center: Float64Array
  /** The two statistics over their limits, and the larger; 1 is the alarm boundary. */
  distanceRatio = 0
  residualRatio = 0
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
    const lags = lagsWidth(channels)
    const statistics = lags + statisticsWidth(channels)
    this.#lags = new Lags(channels, this.state.subarray(0, lags))
    this.#statistics = new JointStatistics(channels, covariance, this.state.subarray(lags, statistics))
    this.#slow = new SlowCentre(channels, covariance, this.state.subarray(statistics, statistics + channels))
    this.#carried = this.state.subarray(statistics + channels, statistics + 2 * channels)
    this.shares = this.state.subarray(statistics + 2 * channels, statistics + 3 * channels)
    this.expected = this.state.subarray(statistics + 3 * channels)
    if (state === undefined) {
      this.#statistics.start(model.medianDistance)
      this.expected.fill(Number.NaN)
    }
    this.#z = new Float64Array(channels)
    this.#residual = new Float64Array(channels)
    this.#center = new Float64Array(channels)
  }

  /** Numbers of a state. */
  static width(channels: number): number {
    return lagsWidth(channels) + statisticsWidth(channels) + 4 * channels
  }

  /** A gap: what was before it says nothing of what comes. What was learned of slow change stays. */
  restart(): void {
    this.#lags.restart()
    this.#statistics.restart()
    this.#carried.fill(0)
  }

  /** Takes a tick that is not judged, before the first that is. */
  remember(values: Float64Array): void {
    scaleTick(this.model, values, 0, this.#z)
    this.#lags.push(this.#z)
  }

  /** Takes a tick; answers its `TickSense`. */
  step(values: Float64Array): number {
    const { model } = this
    const { channels } = model
    const z = this.#z
    scaleTick(model, values, 0, z)
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
    const { mean, channels, distanceLimit, residualLimit } = this.model
    for (let i = 0; i < channels; i++) this.#center[i] = mean[i]! + (this.#tracks ? this.#slow.shift[i]! : 0)
    const statistics = this.#statistics
    statistics.step(this.#residual, this.#center, this.#carried)
    this.distanceRatio = statistics.smooth / (distanceLimit * this.#factor)
    this.residualRatio = statistics.moved / (residualLimit * this.#factor)
    this.ratio = Math.max(this.distanceRatio, this.residualRatio)
    if (this.residualRatio > this.distanceRatio) statistics.movedShares(this.shares)
    else statistics.carriedShares(this.#carried, this.shares)
    if (this.ratio < 1) this.#slow.follow(this.#residual, mean)
    this.drift = this.#slow.distance() / (this.model.driftLimit * this.#factor)
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
    this.drift = 0
  }

  /** Share of each channel in the drift, once after a scored tick. Shapes: shares (C) out. */
  driftShares(shares: Float64Array): void {
    this.#slow.shares(shares)
  }

  /** How far a channel's expectation has moved from what was learned, in its unit. */
  shiftOf(channel: number): number {
    return this.#slow.shift[channel]! * this.model.unit[channel]!
  }

  /** What was expected of a channel in the last tick, in its unit; NaN while that is unknown. */
  expectedOf(channel: number): number {
    const { center, unit, mean } = this.model
    const shift = mean[channel]! + (this.#tracks ? this.#slow.shift[channel]! : 0)
    return center[channel]! + unit[channel]! * (this.expected[channel]! + shift)
  }
}

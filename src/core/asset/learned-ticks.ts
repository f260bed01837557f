import { limits } from '../../base/limits.ts'
import { gapsOf, medianStepOf } from '../align.ts'
import { jointRecipe } from './joint-recipe.ts'
import type { JointRows } from './joint-rows.ts'

/** Whether the channels report together is looked at after so many ticks, and at most until so many. */
const lookAfter = 200
const lookUntil = 2_000
const lookEvery = 100
/** Channels that report together fill at least this share of the cells. */
const fillMin = 0.5
/** Readings that each channel needs before its rhythm means something. */
const stepsMin = 3

/**
 * The ticks that an asset is learned from, while it learns; bounded by `limits.assetLearnCells`, beyond which ticks are not kept.
 *
 * Shapes: rows as long as there were channels when they came; what a row does not reach is masked.
 */
export class LearnedTicks {
  readonly timeMs: number[] = []
  readonly rows: Float64Array[] = []
  /** Ticks that came, kept or not. */
  seen = 0
  #cells = 0

  get count(): number {
    return this.rows.length
  }

  push(timeMs: number, values: Float64Array): void {
    this.seen++
    if (this.#cells + values.length > limits.assetLearnCells) return
    this.#cells += values.length
    this.timeMs.push(timeMs)
    this.rows.push(values.slice())
  }

  clear(): void {
    this.timeMs.length = 0
    this.rows.length = 0
    this.#cells = 0
    this.seen = 0
  }

  /**
   * The period of a grid where the channels report at their own times: the median step of the slowest. 0 where they report
   * together, where that is not known yet, and after ticks between two looks; `isLast`: there will be no other look.
   */
  periodOf(channels: number, isLast: boolean): number {
    const isLook = this.count >= lookAfter && this.count <= lookUntil && this.count % lookEvery === 0
    if (!isLook && !isLast) return 0
    const times: number[][] = Array.from({ length: channels }, () => [])
    let filled = 0
    for (const [row, values] of this.rows.entries()) {
      for (let channel = 0; channel < values.length; channel++) {
        if (Number.isNaN(values[channel]!)) continue
        filled++
        times[channel]!.push(this.timeMs[row]!)
      }
    }
    if (filled >= fillMin * this.count * channels) return 0
    const known = times.filter((one) => one.length > stepsMin)
    if (known.length === 0 || (known.length < channels && !isLast && this.count < lookUntil)) return 0
    return Math.max(1, ...known.map((one) => medianStepOf(one)))
  }

  /** Channels that most ticks have: those that a joint model is made of. */
  present(channels: number): number[] {
    const counts = new Float64Array(channels)
    for (const values of this.rows) {
      for (let channel = 0; channel < values.length; channel++) {
        if (!Number.isNaN(values[channel]!)) counts[channel] = counts[channel]! + 1
      }
    }
    return [...counts.keys()].filter((channel) => counts[channel]! >= jointRecipe.presentShareMin * this.count)
  }

  get medianStepMs(): number {
    return medianStepOf(this.timeMs)
  }

  /** The ticks of these channels, in this order. Allocates: T·C numbers. */
  of(channels: readonly number[]): JointRows {
    const values = new Float64Array(this.count * channels.length)
    for (const [row, cells] of this.rows.entries()) {
      for (const [to, from] of channels.entries()) values[row * channels.length + to] = cells[from] ?? Number.NaN
    }
    return { channels: channels.length, values, breaks: gapsOf(this.timeMs, this.medianStepMs) }
  }
}

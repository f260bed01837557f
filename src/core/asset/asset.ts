import { limits } from '../../base/limits.ts'
import type { AssetSpec } from '../../domain/sensor.ts'
import { C, Phase, rowWidth } from '../columns.ts'
import { recipe } from '../recipe.ts'
import { settle } from '../settle.ts'
import { learnJoint } from './joint-fit.ts'
import { columnsOf, type JointModel, modelOf } from './joint-model.ts'
import { jointRecipe } from './joint-recipe.ts'
import { JointScorer, TickSense } from './joint-scorer.ts'
import { LearnedTicks } from './learned-ticks.ts'
import { pack, unpack } from './packed.ts'
import { TickFormer } from './tick-former.ts'
import { WaitingReadings } from './waiting-readings.ts'

/** What became of a tick: learned from, or its `TickSense`. */
export type TickFate = 'learned' | 'scored' | 'warming' | 'masked'

/** Hears of each tick of an asset, when everything about it is known. */
export type AssetListener = (asset: Asset, timeMs: number, fate: TickFate, arrivalMs: number) => void

/** How long an asset learns: so many ticks, or those before an event time. */
export interface AssetSpell {
  readonly rows?: number
  readonly untilMs?: number
}

const fates: Readonly<Record<number, TickFate>> = {
  [TickSense.scored]: 'scored',
  [TickSense.warming]: 'warming',
  [TickSense.masked]: 'masked',
}

/** Numbers of the drift alarm's life, as `alarmColumns` has them. */
const driftWidth = 7

/**
 * One asset: ticks of its channels, learned from at first, then scored.
 *
 * State: everything; `snapshot` and `restore` keep it to the bit. Memory: while it learns, at most `limits.assetLearnCells` values;
 * afterwards 3·C² + 20·C numbers and as much again for factors.
 */
export class Asset {
  readonly spec: AssetSpec
  /** The columns of alarm, held-back row and last words, as a sensor has them. */
  readonly row = new Float64Array(rowWidth)
  readonly drift = new Float64Array(driftWidth)
  /** (C) the values of the last tick, in the scorer's order of channels. */
  values = new Float64Array(0)
  /** Ids of the channels, in the order of discovery, and of those in the joint model. */
  readonly #found: string[] = []
  readonly #indices = new Map<string, number>()
  #order: number[] = []
  #former: TickFormer
  #waiting: WaitingReadings
  #arrivalMs = 0
  readonly #learned = new LearnedTicks()
  #scorer: JointScorer | null = null
  readonly #spell: AssetSpell
  readonly #listener: AssetListener
  #lastTickMs = Number.NaN
  #medianStepMs = 0
  /** The period of a grid that the channels turned out to need, until the reading is through. */
  #nextPeriodMs = 0

  constructor(spec: AssetSpec, spell: AssetSpell, listener: AssetListener) {
    this.spec = spec
    this.#spell = spell
    this.#listener = listener
    this.#former = this.#newFormer()
    this.#waiting = this.#newWaiting()
  }

  #newWaiting(): WaitingReadings {
    const next = (channel: number, timeMs: number, value: number) => this.#next(channel, timeMs, value)
    return new WaitingReadings(this.spec.latenessMs, limits.assetWaiting, next)
  }

  #newFormer(): TickFormer {
    const { periodMs, maxAgeMs } = this.spec
    return new TickFormer((timeMs, values, arrivalMs) => this.#tick(timeMs, values, arrivalMs), periodMs, maxAgeMs)
  }

  get scorer(): JointScorer | null {
    return this.#scorer
  }

  /** Id of a channel of the joint model. */
  channelId(channel: number): string {
    return this.#found[this.#order[channel]!]!
  }

  /** Index of a sensor among the asset's channels, new ones found while it learns; −1: it is none. */
  channelOf(id: string): number {
    const known = this.#indices.get(id)
    if (known !== undefined) return known
    if (this.#scorer !== null || this.#found.length >= limits.assetChannels) return -1
    const channel = this.#former.add()
    this.#found.push(id)
    this.#indices.set(id, channel)
    return channel
  }

  /** Takes a reading of a channel; NaN where it had no good value. */
  take(channel: number, timeMs: number, value: number, arrivalMs: number): void {
    this.#arrivalMs = arrivalMs
    if (this.spec.latenessMs === 0) this.#next(channel, timeMs, value)
    else this.#former.pass(this.#waiting.take(channel, timeMs, value), arrivalMs)
    this.#regrid()
  }

  /** A reading in the order that ticks are made in. */
  #next(channel: number, timeMs: number, value: number): void {
    this.#former.take(channel, timeMs, value, this.#arrivalMs)
    this.#regrid()
  }

  #regrid(): void {
    // What ticks are made of changes between two readings only.
    if (this.#nextPeriodMs === 0) return
    this.#former.regrid(this.#nextPeriodMs, this.spec.maxAgeMs)
    this.#nextPeriodMs = 0
    this.#learned.clear()
    this.#lastTickMs = Number.NaN
  }

  /** No reading will come any more. */
  finish(arrivalMs: number): void {
    this.#arrivalMs = arrivalMs
    this.#waiting.finish()
    this.#former.finish(arrivalMs)
  }

  /** Ticks learned and needed; null once it is scored. */
  get progress(): { seen: number; needed: number } | null {
    if (this.#scorer !== null) return null
    const { seen } = this.#learned
    return { seen, needed: Math.max(this.#needed, seen + (this.#isTimed ? 1 : 0)) }
  }

  get #isTimed(): boolean {
    return this.#spell.rows === undefined && this.#spell.untilMs !== undefined
  }

  get #needed(): number {
    return this.#isTimed ? limits.learnTicksMin : (this.#spell.rows ?? this.spec.warmupTicks)
  }

  /** Whether a tick of this time is of the spell that was said to be normal, and not of a warm-up. */
  isDeclared(timeMs: number): boolean {
    return this.#spell.rows !== undefined || (this.#isTimed && timeMs < this.#spell.untilMs!)
  }

  #tick(timeMs: number, values: Float64Array, arrivalMs: number): void {
    const learned = this.#learned
    if (this.#scorer === null && this.#isTimed && timeMs >= this.#spell.untilMs! && learned.seen >= this.#needed) {
      this.#learn()
    }
    let fate: TickFate = 'learned'
    if (this.#scorer === null) {
      learned.push(timeMs, values)
      this.#lastTickMs = timeMs
    } else fate = this.#score(this.#scorer, timeMs, values)
    this.#listener(this, timeMs, fate, arrivalMs)
    if (this.#scorer !== null) return
    const isComplete = !this.#isTimed && learned.seen >= this.#needed
    if (this.#former.periodMs === 0) this.#nextPeriodMs = learned.periodOf(this.#found.length, isComplete)
    if (isComplete && this.#nextPeriodMs === 0) this.#learn()
  }

  #score(scorer: JointScorer, timeMs: number, values: Float64Array): TickFate {
    if (timeMs - this.#lastTickMs > recipe.gapSteps * this.#medianStepMs) scorer.restart()
    this.#lastTickMs = timeMs
    for (const [to, from] of this.#order.entries()) this.values[to] = values[from]!
    return fates[scorer.step(this.values)]!
  }

  /** The learned ticks become the joint model, and go. The last two of them are what the first scored tick is told from. */
  #learn(): void {
    const learned = this.#learned
    const order = learned.present(this.#found.length).sort((a, b) => (this.#found[a]! < this.#found[b]! ? -1 : 1))
    if (order.length === 0) {
      learned.clear()
      return
    }
    const rows = learned.of(order)
    const scorer = this.#begin(order, learnJoint(rows))
    this.#medianStepMs = learned.medianStepMs
    const from = rows.values.length - jointRecipe.lags * rows.channels
    for (let at = Math.max(0, from); at < rows.values.length; at += rows.channels) {
      scorer.remember(rows.values.subarray(at, at + rows.channels))
    }
    learned.clear()
    this.row[C.phase] = Phase.score
  }

  #begin(order: readonly number[], model: JointModel, state?: Float64Array): JointScorer {
    this.#order = [...order]
    this.values = new Float64Array(order.length).fill(Number.NaN)
    this.#scorer = new JointScorer(model, jointRecipe.factor[this.spec.sensitivity], this.spec.tracks, state)
    this.#former.require(order)
    this.#waiting.require(order)
    return this.#scorer
  }

  snapshot(): Uint8Array {
    const own = Float64Array.of(this.#lastTickMs, this.#medianStepMs, this.#scorer === null ? 0 : 1, this.#learned.seen)
    const columns = [this.row, this.drift, own, ...this.#former.numbers, ...this.#waiting.numbers]
    if (this.#scorer === null)
      return pack(this.#found, [...columns, Float64Array.from(this.#learned.timeMs), ...this.#learned.rows])
    const { model, state } = this.#scorer
    return pack(this.#found, [...columns, Float64Array.from(this.#order), this.values, state, ...columnsOf(model)])
  }

  restore(bytes: Uint8Array): void {
    const { words, columns } = unpack(bytes)
    this.clear()
    for (const [channel, id] of words.entries()) {
      this.#found.push(id)
      this.#indices.set(id, channel)
    }
    const [row, drift, own, first, second, third, fourth, fifth, heard, waiting, ...rest] = columns
    this.row.set(row!)
    this.drift.set(drift!)
    this.#lastTickMs = own![0]!
    this.#medianStepMs = own![1]!
    this.#former.numbers = [first!, second!, third!, fourth!, fifth!]
    this.#waiting.numbers = [heard!, waiting!]
    if (own![2] === 0) {
      const [times, ...rows] = rest
      for (const [at, values] of rows.entries()) this.#learned.push(times![at]!, values)
      this.#learned.seen = own![3]!
      return
    }
    const [order, values, state, ...model] = rest
    this.#begin([...order!], modelOf(model), state)
    this.values.set(values!)
  }

  /** Its history ends here: what it learned stays, alarms that nobody heard of go. */
  settle(): void {
    settle(this.row, 0)
    this.drift.fill(0)
  }

  /** Forgets everything: it learns anew. */
  clear(): void {
    this.row.fill(0)
    this.drift.fill(0)
    this.#found.length = 0
    this.#indices.clear()
    this.#order = []
    this.#former = this.#newFormer()
    this.#waiting = this.#newWaiting()
    this.#nextPeriodMs = 0
    this.#learned.clear()
    this.#scorer = null
    this.#lastTickMs = Number.NaN
    this.#medianStepMs = 0
    this.values = new Float64Array(0)
  }
}

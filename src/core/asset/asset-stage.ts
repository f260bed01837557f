import { pow } from '../../base/math.ts'
import { type AlarmTransition, alarmId } from '../../domain/alarm.ts'
import { OutcomeFrame, type TopChannel } from '../../domain/outcome.ts'
import { Quality } from '../../domain/quality.ts'
import { defaultSpec, type SensorCatalog, type SensorSpec } from '../../domain/sensor.ts'
import { AlarmPhase, AlarmStep, returnAlarm, stepAlarm } from '../alarm.ts'
import { Changes } from '../changes.ts'
import { alarmColumns as A, C, Phase } from '../columns.ts'
import type { ReadingExplanation } from '../explain.ts'
import type { LastReading, SensorState } from '../journey.ts'
import { endedMessage } from '../message.ts'
import { recipe } from '../recipe.ts'
import { transitionOf } from '../transition.ts'
import { Asset, type AssetSpell, type TickFate } from './asset.ts'
import {
  type ChannelPart,
  type DriftPart,
  driftMessage,
  driftReturnedMessage,
  jointAcceptedMessage,
  jointMessage,
  jointReturnedMessage,
  leading,
} from './asset-message.ts'
import { jointRecipe } from './joint-recipe.ts'
import type { JointScorer } from './joint-scorer.ts'

/** Channels that a row names. */
const topMost = 5

/** Codes of an asset's state, as those of a sensor. */
const states: readonly SensorState[] = ['warmup', 'normal', 'anomaly']

/**
 * The assets of a pipeline that are scored as one, behind the stages of their channels: what those let pass becomes ticks.
 *
 * A row of `outcome` is a tick of an asset: `value` the largest statistic over its limit (1 is the boundary), `expected` what is
 * usual of it, 0 and 1 its band.
 * Allocates: rows as they come; the frames grow to the largest number of ticks that one frame of readings closed.
 */
export class AssetStage {
  readonly #catalog: SensorCatalog
  readonly #plant: string
  readonly #assets: readonly Asset[]
  readonly #slotOf = new Map<Asset, number>()
  readonly #byName = new Map<string, Asset>()
  /** What a sensor's slot is: its spec when that was asked, its asset, its channel there. */
  readonly #places: { spec: SensorSpec; asset: Asset | undefined; channel: number }[] = []
  readonly #dirty = new Set<number>()
  readonly #states: number[] = []
  readonly #changes = new Changes()
  #transitions: AlarmTransition[] = []
  /** One row per tick that the last frame closed. */
  outcome = new OutcomeFrame(64)

  constructor(catalog: SensorCatalog, plant: string, spell: AssetSpell = {}) {
    this.#catalog = catalog
    this.#plant = plant
    this.#assets = catalog.assets.map((spec) => new Asset(spec, spell, (...tick) => this.#tick(...tick)))
    for (const [slot, asset] of this.#assets.entries()) {
      this.#slotOf.set(asset, slot)
      this.#byName.set(asset.spec.name, asset)
    }
  }

  /** The rows of the last frame that `scores: changes` writes. */
  get changes(): OutcomeFrame {
    return this.#changes.frame
  }

  /** Takes the outcome rows of a frame from row `from` on, and appends the transitions of its ticks to `out`. */
  step(out: OutcomeFrame, from: number): void {
    this.#begin()
    for (let row = from; row < out.count; row++) {
      const place = this.#placeOf(out.slot[row]!)
      if (place.asset === undefined || place.channel < 0) continue
      const quality = out.quality[row]!
      if (quality === Quality.duplicate || quality === Quality.late || quality === Quality.clock) continue
      const value = isTaken(quality) ? out.value[row]! : Number.NaN
      this.#dirty.add(this.#slotOf.get(place.asset)!)
      place.asset.take(place.channel, out.timeMs[row]!, value, out.arrivalMs[row]!)
    }
    this.#end(out)
  }

  /** No reading will come any more: closes the open ticks. */
  finish(out: OutcomeFrame): void {
    this.#begin()
    for (const [slot, asset] of this.#assets.entries()) {
      asset.finish(asset.row[C.arrivalMs]!)
      this.#dirty.add(slot)
    }
    this.#end(out)
  }

  #begin(): void {
    this.outcome.clear()
    this.#states.length = 0
  }

  #end(out: OutcomeFrame): void {
    const { outcome } = this
    this.#changes.begin(outcome.count)
    for (let row = 0; row < outcome.count; row++) {
      this.#changes.consider(this.#assets[outcome.slot[row]!]!.row, 0, outcome, 0, row, this.#states[row]!)
    }
    this.#changes.finish(outcome, 0, outcome.count)
    out.transitions.push(...this.#transitions)
    this.#transitions = []
  }

  #placeOf(slot: number) {
    const spec = this.#catalog.spec(slot)
    const known = this.#places[slot]
    // A slot that was freed is another sensor's: its spec is another object.
    if (known !== undefined && known.spec === spec && known.channel >= 0) return known
    const asset = spec.channelOf === null ? undefined : this.#byName.get(spec.channelOf)
    const place = { spec, asset, channel: asset?.channelOf(spec.id) ?? -1 }
    this.#places[slot] = place
    return place
  }

  #tick(asset: Asset, timeMs: number, fate: TickFate, arrivalMs: number): void {
    const slot = this.#slotOf.get(asset)!
    const { row } = asset
    const out = this.#room()
    const to = out.count++
    row[C.arrivalMs] = arrivalMs
    out.slot[to] = slot
    out.timeMs[to] = timeMs
    out.arrivalMs[to] = arrivalMs
    const { scorer } = asset
    const isScored = fate === 'scored' && scorer !== null
    const ratio = isScored ? scorer.ratio : Number.NaN
    out.value[to] = ratio
    out.expected[to] = isScored ? scorer.usual : Number.NaN
    out.lower[to] = isScored ? 0 : Number.NaN
    out.upper[to] = isScored ? 1 : Number.NaN
    out.residual[to] = isScored ? ratio - scorer.usual : Number.NaN
    out.quality[to] = qualityOf(asset, fate, timeMs)
    if (isScored) {
      row[C.score] = scoreOf(ratio)
      row[C.value] = ratio
      row[C.valueMs] = timeMs
      row[C.accepted] = row[C.accepted]! + 1
      this.#alarms(asset, scorer, slot, timeMs, arrivalMs)
      out.setTop(to, topOf(asset, scorer))
    } else if (fate !== 'masked') row[C.score] = 0
    out.score[to] = row[C.score]!
    out.alarm[to] = row[C.process + A.state] === AlarmPhase.unack ? 1 : 0
    this.#states.push(stateOf(asset))
  }

  #room(): OutcomeFrame {
    const full = this.outcome
    if (full.count < full.capacity) return full
    this.outcome = new OutcomeFrame(2 * full.capacity)
    for (let row = 0; row < full.count; row++) this.outcome.append(full, row)
    return this.outcome
  }

  #alarms(asset: Asset, scorer: JointScorer, slot: number, timeMs: number, arrivalMs: number): void {
    const { row, drift } = asset
    const { delayOnMs, delayOffMs } = asset.spec.alarm
    const subject = this.#catalog.spec(slot)
    const score = row[C.score]!
    const { name } = asset.spec
    const joint = stepAlarm(row, C.process, score > 0.5, score < recipe.scoreOff, timeMs, delayOnMs, delayOffMs)
    const cause = { eventTime: timeMs, detectedTime: arrivalMs, expected: scorer.usual, lower: 0, upper: 1 }
    if (joint !== AlarmStep.none) {
      let message = jointMessage(name, scorer.ratio, this.#parts(asset, scorer))
      if (joint === AlarmStep.returned) message = jointReturnedMessage(name)
      else if (joint === AlarmStep.ended) message = endedMessage(subject)
      const step = { ...cause, value: scorer.ratio, score, message }
      this.#transitions.push(transitionOf(row, C.process, joint, 'process', this.#plant, subject, step))
    }
    const moved = scorer.drift
    const slow = stepAlarm(drift, 0, moved > 1, moved < jointRecipe.driftOff, timeMs, delayOnMs, delayOffMs)
    if (slow === AlarmStep.none) return
    let message = driftMessage(name, moved, asset.spec.tracks, this.#driftParts(asset, scorer))
    if (slow === AlarmStep.returned) message = driftReturnedMessage(name)
    else if (slow === AlarmStep.ended) message = endedMessage(subject)
    const step = { ...cause, expected: Number.NaN, value: moved, score: scoreOf(moved), message }
    this.#transitions.push(transitionOf(drift, 0, slow, 'process', this.#plant, driftSubject(subject), step))
  }

  #channelSpec(id: string): SensorSpec {
    const slot = this.#catalog.find(id)
    return slot === undefined ? defaultSpec(id) : this.#catalog.spec(slot)
  }

  #parts(asset: Asset, scorer: JointScorer): ChannelPart[] {
    return Array.from(scorer.shares, (share, channel) => ({
      channel: this.#channelSpec(asset.channelId(channel)),
      share,
      value: asset.values[channel]!,
      expected: scorer.expectedOf(channel),
    }))
  }

  #driftParts(asset: Asset, scorer: JointScorer): DriftPart[] {
    const shares = new Float64Array(scorer.model.channels)
    scorer.driftShares(shares)
    return Array.from(shares, (share, channel) => ({
      channel: this.#channelSpec(asset.channelId(channel)),
      share,
      shift: scorer.shiftOf(channel),
    }))
  }

  /** Explains the newest tick by its channels; null for another one, or before the first that was scored. */
  explain(slot: number, observed: number): ReadingExplanation | null {
    const asset = this.#assets[slot]!
    const { scorer } = asset
    if (scorer === null || asset.row[C.accepted] === 0 || Math.fround(observed) !== Math.fround(scorer.ratio))
      return null
    const parts = this.#parts(asset, scorer)
    const residual = scorer.ratio - scorer.usual
    const byChannel = parts
      .map(({ channel, share }) => ({ channel: channel.id, contribution: share * residual }))
      .sort((a, b) => b.contribution - a.contribution)
    const sentence = jointMessage(asset.spec.name, scorer.ratio, parts)
    const cause = leading(parts)
      .map(({ channel }) => channel.id)
      .join(', ')
    return { residual, rest: 0, against: 'usual', byChannel, byTick: [], sentence, cause }
  }

  state(slot: number): SensorState {
    return states[stateOf(this.#assets[slot]!)]!
  }

  progress(slot: number): { seen: number; needed: number } | null {
    return this.#assets[slot]!.progress
  }

  last(slot: number): LastReading | null {
    const { row } = this.#assets[slot]!
    if (row[C.accepted] === 0) return null
    const alarm = row[C.process + A.state] === AlarmPhase.unack ? 1 : 0
    return { timeMs: row[C.valueMs]!, value: row[C.value]!, score: row[C.score]!, alarm }
  }

  dirtySlots(): Iterable<number> {
    return this.#dirty
  }

  clearDirty(): void {
    this.#dirty.clear()
  }

  snapshot(slot: number): Uint8Array {
    return this.#assets[slot]!.snapshot()
  }

  restore(slot: number, bytes: Uint8Array): void {
    this.#assets[slot]!.restore(bytes)
    this.#places.length = 0
  }

  /** As `Pipeline.accept`: of the joint alarm or of the drift alarm, whichever `id` is. */
  accept(slot: number, id: string, by: string, nowMs: number, out: OutcomeFrame): boolean {
    const asset = this.#assets[slot]!
    const { scorer, row, drift } = asset
    const subject = this.#catalog.spec(slot)
    for (const [columns, at, spec] of [
      [row, C.process, subject],
      [drift, 0, driftSubject(subject)],
    ] as const) {
      const isStanding = columns[at + A.state] === AlarmPhase.unack
      if (scorer === null || !isStanding || alarmId(spec.id, 'process', columns[at + A.raisedMs]!) !== id) continue
      const value = columns === row ? scorer.ratio : scorer.drift
      if (columns === row) scorer.acceptLevel()
      else scorer.acceptDrift()
      const step = returnAlarm(columns, at)
      const unknown = { expected: Number.NaN, lower: Number.NaN, upper: Number.NaN }
      const message = jointAcceptedMessage(spec.id, by)
      const cause = {
        ...unknown,
        eventTime: row[C.valueMs]!,
        detectedTime: nowMs,
        value,
        score: scoreOf(value),
        message,
      }
      out.transitions.push(transitionOf(columns, at, step, 'process', this.#plant, spec, cause))
      this.#dirty.add(slot)
      return true
    }
    return false
  }

  settle(slot: number): void {
    this.#assets[slot]!.settle()
    this.#dirty.add(slot)
  }

  clear(slot: number): void {
    this.#assets[slot]!.clear()
    this.#places.length = 0
  }
}

function isTaken(quality: number): boolean {
  return (
    quality === Quality.good ||
    quality === Quality.uncertain ||
    quality === Quality.warmup ||
    quality === Quality.learning
  )
}

function scoreOf(ratio: number): number {
  const power = pow(Math.min(ratio, ratioMost), jointRecipe.scorePower)
  return power / (1 + power)
}

/** Beyond it the score is 1 to the last bit, and its power stays finite. */
const ratioMost = 1e6

function qualityOf(asset: Asset, fate: TickFate, timeMs: number): number {
  if (fate === 'learned') return asset.isDeclared(timeMs) ? Quality.learning : Quality.warmup
  if (fate === 'warming') return Quality.warmup
  return fate === 'masked' ? Quality.bad : Quality.good
}

function stateOf({ row }: Asset): number {
  if (row[C.phase] !== Phase.score) return 0
  return row[C.process + A.state] === AlarmPhase.unack ? 2 : 1
}

/** Who the drift alarm is about: beside the asset, so that both alarms stand side by side. */
function driftSubject(subject: SensorSpec): SensorSpec {
  return { ...subject, id: `${subject.id}/drift`, labels: {}, priority: 'low' }
}

function topOf(asset: Asset, { shares }: JointScorer): TopChannel[] {
  const order = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]! || a - b).slice(0, topMost)
  return order
    .filter((channel) => shares[channel]! > 0)
    .map((channel) => ({ channel: asset.channelId(channel), share: shares[channel]! }))
}

import type { Frame } from '../domain/frame.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import { Quality } from '../domain/quality.ts'
import type { SensorCatalog, SensorSpec } from '../domain/sensor.ts'
import { isDue, isFrozen } from './accept.ts'
import { adapt, adaptCodes } from './adapt.ts'
import { AlarmPhase, AlarmStep, stepAlarm } from './alarm.ts'
import { Announcer } from './announcer.ts'
import type { Arena } from './arena.ts'
import { adoptCalibration } from './calibration.ts'
import { alarmColumns as A, C, Phase, Recipe, rowWidth, Silence } from './columns.ts'
import { average, fastCap, runningScale, slowCap } from './errors.ts'
import type { ExplainReading } from './explain.ts'
import { fallSilent, faulty, healthy, speakAgain } from './faults.ts'
import type { Forecaster } from './forecaster.ts'
import type { JourneyOptions } from './journey-options.ts'
import {
  calibrateReading,
  finishCalibration,
  fitReading,
  learnLive,
  leaveOut,
  restartSession,
  startCalibration,
} from './learn.ts'
import { acceptedMessage, endedMessage, noveltyReason, raisedMessage, reason, returnedMessage } from './message.ts'
import { wasAccepted } from './novelty/hold.ts'
import { NoveltyJudge } from './novelty-judge.ts'
import { accept, advance, gapAfter, judge, type Quarantine, quarantineOf, silentAfter } from './quality.ts'
import { learnRange } from './range.ts'
import { recipe } from './recipe.ts'
import { compare, type Residual, scaled } from './residual.ts'
import { type Scored, score } from './score.ts'
import type { Spell } from './spell.ts'
import type { Verdict } from './verdict.ts'
import { watch } from './watch.ts'

/** States of a sensor, in the order of their codes. */
const stateNames = ['warmup', 'normal', 'anomaly', 'fault', 'silent'] as const
/** State of a sensor. */
export type SensorState = (typeof stateNames)[number]

/** The last accepted reading of a sensor and what was said of it. */
export interface LastReading {
  readonly timeMs: number
  readonly value: number
  readonly score: number
  readonly alarm: 0 | 1
}

/**
 * The way of one reading through the stages: quality → align → residual → score → threshold → alarm → learn.
 *
 * The branching is here; the stages are leaf functions on the sensor's columns. The recurrent step comes after, for a
 * whole wave at once.
 * Allocates: nothing, but for the few alarm transitions.
 */
export class Journey {
  readonly #arena: Arena
  readonly #f: Float64Array
  readonly #spell: Spell
  readonly #forecaster: Forecaster
  readonly #catalog: SensorCatalog
  readonly #announcer: Announcer
  readonly #quarantine: Quarantine | null
  readonly #explain: ExplainReading | undefined
  readonly #scoresChannels: boolean
  readonly #residual: Residual = { v: 0, predicted: 0, first: 0, mean: 0 }
  readonly #novelty: NoveltyJudge
  readonly #verdict: Verdict = {
    expected: 0,
    half: 0,
    score: 0,
    isOn: false,
    isOff: false,
    sign: 0,
    isOneWay: false,
    strain: 0,
  }
  readonly #scored: Scored = { slow: 0, fast: 0, novelty: 0, r: 0, score: 0 }

  constructor(arena: Arena, spell: Spell, forecaster: Forecaster, options: JourneyOptions) {
    this.#arena = arena
    this.#f = arena.f
    this.#novelty = new NoveltyJudge(arena)
    this.#spell = spell
    this.#forecaster = forecaster
    this.#catalog = options.catalog
    this.#announcer = new Announcer(arena.f, options.plant)
    this.#quarantine = quarantineOf(options.quarantine)
    this.#explain = options.explain
    this.#scoresChannels = options.scoresChannels ?? true
  }

  /**
   * Takes one reading through all stages and writes outcome row `to`.
   *
   * Answers the scaled value that the network is to see, or NaN when it is not to see this reading.
   */
  reading(frame: Frame, row: number, out: OutcomeFrame, to: number): number {
    const f = this.#f
    const slot = frame.slot[row]!
    const at = slot * rowWidth
    const spec = this.#catalog.spec(slot)
    const timeMs = frame.timeMs[row]!
    const value = frame.value[row]!
    const arrivalMs = frame.arrivalMs[row]!
    this.#arena.touch(slot)
    out.slot[to] = slot
    out.timeMs[to] = timeMs
    out.arrivalMs[to] = arrivalMs
    out.value[to] = value
    const quality = judge(f, at, spec, timeMs, value, frame.quality[row]!, arrivalMs, this.#quarantine)
    const faultTimeMs = quality === Quality.clock ? arrivalMs : timeMs
    if (quality === Quality.duplicate || quality === Quality.late) return this.#unscored(out, to, at, quality)
    let stepMs = 0
    if (quality !== Quality.clock) {
      const isHeard = f[at + C.seen]! > 0 && f[at + C.silent] !== Silence.unheard
      stepMs = isHeard ? timeMs - f[at + C.newestMs]! : 0
      this.#endSilence(at, spec, to, stepMs, timeMs, arrivalMs, value)
      advance(f, at, timeMs, arrivalMs)
    }
    if (quality !== Quality.good && quality !== Quality.uncertain) {
      if (quality === Quality.stuck) accept(f, at, timeMs, value)
      const step = faulty(f, at, quality, faultTimeMs)
      if (step !== AlarmStep.none) this.#announcer.instrument(at, spec, to, step, faultTimeMs, arrivalMs, value)
      return this.#unscored(out, to, at, quality)
    }
    const step = healthy(f, at)
    if (step !== AlarmStep.none) this.#announcer.instrument(at, spec, to, step, timeMs, arrivalMs, value)
    const sinceMs = f[at + C.accepted]! > 0 ? timeMs - f[at + C.valueMs]! : 0
    accept(f, at, timeMs, value)
    if (spec.isInput) return this.#unscored(out, to, at, quality)
    if (spec.channelOf !== null && !this.#scoresChannels) return this.#watching(out, to, at, spec, quality, stepMs)
    if (f[at + C.learned] === 0 && !this.#spell.isDeclared(timeMs)) this.#readyAtOnce(at, spec)
    if (this.#spell.calibratedBefore(f, at, timeMs)) finishCalibration(f, at)
    if (f[at + C.phase] !== Phase.score) return this.#learning(out, to, slot, spec, quality, stepMs)
    if (sinceMs > gapAfter(f, at)) restartSession(f, at)
    return this.#scoring(out, to, slot, spec, quality)
  }

  /** A new sensor of which its model knows what is normal has nothing to learn. */
  #readyAtOnce(at: number, spec: SensorSpec): void {
    const calibration = this.#forecaster.calibration(at / rowWidth)
    if (calibration !== undefined) adoptCalibration(this.#f, at, calibration, spec.id)
  }

  /** A channel of which nobody sees a score of its own: no network sees it. */
  #watching(out: OutcomeFrame, to: number, at: number, spec: SensorSpec, quality: number, stepMs: number): number {
    const isLearning = watch(this.#f, at, this.#spell, spec, out.timeMs[to]!, out.value[to]!, quality, stepMs)
    return this.#unscored(out, to, at, isLearning ? this.#spell.quality(out.timeMs[to]!) : quality)
  }

  /** A reading of the learning spell: it gets score 0, whatever it is; an uncertain one is not learned from. */
  #learning(out: OutcomeFrame, to: number, slot: number, spec: SensorSpec, quality: number, stepMs: number): number {
    const f = this.#f
    const at = slot * rowWidth
    const timeMs = out.timeMs[to]!
    const value = out.value[to]!
    this.#unscored(out, to, at, this.#spell.quality(timeMs))
    if (quality === Quality.uncertain) return Number.NaN
    if (leaveOut(f, at, value)) {
      f[at + C.leftOut] = f[at + C.leftOut]! + 1
      return Number.NaN
    }
    const declared = this.#forecaster.declaredScale(slot)
    if (f[at + C.learned] === 0) this.#spell.begin(f, at, timeMs, declared !== undefined, spec.sensitivity)
    if (f[at + C.recipe] === Recipe.novelty) this.#novelty.observe(slot, timeMs, value, spec)
    if (f[at + C.phase] === Phase.fit) {
      fitReading(f, at, value, stepMs, declared)
      if (this.#spell.fitted(f, at, timeMs)) startCalibration(f, at)
      return f[at + C.learned]! < recipe.provisionalRows ? Number.NaN : scaled(f, at, value)
    }
    if (stepMs > recipe.gapSteps * f[at + C.medianStepMs]!) f[at + C.valid] = 0
    compare(this.#arena, slot, this.#forecaster.horizons(slot), value, this.#residual)
    calibrateReading(f, at, value, stepMs, this.#residual)
    if (this.#spell.calibrated(f, at)) finishCalibration(f, at)
    return this.#residual.v
  }

  /** A reading that is scored: residual → score → alarm → learn, by the recipe that judges its sensor. */
  #scoring(out: OutcomeFrame, to: number, slot: number, spec: SensorSpec, quality: number): number {
    const f = this.#f
    const at = slot * rowWidth
    const value = out.value[to]!
    const isNovelty = f[at + C.recipe] === Recipe.novelty
    compare(this.#arena, slot, this.#forecaster.horizons(slot), value, this.#residual)
    const predicted = f[at + C.center]! + f[at + C.unit]! * this.#residual.predicted
    if (isNovelty) this.#novelty.score(slot, out.timeMs[to]!, value, predicted, spec, this.#verdict)
    else this.#byLimits(at, value, predicted, spec)
    const { expected, half, score } = this.#verdict
    out.expected[to] = expected
    out.lower[to] = expected - half
    out.upper[to] = expected + half
    out.residual[to] = value - expected
    out.score[to] = score
    out.quality[to] = quality
    f[at + C.score] = score
    this.#alarm(out, to, at, spec)
    if (!isNovelty && isDue(f, at, spec, out.timeMs[to]!))
      this.#announcer.accept(to, at, spec, null, out.arrivalMs[to]!)
    out.alarm[to] = f[at + C.process + A.state] === AlarmPhase.unack ? 1 : 0
    f[at + C.adapts] = adaptCodes[spec.adapt]
    if (f[at + C.adapts] !== 0) adapt(f, at, this.#residual, this.#verdict.strain, quality === Quality.good)
    if (f[at + C.sessionRows]! < recipe.sessionRows) f[at + C.sessionRows] = f[at + C.sessionRows]! + 1
    if (quality === Quality.good) {
      if (isNovelty) learnRange(f, at, value, 0)
      else if (!isFrozen(f, at, spec)) learnLive(f, at, value, this.#scored.novelty, this.#residual)
    }
    return this.#residual.v
  }

  /** Recipe T: errors against limits that normal rows set. */
  #byLimits(at: number, value: number, predicted: number, spec: SensorSpec): void {
    const f = this.#f
    const scored = this.#scored
    const verdict = this.#verdict
    average(f, at, this.#residual, slowCap(f, at), fastCap(f, at))
    score(f, at, value, spec.sensitivity, scored)
    const errors = Math.sqrt(scored.slow * scored.fast) / recipe.factor[spec.sensitivity]
    const direction = f[at + C.fast]! > 0 ? f[at + C.signed]! / f[at + C.fast]! : 0
    const isNew = Math.abs(scored.novelty) > errors
    verdict.expected = predicted
    verdict.half = f[at + C.band]! * runningScale(f, at) * f[at + C.unit]!
    verdict.score = scored.score
    verdict.isOn = scored.score > 0.5
    verdict.isOff = scored.score < recipe.scoreOff
    verdict.sign = isNew ? scored.novelty : direction
    // Of errors that go both ways no single expectation is the cause.
    verdict.isOneWay = isNew || Math.abs(direction) > 0.5
    verdict.strain = Math.max(scored.slow, scored.fast, Math.abs(scored.novelty))
  }

  /** The process alarm: condition, delays, hysteresis. */
  #alarm(out: OutcomeFrame, to: number, at: number, spec: SensorSpec): void {
    const f = this.#f
    const { isOn, isOff, sign, isOneWay, score } = this.#verdict
    const isAsked = spec.alarm.direction === 'both' || (spec.alarm.direction === 'high' ? sign >= 0 : sign <= 0)
    // The channels of an asset that is scored as one raise no process alarm each: the asset does.
    const wanted = isAsked && spec.channelOf === null
    const timeMs = out.timeMs[to]!
    const alarm = at + C.process
    const { delayOnMs, delayOffMs } = spec.alarm
    const step = stepAlarm(f, alarm, isOn && wanted, isOff || !wanted, timeMs, delayOnMs, delayOffMs)
    if (step === AlarmStep.none) return
    const value = out.value[to]!
    const expected = out.expected[to]!
    const lower = out.lower[to]!
    const upper = out.upper[to]!
    let message = endedMessage(spec)
    if (step === AlarmStep.returned) {
      const isAccepted = f[at + C.recipe] === Recipe.novelty && wasAccepted(f, at + C.novelty)
      message = isAccepted ? acceptedMessage(spec, value, null) : returnedMessage(spec, value, expected, lower, upper)
    } else if (step !== AlarmStep.ended) {
      const why = this.#why(at, spec)
      const cause = isOneWay && (value - expected) * sign > 0 ? this.#cause(at / rowWidth, spec, value, expected) : ''
      message = raisedMessage(spec, value, expected, lower, upper, cause === '' ? why : `${why} ${cause}`)
    }
    const detectedTime = out.arrivalMs[to]!
    const cause = { eventTime: timeMs, detectedTime, value, expected, lower, upper, score, message }
    this.#announcer.process(to, at, spec, step, cause)
  }

  /** As `Pipeline.accept`. */
  accept(slot: number, id: string, by: string, detectedMs: number): boolean {
    const at = slot * rowWidth
    const spec = this.#catalog.spec(slot)
    if (!this.#announcer.isStanding(at, spec, id)) return false
    this.#announcer.accept(0, at, spec, by, detectedMs)
    this.#arena.touch(slot)
    return true
  }

  /** Why the alarm is raised, in an operator's words. */
  #why(at: number, spec: SensorSpec): string {
    const f = this.#f
    if (f[at + C.recipe] === Recipe.novelty) return noveltyReason(this.#novelty.found)
    return reason(this.#scored, recipe.factor[spec.sensitivity], this.#verdict.sign, f[at + C.process + A.onRows]!)
  }

  /** What made the model expect something else, in words; empty where nothing stands out or nobody explains. */
  #cause(slot: number, spec: SensorSpec, observed: number, expected: number): string {
    if (this.#explain === undefined || Number.isNaN(expected)) return ''
    const window = this.#forecaster.trace(this.#arena, slot)
    return this.explain(slot, spec, window, observed, expected)?.cause ?? ''
  }

  /** Explains a reading from a (T,I) window; null where nobody can. */
  explain(slot: number, spec: SensorSpec, window: Float32Array, observed: number, expected: number) {
    const at = slot * rowWidth
    const [center, unit] = [this.#f[at + C.center]!, this.#f[at + C.unit]!]
    const model = this.#forecaster.model(slot)
    return this.#explain?.({ model, spec, window, center, unit, observed, expected }) ?? null
  }

  /** Silence that this reading ends: declared by a tick, or found now by the length of the step. */
  #endSilence(
    at: number,
    spec: SensorSpec,
    to: number,
    stepMs: number,
    timeMs: number,
    arrivalMs: number,
    value: number,
  ): void {
    const f = this.#f
    const after = silentAfter(f, at, spec)
    if (f[at + C.silent] === Silence.none) {
      if (!(stepMs > after)) return
      const sinceMs = f[at + C.newestMs]! + after
      const step = fallSilent(f, at, sinceMs)
      if (step !== AlarmStep.none) this.#announcer.instrument(at, spec, to, step, sinceMs, arrivalMs, Number.NaN)
    }
    const step = speakAgain(f, at)
    if (step !== AlarmStep.none) this.#announcer.instrument(at, spec, to, step, timeMs, arrivalMs, value)
  }

  /** Declares silence of a sensor that sent nothing for long, by recorded arrival and only while somebody listened. */
  tick(slot: number, nowMs: number, listeningSinceMs: number): void {
    const f = this.#f
    const at = slot * rowWidth
    if (f[at + C.seen] === 0 || f[at + C.silent] === Silence.found) return
    const spec = this.#catalog.spec(slot)
    const after = silentAfter(f, at, spec)
    if (!(nowMs - Math.max(f[at + C.arrivalMs]!, listeningSinceMs) > after)) return
    this.#arena.touch(slot)
    const sinceMs = f[at + C.newestMs]! + after
    const step = fallSilent(f, at, sinceMs)
    if (step !== AlarmStep.none)
      this.#announcer.instrument(at, spec, this.#announcer.count, step, sinceMs, nowMs, Number.NaN)
  }

  /** A row that is not scored: its reason, and what was last said of the sensor. */
  #unscored(out: OutcomeFrame, to: number, at: number, quality: number): number {
    const f = this.#f
    out.expected[to] = Number.NaN
    out.lower[to] = Number.NaN
    out.upper[to] = Number.NaN
    out.residual[to] = Number.NaN
    out.score[to] = f[at + C.score]!
    out.alarm[to] = f[at + C.process + A.state] === AlarmPhase.unack ? 1 : 0
    out.quality[to] = quality
    return Number.NaN
  }

  /** Hands the transitions over in the order of the rows that caused them. */
  flush(out: OutcomeFrame): void {
    this.#announcer.flush(out)
  }

  /** Code of the sensor's state: its place in warmup, normal, anomaly, fault, silent. */
  state(slot: number): number {
    const f = this.#f
    const at = slot * rowWidth
    if (f[at + C.silent] === Silence.found) return 4
    if (f[at + C.instrument + A.state] === AlarmPhase.unack) return 3
    if (f[at + C.phase] !== Phase.score && !this.#catalog.spec(slot).isInput) return 0
    return f[at + C.process + A.state] === AlarmPhase.unack ? 2 : 1
  }

  stateName(slot: number): SensorState {
    return stateNames[this.state(slot)]!
  }

  last(slot: number): LastReading | null {
    const f = this.#f
    const at = slot * rowWidth
    if (f[at + C.accepted] === 0) return null
    const alarm = f[at + C.process + A.state] === AlarmPhase.unack ? 1 : 0
    return { timeMs: f[at + C.valueMs]!, value: f[at + C.value]!, score: f[at + C.score]!, alarm }
  }
}

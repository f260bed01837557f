import { limits } from '../base/limits.ts'
import { Quality } from '../domain/quality.ts'
import type { SensorSpec } from '../domain/sensor.ts'
import { C, Phase } from './columns.ts'
import { instrument, recipe } from './recipe.ts'

/** Event times that are believed: not before `minTimeMs`, and at most `maxFutureMs` after their arrival. */
export interface Quarantine {
  readonly minTimeMs: number
  readonly maxFutureMs: number
}

/** The quarantine that an option stands for: the limits' own with `true`, none with `false`. */
export function quarantineOf(option: boolean | Quarantine): Quarantine | null {
  if (option === true) return { minTimeMs: limits.minTimeMs, maxFutureMs: limits.maxFutureMs }
  return option === false ? null : option
}

/**
 * Judges a reading before the model sees it: the first stage.
 *
 * Answers `good`, `uncertain`, or why the reading is not scored: clock, duplicate, late, bad, range, rate, stuck.
 * The order matters: a reading whose time is wrong says nothing about the value, and a value that is no number says
 * nothing about range or rate. Changes nothing.
 */
export function judge(
  f: Float64Array,
  at: number,
  spec: SensorSpec,
  timeMs: number,
  value: number,
  quality: number,
  arrivalMs: number,
  quarantine: Quarantine | null,
): number {
  if (quarantine !== null && (timeMs < quarantine.minTimeMs || timeMs > arrivalMs + quarantine.maxFutureMs)) {
    return Quality.clock
  }
  if (f[at + C.seen]! > 0) {
    const newest = f[at + C.newestMs]!
    if (timeMs === newest) return Quality.duplicate
    if (timeMs < newest - spec.latenessMs) return Quality.late
  }
  if (quality === Quality.bad || !Number.isFinite(value)) return Quality.bad
  if (value < spec.low || value > spec.high) return Quality.range
  if (f[at + C.accepted]! > 0) {
    const last = f[at + C.value]!
    if (spec.rateMax !== Infinity) {
      const seconds = Math.abs(timeMs - f[at + C.valueMs]!) / 1000
      if (Math.abs(value - last) > spec.rateMax * seconds) return Quality.rate
    }
    if (!spec.isInput && value === last && f[at + C.run]! + 1 > stuckAfter(f, at)) return Quality.stuck
  }
  return quality === Quality.uncertain ? Quality.uncertain : Quality.good
}

/** Rows of a constant value after which the sensor is stuck; Infinity while its habit is unknown or constant. */
export function stuckAfter(f: Float64Array, at: number): number {
  if (f[at + C.phase] !== Phase.score) return Infinity
  if (f[at + C.repeats]! > instrument.stuckRepeatShareMax * f[at + C.learned]!) return Infinity
  return Math.max(instrument.stuckRowsMin, instrument.stuckRuns * f[at + C.longestRun]!)
}

/** Notes a reading that has a credible time: watermark, arrival and the end of silence. */
export function advance(f: Float64Array, at: number, timeMs: number, arrivalMs: number): void {
  if (f[at + C.seen] === 0 || timeMs > f[at + C.newestMs]!) f[at + C.newestMs] = timeMs
  f[at + C.arrivalMs] = arrivalMs
  f[at + C.seen] = f[at + C.seen]! + 1
}

/** Notes an accepted or stuck value: the constant run and the base of the next rate. */
export function accept(f: Float64Array, at: number, timeMs: number, value: number): void {
  f[at + C.run] = f[at + C.accepted]! > 0 && value === f[at + C.value]! ? f[at + C.run]! + 1 : 1
  f[at + C.value] = value
  f[at + C.valueMs] = timeMs
  f[at + C.accepted] = f[at + C.accepted]! + 1
}

/**
 * Ms between accepted readings beyond which there is a gap: ten median steps, or the longest step seen while learning.
 * The latter for sensors that report by exception, which would else start a new session at every pause.
 */
export function gapAfter(f: Float64Array, at: number): number {
  return Math.max(recipe.gapSteps * f[at + C.medianStepMs]!, f[at + C.longestStepMs]!)
}

/** Ms of silence after which the sensor is `silent`; Infinity while its rhythm is unknown or when never. */
export function silentAfter(f: Float64Array, at: number, spec: SensorSpec): number {
  if (spec.silentAfterMs !== 0) return spec.silentAfterMs
  if (spec.isInput || f[at + C.phase] === Phase.fit) return Infinity
  return Math.max(
    instrument.silentSteps * f[at + C.medianStepMs]!,
    instrument.silentLongest * f[at + C.longestStepMs]!,
    instrument.silentMsMin,
  )
}

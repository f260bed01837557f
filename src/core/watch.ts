import { Quality } from '../domain/quality.ts'
import type { SensorSpec } from '../domain/sensor.ts'
import { C, Phase } from './columns.ts'
import { finishCalibration, fitReading, learnMore, leaveOut, startCalibration } from './learn.ts'
import type { Spell } from './spell.ts'

/**
 * A reading of a channel that is watched as an instrument alone: its habits are learned as those of a sensor that is scored.
 *
 * Answers whether it is still of the learning spell.
 */
export function watch(
  f: Float64Array,
  at: number,
  spell: Spell,
  { sensitivity }: SensorSpec,
  timeMs: number,
  value: number,
  quality: number,
  stepMs: number,
): boolean {
  if (spell.watchedBefore(f, at, timeMs)) finishCalibration(f, at)
  if (f[at + C.phase] === Phase.score) return false
  if (quality === Quality.uncertain || leaveOut(f, at, value)) return true
  if (f[at + C.learned] === 0) spell.begin(f, at, timeMs, true, sensitivity)
  if (f[at + C.phase] === Phase.fit) {
    fitReading(f, at, value, stepMs, undefined)
    if (spell.fitted(f, at, timeMs)) startCalibration(f, at)
  } else {
    learnMore(f, at, value, stepMs)
    if (spell.calibrated(f, at)) finishCalibration(f, at)
  }
  return true
}

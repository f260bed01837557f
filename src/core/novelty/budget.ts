import { exp, log, pow } from '../../base/math.ts'
import { novelty } from './constants.ts'
import { N } from './layout.ts'

/** What is said of a reading. */
export interface Verdict {
  /** Evidence above which there is an anomaly now. */
  threshold: number
  /** e > threshold, whether or not the sensor rests. */
  isOver: boolean
  /** Score as the evidence has it; 0.5 is the threshold. */
  unrested: number
  /** Score that is told: below 0.5 while the sensor rests after an alarm, above it in the readings that alarm. */
  score: number
}

const alarmDecay = exp(-1 / novelty.alarmRows)

/**
 * ALARM: the threshold rises slowly with the age of the sensor and with its own recent alarms, and there is a rest after each.
 *
 * T = θ + 0.3·log₁₀(age / 2000) + 0.2·a; a alarm counts e^(−1/1500) a reading. Within the rest only evidence of one more than the last
 * alarm's alarms again. score = 1 / (1 + 10^(T − e)). `ageMost`: where the age stands still.
 */
export function judge(f: Float64Array, at: number, e: number, theta: number, ageMost: number, out: Verdict): void {
  const rows = f[at + N.rows]!
  const alarms = f[at + N.alarms]!
  const age = Math.min(rows + 1, ageMost)
  const threshold = theta + (novelty.ageFactor * log(age / novelty.ageRows)) / Math.LN10 + novelty.alarmFactor * alarms
  out.threshold = threshold
  out.isOver = e > threshold
  out.unrested = 1 / (1 + pow(10, threshold - e))
  out.score = out.unrested
  f[at + N.alarms] = alarms * alarmDecay
  const isResting = rows < f[at + N.restUntil]!
  if (out.isOver && (!isResting || e >= f[at + N.lastAlarm]! + novelty.margin)) {
    f[at + N.lastAlarm] = e
    f[at + N.restUntil] = rows + novelty.restRows
    f[at + N.alarms] = f[at + N.alarms]! + 1
    out.score = Math.max(out.score, 0.5000001)
  } else if (rows < f[at + N.restUntil]!) out.score = Math.min(out.score, 0.499)
}

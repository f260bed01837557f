import { Quality } from '../domain/quality.ts'
import { AlarmPhase, AlarmStep, raiseAlarm, returnAlarm, stayQuiet } from './alarm.ts'
import { alarmColumns as A, C, Silence } from './columns.ts'
import { instrument } from './recipe.ts'

/**
 * A faulty reading: evidence against the instrument. Raises after three with fewer than ten good ones between them;
 * stuck raises at once, since its evidence is the constant run itself.
 */
export function faulty(f: Float64Array, at: number, code: number, timeMs: number): number {
  f[at + C.faultRows] = f[at + C.faultRows]! + 1
  f[at + C.goodRows] = 0
  f[at + C.faultReason] = code
  const alarm = at + C.instrument
  if (f[alarm + A.state] === AlarmPhase.unack) return AlarmStep.none
  const enough = code === Quality.stuck || f[at + C.faultRows]! >= instrument.raiseRows
  return enough ? raiseAlarm(f, alarm, timeMs) : AlarmStep.none
}

/** A good reading: ten in a row end the fault, 200 more end the occurrence. */
export function healthy(f: Float64Array, at: number): number {
  const alarm = at + C.instrument
  f[at + C.goodRows] = f[at + C.goodRows]! + 1
  if (f[at + C.goodRows]! >= instrument.clearRows) {
    f[at + C.faultRows] = 0
    if (f[alarm + A.state] === AlarmPhase.unack) return returnAlarm(f, alarm)
  }
  return stayQuiet(f, alarm)
}

/** Silence since `sinceMs`, declared by a tick or found by the reading that ends it. */
export function fallSilent(f: Float64Array, at: number, sinceMs: number): number {
  f[at + C.silent] = Silence.found
  const alarm = at + C.instrument
  if (f[alarm + A.state] === AlarmPhase.unack) return AlarmStep.none
  f[at + C.faultReason] = Quality.silent
  return raiseAlarm(f, alarm, sinceMs)
}

/** The reading that ends silence. */
export function speakAgain(f: Float64Array, at: number): number {
  f[at + C.silent] = Silence.none
  const alarm = at + C.instrument
  return f[alarm + A.state] === AlarmPhase.unack ? returnAlarm(f, alarm) : AlarmStep.none
}

import { alarmColumns as A } from './columns.ts'
import { recipe } from './recipe.ts'

/** States that need no operator, as the alarm's column holds them. */
export const AlarmPhase = { normal: 0, unack: 1, returned: 2 } as const

/** What a step of an alarm's life was. */
export const AlarmStep = { none: 0, raised: 1, raisedAgain: 2, returned: 3, ended: 4 } as const

/**
 * One scored reading in an alarm's life: delay on, hysteresis, delay off, and the end of an occurrence.
 *
 * normal → unack when `on` held for `delayOnMs`; unack → returned when `off` held for `delayOffMs`; returned → unack
 * again (the same occurrence) when `on` holds within 200 rows of the last alarm row, else → normal, since no operator
 * acknowledges yet. `on` and `off` are never both true; between them (hysteresis) the state stays.
 * Units: event time in ms. Columns from `at`.
 */
export function stepAlarm(
  f: Float64Array,
  at: number,
  on: boolean,
  off: boolean,
  timeMs: number,
  delayOnMs: number,
  delayOffMs: number,
): number {
  if (f[at + A.state] === AlarmPhase.unack) return stepActive(f, at, on, off, timeMs, delayOffMs)
  if (on) {
    if (f[at + A.onRows] === 0) f[at + A.onSinceMs] = timeMs
    f[at + A.onRows] = f[at + A.onRows]! + 1
    if (timeMs - f[at + A.onSinceMs]! >= delayOnMs) return raiseAlarm(f, at, timeMs)
  } else {
    f[at + A.onRows] = 0
  }
  return stayQuiet(f, at)
}

/** A reading without cause: 200 of them after the return end the occurrence. */
export function stayQuiet(f: Float64Array, at: number): number {
  if (f[at + A.state] !== AlarmPhase.returned) return AlarmStep.none
  f[at + A.quietRows] = f[at + A.quietRows]! + 1
  if (f[at + A.quietRows]! < recipe.rearmRows) return AlarmStep.none
  f[at + A.state] = AlarmPhase.normal
  f[at + A.transitions] = f[at + A.transitions]! + 1
  return AlarmStep.ended
}

/** Raises now, without delay: a new occurrence from normal, the same one from returned. */
export function raiseAlarm(f: Float64Array, at: number, timeMs: number): number {
  const again = f[at + A.state] === AlarmPhase.returned
  if (!again) {
    f[at + A.raisedMs] = timeMs
    f[at + A.transitions] = 0
  }
  f[at + A.state] = AlarmPhase.unack
  f[at + A.transitions] = f[at + A.transitions]! + 1
  f[at + A.quietRows] = 0
  f[at + A.offSinceMs] = Number.NaN
  return again ? AlarmStep.raisedAgain : AlarmStep.raised
}

/** Returns now: the condition is gone, the occurrence may still be entered again. */
export function returnAlarm(f: Float64Array, at: number): number {
  f[at + A.state] = AlarmPhase.returned
  f[at + A.transitions] = f[at + A.transitions]! + 1
  f[at + A.onRows] = 0
  f[at + A.quietRows] = 0
  return AlarmStep.returned
}

function stepActive(
  f: Float64Array,
  at: number,
  on: boolean,
  off: boolean,
  timeMs: number,
  delayOffMs: number,
): number {
  if (on) f[at + A.onRows] = f[at + A.onRows]! + 1
  if (!off) {
    f[at + A.offSinceMs] = Number.NaN
    return AlarmStep.none
  }
  if (Number.isNaN(f[at + A.offSinceMs]!)) f[at + A.offSinceMs] = timeMs
  return timeMs - f[at + A.offSinceMs]! >= delayOffMs ? returnAlarm(f, at) : AlarmStep.none
}

import {
  type AlarmClass,
  type AlarmState,
  type AlarmTransition,
  alarmId,
  alarmLabels,
  labelFingerprint,
} from '../domain/alarm.ts'
import type { SensorSpec } from '../domain/sensor.ts'
import { AlarmStep } from './alarm.ts'
import { alarmColumns as A } from './columns.ts'

/** What a transition tells besides its place in the alarm's life; NaN where unknown. */
export interface Cause {
  readonly eventTime: number
  readonly detectedTime: number
  readonly value: number
  readonly expected: number
  readonly lower: number
  readonly upper: number
  readonly score: number
  readonly message: string
}

const edges: Readonly<Record<number, readonly [from: AlarmState, to: AlarmState]>> = {
  [AlarmStep.raised]: ['normal', 'unack'],
  [AlarmStep.raisedAgain]: ['rtn_unack', 'unack'],
  [AlarmStep.returned]: ['unack', 'rtn_unack'],
  [AlarmStep.ended]: ['rtn_unack', 'normal'],
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** The transition that a step of an alarm's life was; the columns at `at` already stand after it. */
export function transitionOf(
  f: Float64Array,
  at: number,
  step: number,
  alarmClass: AlarmClass,
  plant: string,
  spec: SensorSpec,
  cause: Cause,
): AlarmTransition {
  const [from, state] = edges[step]!
  const raisedTime = f[at + A.raisedMs]!
  const id = alarmId(spec.id, alarmClass, raisedTime)
  return {
    transitionId: `${id}-${f[at + A.transitions]!}`,
    from,
    raisedTime,
    alarm: {
      id,
      fingerprint: labelFingerprint(alarmLabels(spec, alarmClass, plant)),
      plant,
      sensor: spec.id,
      asset: spec.asset,
      class: alarmClass,
      state,
      priority: spec.priority,
      eventTime: cause.eventTime,
      detectedTime: cause.detectedTime,
      value: known(cause.value),
      expected: known(cause.expected),
      lower: known(cause.lower),
      upper: known(cause.upper),
      score: cause.score,
      message: cause.message,
    },
  }
}

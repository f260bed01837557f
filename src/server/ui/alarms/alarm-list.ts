import type { AlarmTransition } from '../../../domain/alarm.ts'

const returnedStates: ReadonlySet<string> = new Set(['normal', 'rtn_unack'])

/** When the value came back, or null while it is away. */
export function returnedTime(transition: AlarmTransition): number | null {
  return returnedStates.has(transition.alarm.state) ? transition.alarm.eventTime : null
}

/** A list, newest first, after one more transition: it replaces the one of its occurrence, or goes. */
export function withTransition(
  list: readonly AlarmTransition[],
  next: AlarmTransition,
  active: boolean,
): readonly AlarmTransition[] {
  const others = list.filter((one) => one.alarm.id !== next.alarm.id)
  if (active && next.alarm.state === 'normal') return others
  const at = others.findIndex((one) => one.alarm.eventTime <= next.alarm.eventTime)
  return others.toSpliced(at < 0 ? others.length : at, 0, next)
}

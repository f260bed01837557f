import type { AlarmTransition } from '../../../domain/alarm.ts'

const returnedStates: ReadonlySet<string> = new Set(['normal', 'rtn_unack'])

/** When the value came back, or null while it is away. */
export function returnedTime(transition: AlarmTransition): number | null {
  return returnedStates.has(transition.alarm.state) ? transition.alarm.eventTime : null
}

/** Whether the cause of an alarm is still there: what is counted as active. */
export function isActive(transition: AlarmTransition): boolean {
  return !returnedStates.has(transition.alarm.state)
}

/** A list, newest change first, after one more transition, which replaces the one of its occurrence. */
export function withTransition(list: readonly AlarmTransition[], next: AlarmTransition): readonly AlarmTransition[] {
  return [next, ...list.filter((one) => one.alarm.id !== next.alarm.id)]
}

/** What an alarm says beyond the value, the expected value and the band, which have columns of their own. */
export function shortMessage(message: string): string {
  return message.replace(/^.{1,300}?, expected [^:]*\): /, '')
}

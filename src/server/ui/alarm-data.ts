import { signal } from '@preact/signals'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { Page } from '../../runtime/api.ts'
import { askJson } from './request.ts'

/** The last transition that came over the live stream. */
export const lastAlarm = signal<AlarmTransition | null>(null)
/** Rises when lists must be read anew, because the live stream was away. */
export const alarmsStale = signal(0)

const returnedStates: ReadonlySet<string> = new Set(['normal', 'rtn_unack'])

/** When the value came back, or null while it is away. */
export function returnedTime(transition: AlarmTransition): number | null {
  return returnedStates.has(transition.alarm.state) ? transition.alarm.eventTime : null
}

/** A page of alarms. */
export function loadAlarms(
  query: { readonly active: boolean; readonly sensor?: string; readonly offset: number; readonly limit: number },
  abort: AbortSignal,
): Promise<Page<AlarmTransition>> {
  const parameters = new URLSearchParams({ offset: String(query.offset), limit: String(query.limit) })
  if (query.active) parameters.set('active', 'true')
  if (query.sensor !== undefined) parameters.set('sensor', query.sensor)
  return askJson(`api/v1/alarms?${parameters}`, { signal: abort })
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

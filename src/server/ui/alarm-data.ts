import { signal } from '@preact/signals'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { Page } from '../../runtime/api.ts'
import { askAlarms } from './answers.ts'
import { ask } from './request.ts'

/** The last transition that came over the live stream. */
export const lastAlarm = signal<AlarmTransition | null>(null)
/** Rises when lists must be read anew, because the live stream was away. */
export const alarmsStale = signal(0)

/** A page of alarms. */
export function loadAlarms(
  query: { readonly active: boolean; readonly sensor?: string; readonly offset: number; readonly limit: number },
  abort: AbortSignal,
): Promise<Page<AlarmTransition>> {
  const parameters = new URLSearchParams({ offset: String(query.offset), limit: String(query.limit) })
  if (query.active) parameters.set('active', 'true')
  if (query.sensor !== undefined) parameters.set('sensor', query.sensor)
  return askAlarms(`api/v1/alarms?${parameters}`, abort)
}

/** Takes as normal what a standing alarm tells; the live stream then brings its end. Errors: `RequestError`. */
export async function acceptAlarm({ alarm }: AlarmTransition, reason: string): Promise<void> {
  await ask(`api/v1/alarms/${encodeURIComponent(alarm.id)}/accept`, {
    method: 'POST',
    body: JSON.stringify({ reason }),
  })
}

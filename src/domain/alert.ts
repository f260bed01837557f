import { type Alarm, type AlarmState, type AlarmTransition, alarmLabels, labelFingerprint } from './alarm.ts'

/** An alarm transition in the words of Prometheus' alerting: who it is, what it says, from when to when. */
export interface Alert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Event time of the raise, ms since 1970. */
  readonly startsMs: number
  /** Event time of the return, never before the raise; null while firing. */
  readonly endsMs: number | null
  readonly fingerprint: string
}

/** States in which someone must still be told; a returned, shelved or suppressed alarm is over for the outside. */
const firing: ReadonlySet<AlarmState> = new Set(['unack', 'ack', 'latched'])

/** Whether an alarm in this state is firing, as alerting systems mean it. */
export function isFiring(state: AlarmState): boolean {
  return firing.has(state)
}

/** Whether the outside must hear of a transition: it begins or ends firing. A return that becomes normal is old news. */
export function isNews({ from, alarm }: AlarmTransition): boolean {
  return isFiring(from) || isFiring(alarm.state)
}

/** Where a sensor is seen on Residua's page; `pageUrl` is the page's address as people reach it. */
export function sensorLink(pageUrl: string, sensor: string): string {
  return `${pageUrl.replace(/\/$/, '')}/#/sensor/${encodeURIComponent(sensor)}`
}

/** The alert of a transition; `labels` are the sensor's own, empty when the sensor is no longer known. */
export function toAlert(transition: AlarmTransition, labels: Readonly<Record<string, string>>): Alert {
  const { alarm, raisedTime } = transition
  const subject = { id: alarm.sensor, asset: alarm.asset, labels, priority: alarm.priority }
  const alertLabels = alarmLabels(subject, alarm.class, alarm.plant)
  const fires = isFiring(alarm.state)
  return {
    status: fires ? 'firing' : 'resolved',
    labels: alertLabels,
    annotations: annotations(alarm),
    startsMs: raisedTime,
    endsMs: fires ? null : Math.max(raisedTime, alarm.eventTime),
    fingerprint: labelFingerprint(alertLabels),
  }
}

function annotations(alarm: Alarm): Record<string, string> {
  const texts: Record<string, string> = {
    id: alarm.id,
    summary: alarm.message,
    state: alarm.state,
    score: String(alarm.score),
  }
  const { value, expected, lower, upper } = alarm
  for (const [name, number] of Object.entries({ value, expected, lower, upper })) {
    if (number !== null) texts[name] = String(number)
  }
  return texts
}

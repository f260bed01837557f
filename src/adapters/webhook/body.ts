import { type Alert, sensorLink } from '../../domain/alert.ts'

/** Who sends the body, and where people look. */
export interface BodyContext {
  readonly receiver: string
  readonly plant: string
  /** '' when it is not configured. */
  readonly externalUrl: string
}

/** How Go's zero time reads: what Alertmanager writes as the end of a firing alert. */
const zeroTime = '0001-01-01T00:00:00Z'

/**
 * The body of one delivery: Alertmanager's webhook JSON, version "4".
 *
 * The alerts stand in the order of their transitions and are one group, the plant's; `status` is firing when one is.
 * Source: Alertmanager, notify/webhook Message and template Data.
 */
export function webhookBody(alerts: readonly Alert[], context: BodyContext): string {
  const groupLabels: Record<string, string> = context.plant === '' ? {} : { plant: context.plant }
  return JSON.stringify({
    version: '4',
    groupKey: context.plant === '' ? '{}:{}' : `{}:{plant=${JSON.stringify(context.plant)}}`,
    truncatedAlerts: 0,
    status: alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved',
    receiver: context.receiver,
    groupLabels,
    commonLabels: common(alerts.map((alert) => alert.labels)),
    commonAnnotations: common(alerts.map((alert) => alert.annotations)),
    externalURL: context.externalUrl,
    alerts: alerts.map((alert) => ({
      status: alert.status,
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: new Date(alert.startsMs).toISOString(),
      endsAt: alert.endsMs === null ? zeroTime : new Date(alert.endsMs).toISOString(),
      generatorURL: context.externalUrl === '' ? '' : sensorLink(context.externalUrl, alert.labels['sensor'] ?? ''),
      fingerprint: alert.fingerprint,
    })),
  })
}

function common(sets: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const shared: Record<string, string> = { ...sets[0] }
  for (const set of sets) {
    for (const name of Object.keys(shared)) if (set[name] !== shared[name]) delete shared[name]
  }
  return shared
}

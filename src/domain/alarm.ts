import { fnv64 } from '../base/hash.ts'

/** States of an alarm's life, as ISA-18.2 names them. */
export const alarmStates = [
  'normal',
  'unack',
  'ack',
  'rtn_unack',
  'latched',
  'shelved',
  'suppressed',
  'out_of_service',
] as const
/** One state of an alarm's life. */
export type AlarmState = (typeof alarmStates)[number]

/** Priorities, lowest first. */
export const priorities = ['low', 'medium', 'high', 'critical'] as const
/** Priority of an alarm. */
export type Priority = (typeof priorities)[number]

/** `process`: the machine behaves unexpectedly. `instrument`: the sensor itself is at fault. */
export type AlarmClass = 'process' | 'instrument'

/** An alarm as every interface writes it (JSON). Times are ms since 1970, ISO 8601 in HTTP's answers; numbers are null where unknown. */
export interface Alarm {
  readonly id: string
  readonly fingerprint: string
  readonly plant: string
  readonly sensor: string
  readonly asset: string | null
  readonly class: AlarmClass
  readonly state: AlarmState
  readonly priority: Priority
  /** Event time of this transition's cause. */
  readonly eventTime: number
  /** Recorded arrival of the reading that caused it (equal to eventTime in replay). */
  readonly detectedTime: number
  readonly value: number | null
  readonly expected: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly score: number
  readonly message: string
}

/**
 * One step of an alarm's life. `transitionId` is stable across restarts: the same readings give the same id, so a
 * journal or a receiver can drop a repeat. `raisedTime` is the event time at which this occurrence was first raised.
 */
export interface AlarmTransition {
  readonly transitionId: string
  readonly from: AlarmState
  readonly raisedTime: number
  readonly alarm: Alarm
}

/** Identity of one occurrence: hash of sensor, class and event time of the raise. */
export function alarmId(sensor: string, alarmClass: AlarmClass, raisedTimeMs: number): string {
  return fnv64([sensor, alarmClass, String(raisedTimeMs)])
}

/**
 * Fingerprint of a label set, the same for every occurrence.
 *
 * Source: Prometheus common/model LabelSet.Fingerprint: FNV-1a 64 over sorted names and values with 0xff separators.
 */
export function labelFingerprint(labels: Readonly<Record<string, string>>): string {
  const parts: string[] = []
  for (const name of Object.keys(labels).sort()) parts.push(name, labels[name]!)
  return fnv64(parts)
}

/** What an alarm's labels are made of: the parts of a sensor's spec that say who it is. */
export interface AlarmSubject {
  readonly id: string
  readonly asset: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly priority: Priority
}

/** Names that `alarmLabels` gives itself; a sensor's own label of that name is shadowed. */
const ownLabels: ReadonlySet<string> = new Set(['alertname', 'plant', 'sensor', 'asset', 'class', 'priority'])

/**
 * The label set that identifies an alarm in Alertmanager and webhooks: never the score, time or message.
 *
 * It is what `fingerprint` hashes: `labelFingerprint(alarmLabels(spec, alarmClass, plant))`. Names are made valid for
 * Prometheus (`line-no` becomes `line_no`; of two that meet, the later in code-unit order wins); empty values are left
 * out, because Alertmanager removes them before it hashes.
 */
export function alarmLabels(subject: AlarmSubject, alarmClass: AlarmClass, plant: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const name of Object.keys(subject.labels).sort()) {
    const valid = labelName(name)
    if (!ownLabels.has(valid)) labels[valid] = subject.labels[name]!
  }
  labels['alertname'] = alarmClass === 'process' ? 'ResiduaProcessAnomaly' : 'ResiduaInstrumentFault'
  labels['plant'] = plant
  labels['sensor'] = subject.id
  labels['asset'] = subject.asset ?? ''
  labels['class'] = alarmClass
  labels['priority'] = subject.priority
  for (const name of Object.keys(labels)) if (labels[name] === '') delete labels[name]
  return labels
}

/** A label name that Prometheus takes: other characters than letters, digits and `_` become `_`, as does a first digit's front. */
function labelName(name: string): string {
  const valid = name.replace(/[^A-Za-z0-9_]/g, '_')
  return /^[0-9]/.test(valid) || valid === '' ? `_${valid}` : valid
}

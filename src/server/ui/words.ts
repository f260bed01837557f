import type { AlarmState, Priority } from '../../domain/alarm.ts'
import type { QualityName } from '../../domain/quality.ts'
import type { SensorState } from '../../runtime/api.ts'

/** A sensor's state in words. */
export const stateWords: Readonly<Record<SensorState, string>> = {
  anomaly: 'Anomaly',
  fault: 'Instrument fault',
  silent: 'No data',
  warmup: 'Warming up',
  normal: 'Normal',
}

/** What a state asks of the reader. */
export const stateMeaning: Readonly<Record<SensorState, string>> = {
  anomaly: 'The process behaves unlike what was learned',
  fault: 'The instrument itself is at fault; its readings are not judged',
  silent: 'No reading has come for longer than usual',
  warmup: 'Learning what is normal; not yet judged',
  normal: 'As expected',
}

/** Rank of a state: the worst first. */
export const stateRank: Readonly<Record<SensorState, number>> = {
  anomaly: 0,
  fault: 1,
  silent: 2,
  warmup: 3,
  normal: 4,
}

/** An alarm's state in words. */
export const alarmWords: Readonly<Record<AlarmState, string>> = {
  unack: 'Active',
  ack: 'Acknowledged',
  rtn_unack: 'Returned',
  normal: 'Cleared',
  latched: 'Latched',
  shelved: 'Shelved',
  suppressed: 'Suppressed',
  out_of_service: 'Out of service',
}

/** A priority in words. */
export const priorityWords: Readonly<Record<Priority, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
}

/** A quality in words. */
export const qualityWords: Readonly<Record<QualityName, string>> = {
  good: 'Good',
  uncertain: 'Uncertain',
  bad: 'Bad',
  warmup: 'Warming up',
  learning: 'Learning',
  stuck: 'Stuck',
  silent: 'No data',
  range: 'Out of range',
  rate: 'Changes too fast',
  clock: 'Clock fault',
  duplicate: 'Duplicate',
  late: 'Late',
}

/** A score in words; 0.5 is the alarm boundary. */
export function scoreWords(score: number): string {
  if (score >= 0.8) return 'far from normal'
  if (score >= 0.5) return 'anomalous'
  return score >= 0.3 ? 'unusual' : 'as expected'
}

const units: Readonly<Record<string, string>> = {
  celsius: '°C',
  fahrenheit: '°F',
  kelvin: 'K',
  percent: '%',
  degree: '°',
}

/** A unit as it is written behind a number. */
export function unitSign(unit: string): string {
  return units[unit] ?? unit.replace(/m([23])\b/, (_all, power) => (power === '2' ? 'm²' : 'm³'))
}

/** A sensor's name where its asset is known already: the measurement, or the id without the asset's part. */
export function shortName(id: string, asset: string | null, labels: Readonly<Record<string, string>>): string {
  const measurement = labels['measurement']
  if (measurement !== undefined && measurement !== '') return measurement
  if (asset === null) return id
  const at = id.indexOf(asset)
  const rest = at < 0 ? id : id.slice(at + asset.length).replace(/^[/._:-]+/, '')
  return rest === '' ? id : rest
}

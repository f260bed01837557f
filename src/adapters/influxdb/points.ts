import type { IPoint } from 'influx'
import { Raw } from 'influx'
import { escapeTag, tagSet } from '../../codec/line-protocol-writer.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import { qualityName } from '../../domain/quality.ts'
import type { SensorCatalog, SensorSpec } from '../../domain/sensor.ts'

type Tags = NonNullable<IPoint['tags']>

/** Tags by spec, because every row repeats them: a spec lives as long as its slot, a weak map forgets with it. */
const tagCache = new WeakMap<SensorSpec, { readonly plant: string; readonly tags: Tags }>()

const noLabels: Readonly<Record<string, string>> = Object.freeze({})

/**
 * Tags whose text is already escaped. The library takes `Raw` for such text at run time but types tags as strings; its
 * own escaping doubles the backslash before a quote, so a sensor would be stored under another name.
 */
function rawTags(tags: Readonly<Record<string, string>>): Tags {
  return Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [name, new Raw(escapeTag(value)) as unknown as string]),
  )
}

function tagsOf(spec: SensorSpec, plant: string): Tags {
  const known = tagCache.get(spec)
  if (known !== undefined && known.plant === plant) return known.tags
  const tags = rawTags(tagSet(spec.id, spec.asset, plant, spec.labels))
  tagCache.set(spec, { plant, tags })
  return tags
}

function put(fields: Record<string, number | string>, name: string, value: number): void {
  if (Number.isFinite(value)) fields[name] = value
}

/** The rows of an outcome frame as `residua_score` points; fields that are not finite are left out. */
export function scorePoints(scores: OutcomeFrame, catalog: SensorCatalog, plant: string): IPoint[] {
  const points: IPoint[] = []
  for (let row = 0; row < scores.count; row++) {
    const fields: Record<string, number | string> = { quality: qualityName(scores.quality[row]!) }
    put(fields, 'value', scores.value[row]!)
    put(fields, 'expected', scores.expected[row]!)
    put(fields, 'lower', scores.lower[row]!)
    put(fields, 'upper', scores.upper[row]!)
    put(fields, 'residual', scores.residual[row]!)
    put(fields, 'score', scores.score[row]!)
    const tags = tagsOf(catalog.spec(scores.slot[row]!), plant)
    points.push({ measurement: 'residua_score', tags, fields, timestamp: String(scores.timeMs[row]!) })
  }
  return points
}

/** Alarm transitions as `residua_alarm` points; a sensor that was removed meanwhile keeps only its own tags. */
export function alarmPoints(transitions: readonly AlarmTransition[], catalog: SensorCatalog, plant: string): IPoint[] {
  return transitions.map(({ alarm }) => {
    const slot = catalog.find(alarm.sensor)
    const labels = slot === undefined ? noLabels : catalog.spec(slot).labels
    const tags = rawTags(tagSet(alarm.sensor, alarm.asset, plant, labels, { priority: alarm.priority }))
    const fields: Record<string, number | string> = { id: alarm.id, state: alarm.state, message: alarm.message }
    put(fields, 'score', alarm.score)
    return { measurement: 'residua_alarm', tags, fields, timestamp: String(alarm.eventTime) }
  })
}

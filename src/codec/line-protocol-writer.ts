import type { AlarmTransition } from '../domain/alarm.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import { qualityName } from '../domain/quality.ts'
import type { SensorCatalog, SensorSpec } from '../domain/sensor.ts'

/** Precision of the times that are written. */
export type WritePrecision = 'ns' | 'ms'

/**
 * Which reader the lines are for. InfluxDB 1 and 2 take a backslash in a tag as itself unless `,`, `=` or a blank
 * follows; InfluxDB 3 reads `\\` as one. Sources: models.ParsePoints of 1.8; influxdb_line_protocol, `tag_value`.
 */
export type LineDialect = 'influxdb' | 'influxdb3'

interface Tags {
  readonly plant: string
  readonly dialect: LineDialect
  readonly text: string
}

/** Tag text by spec: a spec is immutable and lives as long as its slot, so a weak map forgets with it. */
const tagCache = new WeakMap<SensorSpec, Tags>()

const noLabels: Readonly<Record<string, string>> = Object.freeze({})

/** Names that the server keeps for itself, and those of our own fields: a label of that name gets a `_` behind it. */
const takenNames: ReadonlySet<string> = new Set(
  'time _time _field _measurement value expected lower upper residual score quality id state message'.split(' '),
)

/** Line protocol cannot hold a line break, and a backslash at the end would escape the comma after it. */
function cleanTag(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/\\+$/, '')
}

/** A tag's name or value as line protocol writes it. */
export function escapeTag(text: string, dialect: LineDialect = 'influxdb'): string {
  return cleanTag(text).replace(dialect === 'influxdb3' ? /[,= \\]/g : /[,= ]/g, '\\$&')
}

function quoteString(text: string): string {
  return `"${text.replace(/[\r\n]+/g, ' ').replace(/["\\]/g, '\\$&')}"`
}

/**
 * The tags of a sensor's points by name, sorted, empty ones left out: `sensor`, `asset`, `plant`, the labels, `extra`.
 *
 * They still need `escapeTag`. What line protocol cannot hold is already replaced.
 */
export function tagSet(
  sensor: string,
  asset: string | null,
  plant: string,
  labels: Readonly<Record<string, string>>,
  extra: Readonly<Record<string, string>> = noLabels,
): Record<string, string> {
  const all: Record<string, string> = {}
  for (const [name, value] of Object.entries(labels)) all[takenNames.has(name) ? `${name}_` : name] = value
  Object.assign(all, extra, { sensor, asset: asset ?? '', plant })
  const tags: Record<string, string> = {}
  for (const name of Object.keys(all).sort()) {
    const value = cleanTag(all[name]!)
    if (cleanTag(name) !== '' && value !== '') tags[cleanTag(name)] = value
  }
  return tags
}

function tagText(tags: Readonly<Record<string, string>>, dialect: LineDialect): string {
  let text = ''
  for (const [name, value] of Object.entries(tags)) text += `,${escapeTag(name, dialect)}=${escapeTag(value, dialect)}`
  return text
}

function tagsOf(spec: SensorSpec, plant: string, dialect: LineDialect): string {
  const known = tagCache.get(spec)
  if (known !== undefined && known.plant === plant && known.dialect === dialect) return known.text
  const text = tagText(tagSet(spec.id, spec.asset, plant, spec.labels), dialect)
  tagCache.set(spec, { plant, dialect, text })
  return text
}

function timeText(timeMs: number, precision: WritePrecision): string {
  return precision === 'ms' || timeMs === 0 ? String(timeMs) : `${timeMs}000000`
}

function field(name: string, value: number): string {
  return Number.isFinite(value) ? `${name}=${value},` : ''
}

/**
 * The rows of an outcome frame as `residua_score` lines, each ended by a line feed; '' for an empty frame.
 *
 * Tags `sensor`, `asset`, `plant` and the labels, sorted, empty ones left out; fields `value expected lower upper
 * residual score` (floats, left out where not finite) and `quality` (string); time is the event time.
 *
 * Source: InfluxDB line protocol reference. A backslash that ends a tag value has no escape there and is dropped.
 */
export function encodeScores(
  scores: OutcomeFrame,
  catalog: SensorCatalog,
  plant: string,
  precision: WritePrecision,
  dialect: LineDialect = 'influxdb',
): string {
  let text = ''
  for (let row = 0; row < scores.count; row++) {
    const tags = tagsOf(catalog.spec(scores.slot[row]!), plant, dialect)
    const fields =
      field('value', scores.value[row]!) +
      field('expected', scores.expected[row]!) +
      field('lower', scores.lower[row]!) +
      field('upper', scores.upper[row]!) +
      field('residual', scores.residual[row]!) +
      field('score', scores.score[row]!)
    const quality = qualityName(scores.quality[row]!)
    text += `residua_score${tags} ${fields}quality="${quality}" ${timeText(scores.timeMs[row]!, precision)}\n`
  }
  return text
}

/**
 * Alarm transitions as `residua_alarm` lines, each ended by a line feed; '' for none.
 *
 * The tags of `residua_score` and `priority`; fields `id`, `state`, `score`, `message`; time is the event time of the
 * transition. A sensor that the catalog no longer knows keeps only `sensor`, `asset` and `plant`.
 */
export function encodeAlarms(
  transitions: readonly AlarmTransition[],
  catalog: SensorCatalog,
  plant: string,
  precision: WritePrecision,
  dialect: LineDialect = 'influxdb',
): string {
  let text = ''
  for (const { alarm } of transitions) {
    const slot = catalog.find(alarm.sensor)
    const labels = slot === undefined ? noLabels : catalog.spec(slot).labels
    const tags = tagText(tagSet(alarm.sensor, alarm.asset, plant, labels, { priority: alarm.priority }), dialect)
    const words = `id=${quoteString(alarm.id)},state=${quoteString(alarm.state)},`
    const message = `message=${quoteString(alarm.message)}`
    text += `residua_alarm${tags} ${words}${field('score', alarm.score)}${message} ${timeText(alarm.eventTime, precision)}\n`
  }
  return text
}

import type { SensorState, SensorSummary } from '../../../runtime/api.ts'
import { stateRank } from '../words.ts'

/** An asset as a card shows it; `asset` null: the sensors that belong to none. */
export interface AssetGroup {
  readonly asset: string | null
  readonly worst: SensorState
  readonly counts: Readonly<Partial<Record<SensorState, number>>>
  /** Sensors of the asset, also those that the filter leaves out. */
  readonly total: number
  /** Sensor ids, the worst first. */
  readonly ids: readonly string[]
}

/** What is asked for by the search field and the state filter. */
export interface OverviewFilter {
  readonly search: string
  readonly state: SensorState | null
}

const natural = new Intl.Collator('en', { numeric: true })

function matches(sensor: SensorSummary, words: readonly string[], state: SensorState | null): boolean {
  if (state !== null && sensor.state !== state) return false
  if (words.length === 0) return true
  const text = `${sensor.id} ${sensor.asset ?? ''} ${Object.values(sensor.labels).join(' ')}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

function groupOf(asset: string | null, sensors: SensorSummary[], total: number): AssetGroup {
  sensors.sort((one, other) => stateRank[one.state] - stateRank[other.state] || natural.compare(one.id, other.id))
  const counts: Partial<Record<SensorState, number>> = {}
  for (const { state } of sensors) counts[state] = (counts[state] ?? 0) + 1
  return { asset, worst: sensors[0]!.state, counts, total, ids: sensors.map((one) => one.id) }
}

/**
 * Sensors by asset: assets by their worst sensor, then by name; those without an asset last among equals.
 *
 * The order follows states only, never values, so that cards do not move while readings come in.
 */
export function groupByAsset(sensors: readonly SensorSummary[], filter: OverviewFilter): AssetGroup[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean)
  const byAsset = new Map<string | null, SensorSummary[]>()
  const totals = new Map<string | null, number>()
  for (const sensor of sensors) {
    totals.set(sensor.asset, (totals.get(sensor.asset) ?? 0) + 1)
    if (!matches(sensor, words, filter.state)) continue
    const members = byAsset.get(sensor.asset)
    if (members) members.push(sensor)
    else byAsset.set(sensor.asset, [sensor])
  }
  return Array.from(byAsset, ([asset, members]) => groupOf(asset, members, totals.get(asset)!)).sort(
    (one, other) =>
      stateRank[one.worst] - stateRank[other.worst] ||
      Number(one.asset === null) - Number(other.asset === null) ||
      natural.compare(one.asset ?? '', other.asset ?? ''),
  )
}

/** New groups in an order that was seen before; those not seen follow. Keeps the focus from moving away. */
export function inOrderOf(groups: readonly AssetGroup[], before: readonly AssetGroup[]): AssetGroup[] {
  const place = new Map(before.map((group, index) => [group.asset, index]))
  const last = before.length
  return groups.toSorted((one, other) => (place.get(one.asset) ?? last) - (place.get(other.asset) ?? last))
}

import { batch, type Signal, signal } from '@preact/signals'
import type { PipelineStatus, SensorState, SensorSummary } from '../../runtime/api.ts'
import { askSensors } from './answers.ts'
import { moveSparkline } from './sparkline-data.ts'

/** Sensors that the page keeps; of a larger plant those that need attention come first, others are found by search. */
export const sensorsKept = 5_000
const pageRows = 1_000
const worstFirst: readonly SensorState[] = ['anomaly', 'fault', 'silent', 'warmup', 'normal']

/** Each known sensor behind its own signal, so that a reading redraws one row and nothing else. */
const sensors = new Map<string, Signal<SensorSummary>>()

/** Rises when sensors come, or change state or asset: whatever groups and sorts follows this, not the readings. */
export const structure = signal(0)
/** Figures of the process; null until the first answer. */
export const status = signal<PipelineStatus | null>(null)
/** Whether the list has arrived once. */
export const loaded = signal(false)

/** The signal of a sensor. */
export function sensorSignal(id: string): Signal<SensorSummary> | undefined {
  return sensors.get(id)
}

/** Every known sensor now, without following them. */
export function knownSensors(): SensorSummary[] {
  return Array.from(sensors.values(), (one) => one.peek())
}

/** How many sensors are known. */
export function knownCount(): number {
  return sensors.size
}

function place(row: SensorSummary): boolean {
  const known = sensors.get(row.id)
  if (known === undefined) {
    const urgent = row.state === 'anomaly' || row.state === 'fault'
    if (sensors.size >= (urgent ? 2 * sensorsKept : sensorsKept)) return false
    sensors.set(row.id, signal(row))
    return true
  }
  const before = known.peek()
  if (row.time !== before.time) moveSparkline(row.id, row.value)
  known.value = row
  return before.state !== row.state || before.asset !== row.asset
}

/** Takes rows over from the live stream or a list. */
export function applySensors(rows: Iterable<SensorSummary>): void {
  batch(() => {
    let changed = false
    for (const row of rows) changed = place(row) || changed
    if (changed) structure.value++
  })
}

/** Takes one sensor over, also beyond the number that is kept: somebody looks at it. */
export function applySensor(row: SensorSummary): Signal<SensorSummary> {
  applySensors([row])
  const known = sensors.get(row.id) ?? signal(row)
  sensors.set(row.id, known)
  return known
}

/** Reads the whole list anew, those that need attention first; forgets sensors that are gone. */
export async function loadSensors(abort: AbortSignal): Promise<void> {
  const seen = new Set<string>()
  for (const state of worstFirst) {
    for (let offset = 0; seen.size < sensorsKept; offset += pageRows) {
      const path = `api/v1/sensors?state=${state}&offset=${offset}&limit=${pageRows}`
      const page = await askSensors(path, abort)
      for (const row of page.items) seen.add(row.id)
      applySensors(page.items)
      if (offset + page.items.length >= page.total || page.items.length === 0) break
    }
  }
  batch(() => {
    let gone = false
    for (const id of sensors.keys()) if (!seen.has(id) && seen.size < sensorsKept) gone = sensors.delete(id) || gone
    if (gone) structure.value++
    loaded.value = true
  })
}

/** Whether the list here counts the states as the process does; a sensor that fell silent may have said nothing. */
export function agrees({ sensors: total, sensorStates }: PipelineStatus): boolean {
  if (total > sensorsKept) return true
  if (total !== sensors.size) return false
  const counts = new Map<SensorState, number>()
  for (const one of sensors.values()) counts.set(one.peek().state, (counts.get(one.peek().state) ?? 0) + 1)
  return worstFirst.every((state) => sensorStates[state] === (counts.get(state) ?? 0))
}

/** Asks the server for sensors that a large plant has beyond those kept here. */
export async function searchSensors(search: string, abort: AbortSignal): Promise<void> {
  const path = `api/v1/sensors?limit=200&search=${encodeURIComponent(search)}`
  const page = await askSensors(path, abort)
  for (const row of page.items) applySensor(row)
  structure.value++
}

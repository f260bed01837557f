import type { OutcomeFrame } from '../domain/outcome.ts'
import { qualityName } from '../domain/quality.ts'
import type { SensorCatalog } from '../domain/sensor.ts'

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/**
 * One scored reading, or tick of an asset, as the JSON object that Kafka, MQTT and the console write; `plant` is left out when
 * empty.
 *
 * `revision` is 0: the first and so far only score of this reading.
 *
 * Of an asset it has `asset` and `topChannels`, the channels that carry the score with their shares, in place of `sensor`, `value`,
 * `expected`, `lower`, `upper` and `residual`.
 *
 * Units: ts in ms since 1970; numbers are null where the row was not scored.
 */
export function scoreMessage(scores: OutcomeFrame, row: number, catalog: SensorCatalog, plant: string): string {
  const slot = scores.slot[row]!
  const { id } = catalog.spec(slot)
  const label = plant === '' ? {} : { plant }
  const ts = scores.timeMs[row]!
  const said = { score: scores.score[row]!, alarm: scores.alarm[row]!, quality: qualityName(scores.quality[row]!) }
  if (catalog.isAsset(slot)) {
    return JSON.stringify({ ...label, asset: id, ts, topChannels: scores.top(row) ?? [], ...said, revision: 0 })
  }
  return JSON.stringify({
    ...label,
    sensor: id,
    ts,
    value: finite(scores.value[row]!),
    expected: finite(scores.expected[row]!),
    lower: finite(scores.lower[row]!),
    upper: finite(scores.upper[row]!),
    residual: finite(scores.residual[row]!),
    ...said,
    revision: 0,
  })
}

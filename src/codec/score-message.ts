import type { OutcomeFrame } from '../domain/outcome.ts'
import { qualityName } from '../domain/quality.ts'

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/**
 * One scored reading as the JSON object that Kafka, MQTT and the console write; `plant` is left out when empty.
 *
 * `revision` is 0: the first and so far only score of this reading.
 *
 * Units: ts in ms since 1970; numbers are null where the row was not scored.
 */
export function scoreMessage(scores: OutcomeFrame, row: number, sensor: string, plant: string): string {
  return JSON.stringify({
    ...(plant === '' ? {} : { plant }),
    sensor,
    ts: scores.timeMs[row]!,
    value: finite(scores.value[row]!),
    expected: finite(scores.expected[row]!),
    lower: finite(scores.lower[row]!),
    upper: finite(scores.upper[row]!),
    residual: finite(scores.residual[row]!),
    score: scores.score[row]!,
    alarm: scores.alarm[row]!,
    quality: qualityName(scores.quality[row]!),
    revision: 0,
  })
}

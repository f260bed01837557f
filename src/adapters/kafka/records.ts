import type { KafkaMessage } from 'kafkajs'
import { limits } from '../../base/limits.ts'
import type { RawRecord } from '../../domain/record.ts'

/** A message as the runtime takes it; null for a tombstone, which has no bytes and no reading. `nowMs`: wall time. */
export function recordOf(topic: string, { value, key, timestamp }: KafkaMessage, nowMs: number): RawRecord | null {
  if (value === null) return null
  return { bytes: value, topic, key: key === null ? null : key.toString(), arrivalMs: arrivalOf(timestamp, nowMs) }
}

/**
 * The time that the message carries is the recorded arrival: it is the same when the message is read again. One that
 * cannot be an arrival (before 2000, in the future) is replaced by now.
 */
function arrivalOf(timestamp: string, now: number): number {
  const ms = Number(timestamp)
  return ms >= limits.minTimeMs && ms <= now ? ms : now
}

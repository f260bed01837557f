import { Quality } from '../../../src/domain/quality.ts'
import type { Decoder, RawRecord } from '../../../src/domain/record.ts'

/** What a decoder found, as values a test can compare. */
export interface Collected {
  readings: [sensor: string, timeMs: number | undefined, value: number, quality: number][]
  labels: (Readonly<Record<string, string>> | undefined)[]
  rejects: [reason: string, line: number | undefined][]
  details: string[]
  parts: string[]
}

/** Decodes one text or byte record and collects everything. */
export function collect(decoder: Decoder, input: string | Uint8Array, record: Partial<RawRecord> = {}): Collected {
  const found: Collected = { readings: [], labels: [], rejects: [], details: [], parts: [] }
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  decoder.decode(
    { bytes, topic: 'plant/hall/pump/temp', key: null, arrivalMs: 1_700_000_000_000, ...record },
    {
      reading(sensor, timeMs, value, quality, labels) {
        found.readings.push([sensor, timeMs, value, quality])
        found.labels.push(labels)
      },
      reject(reason, detail, line, part) {
        found.rejects.push([reason, line])
        found.details.push(detail)
        found.parts.push(part === undefined ? '' : Buffer.from(part).toString())
      },
    },
  )
  return found
}

export const good = Quality.good
export const bad = Quality.bad
export const uncertain = Quality.uncertain

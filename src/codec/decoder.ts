import type { Decoder } from '../domain/record.ts'
import { CsvDecoder } from './csv.ts'
import { JsonDecoder } from './json.ts'
import { LineProtocolDecoder } from './line-protocol.ts'
import type { CodecOptions } from './options.ts'
import { localTimeOf } from './time-zone.ts'
import { createTopicPath } from './topic-path.ts'

/**
 * The decoder of one source.
 *
 * `path`: topic levels that become labels. `topics`: MQTT, where a key of `values` is `TOPIC/key`.
 */
export function createDecoder(
  options: CodecOptions,
  source: { path?: string | undefined; topics?: boolean } = {},
): Decoder {
  const labels = source.path === undefined ? undefined : createTopicPath(source.path)
  const topicKeys = source.topics
  switch (options.type) {
    case 'json':
      return new JsonDecoder({ ...options, toUtc: zoneOf(options.timezone), labels, topicKeys })
    case 'csv':
      return new CsvDecoder({ ...options, toUtc: zoneOf(options.timezone), labels, topicKeys })
    case 'line-protocol':
      return new LineProtocolDecoder({ ...options, labels })
  }
}

function zoneOf(zone: string | undefined) {
  return zone === undefined ? undefined : localTimeOf(zone)
}

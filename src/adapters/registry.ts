import type { DeadLetterAdapter, HistoryAdapter, SinkAdapter, SourceAdapter } from '../ports/adapter.ts'
import { alertmanagerSink } from './alertmanager/index.ts'
import { consoleSink } from './console/index.ts'
import { fileDeadLetter, fileHistory, fileSink, fileSource } from './file/index.ts'
import { httpSource } from './http/index.ts'
import { influxdbHistory } from './influxdb/history.ts'
import { influxdbSink } from './influxdb/index.ts'
import { kafkaDeadLetter } from './kafka/dead-letter.ts'
import { kafkaHistory } from './kafka/history.ts'
import { kafkaSink } from './kafka/sink.ts'
import { kafkaSource } from './kafka/source.ts'
import { mqttSink } from './mqtt/sink.ts'
import { mqttSource } from './mqtt/source.ts'
import { prometheusSink } from './prometheus/index.ts'
import { webhookSink } from './webhook/index.ts'

/** Every kind of source by its `type`: what stands here, the configuration, `check` and the contract suites know. */
export const sourceAdapters = {
  mqtt: mqttSource,
  kafka: kafkaSource,
  http: httpSource,
  file: fileSource,
} as const satisfies Record<string, SourceAdapter<unknown>>

/** Every kind of sink by its `type`. */
export const sinkAdapters = {
  kafka: kafkaSink,
  mqtt: mqttSink,
  influxdb: influxdbSink,
  prometheus: prometheusSink,
  webhook: webhookSink,
  alertmanager: alertmanagerSink,
  console: consoleSink,
  file: fileSink,
} as const satisfies Record<string, SinkAdapter<unknown>>

/** Every kind of dead-letter sink by its `type`. */
export const deadLetterAdapters = {
  kafka: kafkaDeadLetter,
  file: fileDeadLetter,
} as const satisfies Record<string, DeadLetterAdapter<unknown>>

/** Every kind of history by its `type`: what `bootstrap` reads, and a replay. */
export const historyAdapters = {
  file: fileHistory,
  influxdb: influxdbHistory,
  kafka: kafkaHistory,
} as const satisfies Record<string, HistoryAdapter<unknown>>

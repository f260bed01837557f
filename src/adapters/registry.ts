import type { DeadLetterAdapter, SinkAdapter, SourceAdapter } from '../ports/adapter.ts'
import { alertmanagerSink } from './alertmanager/index.ts'
import { consoleSink } from './console/index.ts'
import { httpSource } from './http/index.ts'
import { influxdbSink } from './influxdb/index.ts'
import { prometheusSink } from './prometheus/index.ts'
import { webhookSink } from './webhook/index.ts'

/** Every kind of source by its `type`: what stands here, the configuration, `check` and the contract suites know. */
export const sourceAdapters = {
  http: httpSource,
} as const satisfies Record<string, SourceAdapter<unknown>>

/** Every kind of sink by its `type`. */
export const sinkAdapters = {
  influxdb: influxdbSink,
  prometheus: prometheusSink,
  webhook: webhookSink,
  alertmanager: alertmanagerSink,
  console: consoleSink,
} as const satisfies Record<string, SinkAdapter<unknown>>

/** Every kind of dead-letter sink by its `type`. */
export const deadLetterAdapters = {} as const satisfies Record<string, DeadLetterAdapter<unknown>>

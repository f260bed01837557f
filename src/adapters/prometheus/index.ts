import type { SinkAdapter } from '../../ports/adapter.ts'
import { type PrometheusOptions, prometheusOptions } from './options.ts'
import { PrometheusSink } from './sink.ts'

/** The Prometheus row of the registry. */
export const prometheusSink: SinkAdapter<PrometheusOptions> = {
  type: 'prometheus',
  options: prometheusOptions,
  create: (name) => new PrometheusSink(name),
}

import type { SinkAdapter } from '../../ports/adapter.ts'
import { type InfluxdbOptions, influxdbOptions } from './options.ts'
import { InfluxdbSink } from './sink.ts'

/** The InfluxDB row of the registry. */
export const influxdbSink: SinkAdapter<InfluxdbOptions> = {
  type: 'influxdb',
  options: influxdbOptions,
  create: (name, options) => new InfluxdbSink(name, options),
}

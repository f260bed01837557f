import type { SinkAdapter } from '../../ports/adapter.ts'
import { type AlertmanagerOptions, alertmanagerOptions } from './options.ts'
import { AlertmanagerSink } from './sink.ts'

/** The Alertmanager row of the registry. */
export const alertmanagerSink: SinkAdapter<AlertmanagerOptions> = {
  type: 'alertmanager',
  options: alertmanagerOptions,
  create: (name, options) => new AlertmanagerSink(name, options),
}

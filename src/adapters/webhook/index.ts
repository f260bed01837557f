import type { SinkAdapter } from '../../ports/adapter.ts'
import { type WebhookOptions, webhookOptions } from './options.ts'
import { WebhookSink } from './sink.ts'

/** The webhook row of the registry. */
export const webhookSink: SinkAdapter<WebhookOptions> = {
  type: 'webhook',
  options: webhookOptions,
  create: (name, options) => new WebhookSink(name, options),
}

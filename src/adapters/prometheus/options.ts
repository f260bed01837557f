import { z } from 'zod'

/** Options of the Prometheus sink: none but its type; the exposition is served at `/metrics` of the server. */
export const prometheusOptions = z.strictObject({ type: z.literal('prometheus') })
/** Parsed options of the Prometheus sink. */
export type PrometheusOptions = z.infer<typeof prometheusOptions>

import { z } from 'zod'
import { limits } from '../../base/limits.ts'
import { bytes } from '../../ports/options.ts'

/** Options of the HTTP source. Its address is the server's: `POST /api/v1/write`. */
export const httpOptions = z.strictObject({
  type: z.literal('http'),
  /** Bytes of bodies that wait for sinks and state; beyond it a request is answered 503 and must come again. */
  inFlight: bytes()
    .refine((size) => size >= limits.messageBytesMax, `expected at least ${limits.messageBytesMax} bytes: one body`)
    .default(limits.httpInFlightBytes),
})
/** Parsed options of the HTTP source. */
export type HttpOptions = z.infer<typeof httpOptions>

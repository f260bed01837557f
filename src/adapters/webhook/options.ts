import { z } from 'zod'
import { priorities } from '../../domain/alarm.ts'
import { alarmSettings, httpUrl, requestTimeout } from '../../ports/http-options.ts'
import { secret, tls } from '../../ports/options.ts'

const reservedHeaders = new Set(['content-type', 'content-length', 'host', 'x-residua-signature', 'x-residua-delivery'])

const credential = /authorization|cookie|token|secret|password|api-?key/i

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'expected a header name')
  .refine((name) => !reservedHeaders.has(name.toLowerCase()), 'this header is set by the webhook itself')

/** Options of the webhook sink. */
export const webhookOptions = z.strictObject({
  type: z.literal('webhook'),
  url: httpUrl(),
  /** Key of the HMAC in `X-Residua-Signature`; without it requests are not signed. */
  secret: secret().optional(),
  /** Further headers, in the clear. */
  headers: z
    .record(
      headerName.refine((name) => !credential.test(name), 'this header holds a secret: give it under secretHeaders'),
      z.string(),
    )
    .default({}),
  /** Further headers whose values are secrets, such as `authorization`. */
  secretHeaders: z.record(headerName, secret()).default({}),
  /** The least priority that is sent. */
  minPriority: z.enum(priorities).default('low'),
  /** The name of the receiver in the body. */
  receiver: z.string().min(1).default('residua'),
  /** Address of Residua's page as people reach it: `externalURL` in the body, and alerts link to their sensor. */
  externalUrl: httpUrl().optional(),
  tls: tls().optional(),
  timeout: requestTimeout(),
  ...alarmSettings(),
})
/** Parsed options of the webhook sink. */
export type WebhookOptions = z.infer<typeof webhookOptions>

import { z } from 'zod'
import { priorities } from '../../domain/alarm.ts'
import { alarmSettings, httpUrl, requestTimeout } from '../../ports/http-options.ts'
import { secret, tls } from '../../ports/options.ts'

const reservedHeaders = new Set(['content-type', 'content-length', 'host', 'x-residua-signature', 'x-residua-delivery'])

const credential = /authorization|cookie|token|secret|password|api-?key/i

/** Why a header cannot be sent under that name, or undefined. */
function headerMistake(name: string): string | undefined {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return 'expected the name of a header'
  return reservedHeaders.has(name.toLowerCase()) ? 'this header is set by the webhook itself' : undefined
}

/** Headers by name; a mistake is told at the header, which an invalid key of a record cannot. */
function headers<Value extends z.ZodType<string>>(value: Value, mistakeOf: (name: string) => string | undefined) {
  return z.record(z.string(), value).superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      const message = mistakeOf(name)
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message })
    }
  })
}

function clearHeaderMistake(name: string): string | undefined {
  if (credential.test(name)) return 'this header holds a secret: give it under secretHeaders, as a reference'
  return headerMistake(name)
}

/** Options of the webhook sink. */
export const webhookOptions = z.strictObject({
  type: z.literal('webhook'),
  url: httpUrl(),
  /** Key of the HMAC in `X-Residua-Signature`; without it requests are not signed. */
  secret: secret().optional(),
  /** Further headers, in the clear. */
  headers: headers(z.string(), clearHeaderMistake).default({}),
  /** Further headers whose values are secrets, such as `authorization`. */
  secretHeaders: headers(secret(), headerMistake).default({}),
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

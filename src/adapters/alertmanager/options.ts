import { z } from 'zod'
import { alarmSettings, httpUrl, requestTimeout } from '../../ports/http-options.ts'
import { duration, secret, tls } from '../../ports/options.ts'

/** Options of the Alertmanager sink. */
export const alertmanagerOptions = z
  .strictObject({
    type: z.literal('alertmanager'),
    /** Address of one Alertmanager (API v2), with its path prefix when it has one. */
    url: httpUrl(),
    username: z.string().min(1).optional(),
    password: secret().optional(),
    token: secret().optional(),
    tls: tls().optional(),
    timeout: requestTimeout(),
    /** Active alarms are sent again this often: it must be well below Alertmanager's `resolve_timeout` (5m). */
    resendInterval: duration().default(60_000),
    /** Address of Residua's page as people reach it: alerts then link to their sensor. */
    externalUrl: httpUrl().optional(),
    ...alarmSettings(),
  })
  .refine((options) => (options.username === undefined) === (options.password === undefined), {
    path: ['password'],
    error: 'expected username and password together',
  })
  .refine((options) => options.username === undefined || options.token === undefined, {
    path: ['token'],
    error: 'expected either username and password or a token',
  })
/** Parsed options of the Alertmanager sink. */
export type AlertmanagerOptions = z.infer<typeof alertmanagerOptions>

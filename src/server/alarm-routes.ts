import { z } from 'zod'
import type { PipelineApi } from '../runtime/api.ts'
import type { AccessControl } from './access.ts'
import { pageAnswer, transitionAnswer } from './answer.ts'
import { HttpError } from './http-error.ts'
import { paging } from './query.ts'
import { nothing, type Route, route } from './route.ts'
import { alarmTransition, pageOf } from './schema.ts'

const refusals: Readonly<Record<'unknown' | 'instrument' | 'over', () => HttpError>> = {
  unknown: () => new HttpError('not_found', 'no alarm has this id', 'GET /api/v1/alarms lists them'),
  instrument: () =>
    new HttpError(
      'conflict',
      'a faulty instrument is never normal',
      'repair it, or change its range, rate or silentAfter',
    ),
  over: () =>
    new HttpError(
      'conflict',
      'the alarm does not stand any more',
      'GET /api/v1/alarms?active=true lists those that do',
    ),
}

function acceptRoute(api: PipelineApi, access: AccessControl): Route {
  return route({
    method: 'POST',
    path: '/api/v1/alarms/{id}/accept',
    access: 'write',
    summary:
      'Takes as normal what a standing process alarm tells: the level that stays, of an asset the level of its residuals or its drift. Ends the alarm; answers when that is durable.',
    params: z.strictObject({ id: z.string().min(1).describe('Id of the occurrence') }),
    query: nothing,
    body: {
      contentType: 'application/json',
      description: 'Why',
      schema: z.strictObject({ reason: z.string().max(500).default('').describe('Why; kept in the alarm journal') }),
    },
    answers: { 200: { description: 'The transition that ended the alarm', schema: alarmTransition } },
    handle: async ({ params, body, request }) => {
      const accepted = await api.acceptAlarm(params.id, { by: access.who(request), reason: body.reason })
      if (typeof accepted === 'string') throw refusals[accepted]()
      return transitionAnswer(accepted)
    },
  })
}

/** `/api/v1/alarms`. */
export function alarmRoutes(api: PipelineApi, access: AccessControl): readonly Route[] {
  return [
    acceptRoute(api, access),
    route({
      method: 'GET',
      path: '/api/v1/alarms',
      access: 'read',
      summary: 'Alarms, the newest transition of each occurrence, newest first.',
      params: nothing,
      query: z.strictObject({
        active: z.enum(['true', 'false']).optional().describe('true: only those that are not back to normal'),
        sensor: z.string().optional(),
        ...paging,
      }),
      answers: { 200: { description: 'A page of alarms', schema: pageOf(alarmTransition) } },
      handle: ({ query: { active, sensor, offset, limit } }) => {
        const wish = {
          offset,
          limit,
          ...(active === undefined ? {} : { active: active === 'true' }),
          ...(sensor === undefined ? {} : { sensor }),
        }
        return pageAnswer(api.alarms(wish), transitionAnswer)
      },
    }),
  ]
}

import { z } from 'zod'
import type { PipelineApi } from '../runtime/api.ts'
import { pageAnswer, transitionAnswer } from './answer.ts'
import { paging } from './query.ts'
import { nothing, type Route, route } from './route.ts'
import { alarmTransition, pageOf } from './schema.ts'

/** `/api/v1/alarms`. */
export function alarmRoutes(api: PipelineApi): readonly Route[] {
  return [
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

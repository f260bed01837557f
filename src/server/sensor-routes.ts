import { z } from 'zod'
import { limits } from '../base/limits.ts'
import { type PipelineApi, sensorStates } from '../runtime/api.ts'
import { explanationAnswer, historyAnswer, pageAnswer, sensorAnswer } from './answer.ts'
import { HttpError } from './http-error.ts'
import { instant, oneOrMore, paging, whole } from './query.ts'
import { nothing, type Route, route } from './route.ts'
import { explanation, history, pageOf, sensorSummary, sparklines } from './schema.ts'

/** Most sensors of one request for sparklines, and points of each. */
const sparklineIds = 100
const sparklinePoints = 200

const id = z.strictObject({ id: z.string().min(1).describe('Sensor id, percent-encoded as one path segment') })

function unknownSensor(sensor: string): HttpError {
  return new HttpError('not_found', `no sensor has the id ${JSON.stringify(sensor)}`, 'GET /api/v1/sensors lists them')
}

function found<T>(value: T | undefined, sensor: string): T {
  if (value === undefined) throw unknownSensor(sensor)
  return value
}

function listRoutes(api: PipelineApi): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/sensors',
      access: 'read',
      summary: 'Sensors with their newest reading, a page at a time.',
      params: nothing,
      query: z.strictObject({
        search: z.string().max(limits.sensorIdBytesMax).optional().describe('Part of the id or of a label'),
        state: z.enum(sensorStates).optional(),
        asset: z.string().optional(),
        ...paging,
      }),
      answers: { 200: { description: 'A page of sensors', schema: pageOf(sensorSummary) } },
      handle: ({ query: { search, state, asset, offset, limit } }) => {
        const wish = {
          offset,
          limit,
          ...(search === undefined ? {} : { search }),
          ...(state === undefined ? {} : { state }),
          ...(asset === undefined ? {} : { asset }),
        }
        return pageAnswer(api.sensors(wish), sensorAnswer)
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/sparklines',
      access: 'read',
      summary: 'The last values of several sensors at once, oldest first; unknown ids are left out.',
      params: nothing,
      query: z.strictObject({
        ids: oneOrMore(sparklineIds).describe('Sensor id; repeat for more'),
        points: whole(2, sparklinePoints).default(48),
      }),
      answers: { 200: { description: 'Values by sensor id', schema: sparklines } },
      handle: ({ query }) => api.sparklines(query.ids, query.points),
    }),
  ]
}

function oneRoutes(api: PipelineApi): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/sensors/{id}',
      access: 'read',
      summary: 'One sensor with its newest reading.',
      params: id,
      query: nothing,
      answers: { 200: { description: 'The sensor', schema: sensorSummary } },
      handle: ({ params }) => sensorAnswer(found(api.sensor(params.id), params.id)),
    }),
    route({
      method: 'GET',
      path: '/api/v1/sensors/{id}/explanation',
      access: 'read',
      summary: 'What each channel and each reading before contributed to the residual of a reading, and one sentence.',
      params: id,
      query: z.strictObject({
        time: instant().optional().describe('The newest scored reading not after it; default: the newest'),
      }),
      answers: { 200: { description: 'Contributions in the unit of the sensor', schema: explanation } },
      handle: ({ params, query: { time = Number.POSITIVE_INFINITY } }) => {
        const why = found(api.explanation(params.id, time), params.id)
        if (why !== null) return explanationAnswer(why)
        const hint = 'it needs a scored reading among the recent ones in memory, and a model that runs in one direction'
        throw new HttpError('not_found', `no reading of ${params.id} can be explained`, hint)
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/sensors/{id}',
      access: 'write',
      summary: 'Forgets a sensor and frees its place; if it returns it warms up again.',
      params: id,
      query: nothing,
      answers: { 204: { description: 'Forgotten' } },
      handle: async ({ params, reply }) => {
        if (!(await api.removeSensor(params.id))) throw unknownSensor(params.id)
        reply.status(204).send()
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/sensors/{id}/history',
      access: 'read',
      summary: 'Recent readings of a sensor with expected value, band, score and alarm: columns, oldest first.',
      params: id,
      query: z.strictObject({
        from: instant().optional(),
        to: instant().optional(),
        points: whole(1, limits.historyPointsPerSensor).default(500),
      }),
      answers: { 200: { description: 'Columns of equal length', schema: history } },
      handle: ({ params, query: { from, to, points } }) => {
        if (from !== undefined && to !== undefined && from > to) {
          throw new HttpError('bad_request', 'from: lies after to', 'exchange from and to')
        }
        const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
        return historyAnswer(found(api.history(params.id, { ...range, points }), params.id))
      },
    }),
  ]
}

/** `/api/v1/sensors`, `/api/v1/sensors/{id}` with its history, and `/api/v1/sparklines`. */
export function sensorRoutes(api: PipelineApi): readonly Route[] {
  return [...listRoutes(api), ...oneRoutes(api)]
}

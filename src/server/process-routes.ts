import { z } from 'zod'
import type { Metrics } from '../ports/metrics.ts'
import type { PipelineApi } from '../runtime/api.ts'
import type { AccessControl } from './access.ts'
import { statusAnswer } from './answer.ts'
import { nothing, type Route, route } from './route.ts'
import { pipelineStatus } from './schema.ts'

const readiness = z.object({ ready: z.boolean(), reasons: z.array(z.string()) })

/** `/healthz`, `/readyz`, `/metrics` and `/api/v1/status`. */
export function processRoutes(api: PipelineApi, metrics: Metrics, access: AccessControl): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      access: 'public',
      summary: 'The process answers.',
      params: nothing,
      query: nothing,
      answers: { 200: { description: 'Alive', schema: z.object({ status: z.literal('ok') }) } },
      handle: () => ({ status: 'ok' }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      access: 'public',
      summary: 'State is restored and sources are connected. Reasons are told only to who may read.',
      params: nothing,
      query: nothing,
      answers: {
        200: { description: 'Ready', schema: readiness },
        503: { description: 'Not ready, and why', schema: readiness },
      },
      handle: ({ request, reply }) => {
        const { ready, reasons } = api.ready()
        const told = !access.required || access.role(request.headers.authorization) !== undefined
        reply.status(ready ? 200 : 503)
        return { ready, reasons: told ? reasons : [] }
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      access: 'read',
      summary: 'Metrics in the Prometheus text format.',
      params: nothing,
      query: nothing,
      answers: { 200: { description: 'Metrics', contentType: 'text/plain', schema: z.string() } },
      handle: async ({ reply }) => {
        const { contentType, text } = await metrics.exposition()
        reply.header('content-type', contentType)
        return text
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/status',
      access: 'read',
      summary: 'Figures of the running process, and the health of its sources, sinks and state.',
      params: nothing,
      query: nothing,
      answers: { 200: { description: 'Figures', schema: pipelineStatus } },
      handle: () => statusAnswer(api.status()),
    }),
  ]
}

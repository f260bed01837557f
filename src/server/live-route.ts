import { z } from 'zod'
import { securityHeaders } from './headers.ts'
import { type LiveHub, liveHzMax } from './live-hub.ts'
import { oneOrMore } from './query.ts'
import { nothing, type Route, route } from './route.ts'

/** Most sensors that one live stream may be narrowed to. */
const sensorsMax = 100

/** `/api/v1/live`: server-sent events `scores`, `alarm` and `status`. */
export function liveRoutes(hub: LiveHub): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/live',
      access: 'read',
      summary:
        'Live stream. Events: scores (newest row of each sensor that changed), alarm (a transition), status (every 2 s, ' +
        'the heartbeat). They look as in /api/v1/sensors, /api/v1/alarms and /api/v1/status, but all times are numbers: ' +
        'milliseconds since 1970 UTC. A slow reader loses older scores, never alarms; after a reconnect read the lists anew.',
      params: nothing,
      query: z.strictObject({
        hz: z.coerce.number().min(0.1).max(liveHzMax).default(2).describe('Score events a second, at most'),
        sensor: oneOrMore(sensorsMax).optional().describe('Scores of these sensors only; may be repeated'),
      }),
      answers: { 200: { description: 'Server-sent events', contentType: 'text/event-stream', schema: z.string() } },
      handle: ({ query, reply }) => {
        hub.admit()
        reply.hijack()
        reply.raw.writeHead(200, {
          ...securityHeaders,
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          // Proxies such as nginx would otherwise collect the events before passing them on.
          'x-accel-buffering': 'no',
        })
        hub.add(reply.raw, { hz: query.hz, sensors: query.sensor ? new Set(query.sensor) : null })
      },
    }),
  ]
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './http-error.ts'

/** Serves the built page at `/`: hashed assets for a year, everything else checked by ETag each time. */
export function servePage(app: FastifyInstance, uiDirectory: string): void {
  if (!existsSync(join(uiDirectory, 'index.html'))) {
    app.get('/', async () => {
      throw new HttpError('no_page', 'the page is not built', 'run `npm run build`; the API works without it')
    })
    return
  }
  app.register(fastifyStatic, {
    root: uiDirectory,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path.includes('/assets/')
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

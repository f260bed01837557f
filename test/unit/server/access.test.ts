import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigurationError, OperatingError } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/ports/log.ts'
import type { ServerOptions } from '../../../src/server/options.ts'
import { createServer } from '../../../src/server/server.ts'
import { ScriptedApi, ScriptedModels, sensor, silentMetrics, transition } from './fixtures.ts'

const auth = {
  tokens: [
    { role: 'viewer', token: '${RESIDUA_TEST_VIEWER}' },
    { role: 'operator', token: '${RESIDUA_TEST_OPERATOR}' },
    { role: 'engineer', token: '${RESIDUA_TEST_ENGINEER}' },
  ],
} as const

function server(options: ServerOptions) {
  return createServer({
    api: new ScriptedApi([sensor('s1')]),
    metrics: silentMetrics,
    options,
    log: silentLog,
    uiDirectory: '/nonexistent',
    version: '0.1.0',
  })
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('access', () => {
  beforeEach(() => {
    process.env['RESIDUA_TEST_VIEWER'] = 'look-only'
    process.env['RESIDUA_TEST_OPERATOR'] = 'hands-on'
    process.env['RESIDUA_TEST_ENGINEER'] = 'models-too'
  })
  afterEach(() => {
    delete process.env['RESIDUA_TEST_VIEWER']
    delete process.env['RESIDUA_TEST_OPERATOR']
    delete process.env['RESIDUA_TEST_ENGINEER']
  })

  it('without tokens everything on loopback is open', async () => {
    const answer = await server({ host: '127.0.0.1', port: 0 }).inject('/api/v1/sensors')
    expect(answer.statusCode).toBe(200)
  })

  it('a host that others can reach is refused when nothing is said about auth', () => {
    expect(() => server({ host: '0.0.0.0', port: 0 })).toThrow(ConfigurationError)
    expect(() => server({ host: '0.0.0.0', port: 0, auth: 'none' })).not.toThrow()
  })

  it('asks for a token on every route that tells about the plant, not on health and the page', async () => {
    const app = server({ host: '0.0.0.0', port: 0, auth })
    for (const url of ['/api/v1/sensors', '/api/v1/alarms', '/api/v1/status', '/api/v1/live', '/metrics']) {
      const answer = await app.inject(url)
      expect(answer.statusCode, url).toBe(401)
      expect(answer.headers['www-authenticate']).toContain('Bearer')
    }
    for (const url of ['/healthz', '/readyz', '/api/v1/openapi.json']) {
      expect((await app.inject(url)).statusCode, url).toBe(200)
    }
  })

  it('lets an operator accept what an alarm tells, and a viewer not', async () => {
    const api = new ScriptedApi()
    api.transitions = [transition('a1', 's2')]
    const parts = { api, metrics: silentMetrics, log: silentLog, uiDirectory: '/none', version: '0.1.0' }
    const app = createServer({ ...parts, options: { host: '0.0.0.0', port: 0, auth } })
    const accept = (token: string) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/alarms/a1/accept',
        headers: { authorization: `Bearer ${token}` },
        payload: '{"reason":"new pump"}',
      })
    expect((await accept('look-only')).statusCode).toBe(403)
    expect((await accept('hands-on')).statusCode).toBe(200)
    expect(api.accepted).toEqual({ id: 'a1', who: { by: 'operator at 127.0.0.1', reason: 'new pump' } })
  })

  it('lets a viewer read and an operator also delete', async () => {
    const app = server({ host: '0.0.0.0', port: 0, auth })
    const remove = (token: string) =>
      app.inject({ method: 'DELETE', url: '/api/v1/sensors/s1', headers: bearer(token) })
    expect((await app.inject({ url: '/api/v1/sensors', headers: bearer('look-only') })).statusCode).toBe(200)
    expect((await remove('look-only')).statusCode).toBe(403)
    expect((await remove('hands-on')).statusCode).toBe(204)
  })

  it('lets only an engineer change models, and tells the audit log the role', async () => {
    const models = new ScriptedModels()
    const parts = { api: new ScriptedApi(), models, metrics: silentMetrics, log: silentLog, uiDirectory: '/none' }
    const app = createServer({ ...parts, version: '0.1.0', options: { host: '0.0.0.0', port: 0, auth } })
    const promote = (token: string, origin?: string) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/models/pump/promote',
        headers: { ...bearer(token), ...(origin === undefined ? {} : { origin }) },
        payload: JSON.stringify({ version: 2, reason: 'better' }),
      })
    expect((await promote('look-only')).statusCode).toBe(403)
    expect((await promote('hands-on')).json().error.message).toBe('the role operator may not change models')
    expect((await promote('models-too', 'http://elsewhere.example')).statusCode).toBe(403)
    expect(models.changes).toEqual([])
    expect((await promote('models-too')).statusCode).toBe(200)
    expect(models.changes).toEqual([['promote', 'pump', 2, { by: 'engineer at 127.0.0.1', reason: 'better' }]])
  })

  it.each(['Bearer wrong', 'Bearer ', 'Bearer', 'Basic look-only', 'look-only'])(
    'refuses %j',
    async (authorization) => {
      const app = server({ host: '0.0.0.0', port: 0, auth })
      expect((await app.inject({ url: '/api/v1/sensors', headers: { authorization } })).statusCode).toBe(401)
    },
  )

  it('tells the reasons of readyz only to who may read', async () => {
    const api = new ScriptedApi()
    api.state = { ready: false, reasons: ['source mqtt is not connected'] }
    const parts = { api, metrics: silentMetrics, log: silentLog, uiDirectory: '/nonexistent', version: '0.1.0' }
    const app = createServer({ ...parts, options: { host: '0.0.0.0', port: 0, auth } })
    expect((await app.inject('/readyz')).json().reasons).toEqual([])
    const told = await app.inject({ url: '/readyz', headers: bearer('look-only') })
    expect(told.json().reasons).toHaveLength(1)
  })

  it('refuses to listen when a token is not there or empty', async () => {
    for (const secret of [undefined, '']) {
      if (secret === undefined) delete process.env['RESIDUA_TEST_VIEWER']
      else process.env['RESIDUA_TEST_VIEWER'] = secret
      await expect(server({ host: '127.0.0.1', port: 0, auth }).listen()).rejects.toBeInstanceOf(OperatingError)
    }
  })
})

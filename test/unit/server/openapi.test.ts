import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../src/ports/log.ts'
import { createServer } from '../../../src/server/server.ts'
import { ScriptedApi, silentMetrics } from './fixtures.ts'

const app = createServer({
  api: new ScriptedApi(),
  metrics: silentMetrics,
  options: { host: '127.0.0.1', port: 0 },
  log: silentLog,
  uiDirectory: '/nonexistent',
  version: '1.2.3',
})
const document = (await app.inject('/api/v1/openapi.json')).json()

describe('openapi.json', () => {
  it('names every route once, and none that is not built', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info.version).toBe('1.2.3')
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/v1/alarms',
      '/api/v1/alarms/{id}/accept',
      '/api/v1/live',
      '/api/v1/models',
      '/api/v1/models/{name}/promote',
      '/api/v1/models/{name}/rollback',
      '/api/v1/models/{name}/shadow',
      '/api/v1/openapi.json',
      '/api/v1/sensors',
      '/api/v1/sensors/{id}',
      '/api/v1/sensors/{id}/explanation',
      '/api/v1/sensors/{id}/history',
      '/api/v1/sparklines',
      '/api/v1/status',
      '/api/v1/write',
      '/healthz',
      '/metrics',
      '/readyz',
    ])
    expect(Object.keys(document.paths['/api/v1/sensors/{id}'])).toEqual(['get', 'delete'])
  })

  it('describes parameters with type, bounds and default', () => {
    const { parameters } = document.paths['/api/v1/sensors'].get
    expect(parameters.find((one: { name: string }) => one.name === 'limit')).toEqual({
      name: 'limit',
      in: 'query',
      required: false,
      description: 'Rows of this page, at most',
      schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
    })
    expect(document.paths['/api/v1/sensors/{id}'].get.parameters[0]).toMatchObject({ in: 'path', required: true })
  })

  it('says that answers write times as ISO 8601, and the live stream as milliseconds', () => {
    const { Alarm, AlarmTransition, History, PipelineStatus, SensorSummary } = document.components.schemas
    const instant = { type: 'string', format: 'date-time', description: expect.stringContaining('ISO 8601') }
    expect(SensorSummary.properties.time.anyOf).toEqual([instant, { type: 'null' }])
    expect(History.properties.time).toEqual({ type: 'array', items: instant })
    expect(AlarmTransition.properties.raisedTime).toEqual(instant)
    expect(Alarm.properties).toMatchObject({ eventTime: instant, detectedTime: instant })
    expect(PipelineStatus.properties.startedAt).toEqual(instant)
    expect(document.paths['/api/v1/live'].get.summary).toContain('milliseconds since 1970 UTC')
  })

  it('has a component behind every reference', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)]
    expect(references.length).toBeGreaterThan(5)
    for (const [, name] of references) expect(Object.keys(document.components.schemas)).toContain(name)
    expect(Object.keys(document.components.schemas).sort()).toEqual([
      'Alarm',
      'AlarmTransition',
      'Error',
      'Explanation',
      'History',
      'ModelComparison',
      'Models',
      'PipelineStatus',
      'RegisteredModel',
      'RunningModels',
      'SensorSummary',
      'Sparklines',
      'WriteResult',
    ])
    expect(JSON.stringify(document)).not.toContain('$defs')
  })
})

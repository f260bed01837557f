import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperatingError } from '../../../src/base/errors.ts'
import { limits } from '../../../src/base/limits.ts'
import type { Ingress, WriteResult } from '../../../src/ports/ingress.ts'
import { silentLog } from '../../../src/ports/log.ts'
import { alarmTransition, explanation, history, pipelineStatus, sensorSummary } from '../../../src/server/schema.ts'
import { createServer, type ServerParts } from '../../../src/server/server.ts'
import { ScriptedApi, ScriptedModels, sensor, silentMetrics, transition } from './fixtures.ts'

let directory: string
let api: ScriptedApi

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'residua-server-'))
  mkdirSync(join(directory, 'assets'))
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>Residua</title>')
  writeFileSync(join(directory, 'assets', 'main-abc123.js'), 'export {}')
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))
beforeEach(() => {
  api = new ScriptedApi([sensor('plant/hall/pump-7/pressure', { asset: 'pump-7' }), sensor('s2')])
})

function server(different: Partial<ServerParts> = {}) {
  return createServer({
    api,
    metrics: silentMetrics,
    options: { host: '127.0.0.1', port: 0 },
    log: silentLog,
    uiDirectory: directory,
    version: '0.1.0',
    ...different,
  })
}

class RecordedIngress implements Ingress {
  readonly bodies: string[] = []
  precision = ''
  answer: () => WriteResult = () => ({ accepted: 1, rejected: [] })

  async write(body: Uint8Array, options: { readonly precision: 'ns' | 'us' | 'ms' | 's' }) {
    this.bodies.push(Buffer.from(body).toString())
    this.precision = options.precision
    return this.answer()
  }
}

describe('the explanation of a reading', () => {
  const why = {
    ...{ sensor: 's2', time: 60_000, value: 9, expected: 7, residual: 2, rest: 1.5, against: 'last' as const },
    ...{
      sentence: 's2 2 above the expected 7 although it had fallen',
      channels: [{ channel: 's2', contribution: 0.5 }],
    },
    ticks: [{ time: 0, value: 7, contribution: 0.5 }],
  }

  it('is told with times as ISO 8601, of the newest reading or of a moment', async () => {
    api.why = why
    const answer = (await server().inject('/api/v1/sensors/s2/explanation')).json()
    expect(explanation.parse(answer)).toEqual(answer)
    expect(answer).toMatchObject({ time: '1970-01-01T00:01:00.000Z', rest: 1.5, sentence: why.sentence })
    expect(answer.ticks).toEqual([{ time: '1970-01-01T00:00:00.000Z', value: 7, contribution: 0.5 }])
    await server().inject('/api/v1/sensors/s2/explanation?time=1970-01-01T00:00:30Z')
    expect(api.asked).toEqual([
      { id: 's2', time: Number.POSITIVE_INFINITY },
      { id: 's2', time: 30_000 },
    ])
  })

  it('is not found where nobody can tell, and says why', async () => {
    const answer = await server().inject('/api/v1/sensors/s2/explanation')
    expect(answer.statusCode).toBe(404)
    expect(answer.json().error).toMatchObject({ message: 'no reading of s2 can be explained' })
    expect((await server().inject('/api/v1/sensors/nobody/explanation')).statusCode).toBe(404)
  })
})

describe('models', () => {
  it('tells what runs where there is no registry, and changes nothing', async () => {
    const app = server()
    expect((await app.inject('/api/v1/models')).json()).toMatchObject({ running: { follows: null }, registered: [] })
    const answer = await app.inject({ method: 'POST', url: '/api/v1/models/pump/rollback' })
    expect(answer.statusCode).toBe(404)
    expect(answer.json().error.message).toBe('this plant has no registry of models')
  })

  it.each([
    ['{', 'body: it is not JSON'],
    ['[]', /^body: /],
    ['{"version":0}', /^version: /],
    ['{"version":1,"why":"x"}', /why/],
  ])('names what is wrong with the body %s', async (payload, message) => {
    const app = server({ models: new ScriptedModels() })
    const answer = await app.inject({ method: 'POST', url: '/api/v1/models/pump/promote', payload })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error.message).toMatch(message)
  })
})

describe('process routes', () => {
  it('healthz answers as long as the process lives', async () => {
    expect((await server().inject('/healthz')).json()).toEqual({ status: 'ok' })
  })

  it('readyz is 503 with the reasons until the pipeline is ready', async () => {
    api.state = { ready: false, reasons: ['source mqtt is not connected'] }
    const answer = await server().inject('/readyz')
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toEqual({ ready: false, reasons: ['source mqtt is not connected'] })
    api.state = { ready: true, reasons: [] }
    expect((await server().inject('/readyz')).statusCode).toBe(200)
  })

  it('metrics come with the content type of the exposition', async () => {
    const answer = await server().inject('/metrics')
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.body).toContain('residua_build_info')
  })

  it('status is what its schema says', async () => {
    const answer = (await server().inject('/api/v1/status')).json()
    expect(() => pipelineStatus.parse(answer)).not.toThrow()
    expect(answer).toEqual({ ...api.status(), startedAt: '2023-11-14T22:13:20.000Z' })
  })
})

describe('sensor routes', () => {
  it('lists sensors with the defaults of paging, and passes search, state and asset on', async () => {
    const answer = await server().inject('/api/v1/sensors')
    expect(answer.json().total).toBe(2)
    for (const one of answer.json().items) expect(() => sensorSummary.parse(one)).not.toThrow()
    await server().inject('/api/v1/sensors?search=pump&state=fault&asset=pump-7&offset=5&limit=7')
    expect(api.asked).toEqual([
      { offset: 0, limit: 100 },
      { search: 'pump', state: 'fault', asset: 'pump-7', offset: 5, limit: 7 },
    ])
  })

  it.each(['limit=0', 'limit=1001', 'offset=-1', 'limit=ten', 'state=broken', 'colour=red', 'limit=1&limit=2'])(
    'refuses the query %s with a code and a hint',
    async (query) => {
      const answer = await server().inject(`/api/v1/sensors?${query}`)
      expect(answer.statusCode).toBe(400)
      expect(answer.json().error).toMatchObject({ code: 'bad_request', hint: expect.stringContaining('openapi.json') })
    },
  )

  it('writes the time of a sensor as ISO 8601 in UTC with milliseconds, or null before its first reading', async () => {
    api.sensorsById.set('new', sensor('new', { time: null }))
    const { items } = (await server().inject('/api/v1/sensors')).json()
    expect(items.map((one: { time: unknown }) => one.time)).toEqual([
      '2023-11-14T22:13:20.000Z',
      '2023-11-14T22:13:20.000Z',
      null,
    ])
    expect((await server().inject('/api/v1/sensors/s2')).json()).toEqual({
      ...sensor('s2'),
      time: '2023-11-14T22:13:20.000Z',
    })
    expect((await server().inject('/api/v1/sensors/new')).json().time).toBeNull()
  })

  it('takes a percent-encoded id as one segment', async () => {
    const url = `/api/v1/sensors/${encodeURIComponent('plant/hall/pump-7/pressure')}`
    expect((await server().inject(url)).json().asset).toBe('pump-7')
    expect((await server().inject(`${url}/history`)).json().sensor).toBe('plant/hall/pump-7/pressure')
  })

  it('takes an id of 256 bytes whose characters are all encoded', async () => {
    const id = 'é'.repeat(128)
    api.sensorsById.set(id, sensor(id))
    expect((await server().inject(`/api/v1/sensors/${encodeURIComponent(id)}`)).json().id).toBe(id)
  })

  it('answers 404 for an id nobody knows, also for its history and its removal', async () => {
    for (const [method, url] of [
      ['GET', '/api/v1/sensors/none'],
      ['GET', '/api/v1/sensors/none/history'],
      ['DELETE', '/api/v1/sensors/none'],
    ] as const) {
      const answer = await server().inject({ method, url })
      expect(answer.statusCode).toBe(404)
      expect(answer.json().error.code).toBe('not_found')
    }
  })

  it('history takes instants as milliseconds or ISO 8601', async () => {
    const answer = await server().inject('/api/v1/sensors/s2/history?from=1000&to=2013-12-02T21:15:00.000Z&points=50')
    expect(() => history.parse(answer.json())).not.toThrow()
    expect(answer.json().time).toEqual(['1970-01-01T00:00:00.001Z', '1970-01-01T00:00:00.002Z'])
    expect(answer.json().value).toEqual([1, null])
    expect(api.asked).toEqual([{ from: 1_000, to: Date.UTC(2013, 11, 2, 21, 15), points: 50 }])
  })

  it.each(['from=yesterday', 'from=2&to=1', 'points=1000000'])('history refuses %s', async (query) => {
    expect((await server().inject(`/api/v1/sensors/s2/history?${query}`)).statusCode).toBe(400)
  })

  it('sparklines take ids that are repeated, also one alone and one with a comma', async () => {
    api.sensorsById.set('a,b', sensor('a,b'))
    const answer = await server().inject('/api/v1/sparklines?ids=a%2Cb&ids=s2&points=9')
    expect(answer.json()).toEqual({ 'a,b': [1, null, 2], s2: [1, null, 2] })
    expect((await server().inject('/api/v1/sparklines?ids=s2')).json()).toEqual({ s2: [1, null, 2] })
    const many = Array.from({ length: 101 }, (_, index) => `ids=${index}`).join('&')
    expect((await server().inject(`/api/v1/sparklines?${many}`)).statusCode).toBe(400)
  })

  it('removes a sensor', async () => {
    expect((await server().inject({ method: 'DELETE', url: '/api/v1/sensors/s2' })).statusCode).toBe(204)
    expect(api.sensorsById.has('s2')).toBe(false)
  })
})

describe('alarm routes', () => {
  it('ends an alarm that somebody accepts, and tells why there is nothing to accept', async () => {
    api.transitions = [transition('a1', 's2', 'rtn_unack')]
    const accept = (id: string, payload = '{}') =>
      server().inject({ method: 'POST', url: `/api/v1/alarms/${id}/accept`, payload })
    const answer = await accept('a1')
    expect(() => alarmTransition.parse(answer.json())).not.toThrow()
    expect([answer.statusCode, api.accepted]).toEqual([
      200,
      { id: 'a1', who: { by: 'somebody at 127.0.0.1', reason: '' } },
    ])
    const refusals = await Promise.all(['unknown', 'instrument', 'over'].map((id) => accept(id)))
    expect(refusals.map((one) => [one.statusCode, one.json().error.message])).toEqual([
      [404, 'no alarm has this id'],
      [409, 'a faulty instrument is never normal'],
      [409, 'the alarm does not stand any more'],
    ])
    expect((await accept('a1', '{"why":"x"}')).statusCode).toBe(400)
  })

  it('lists alarms and tells active from all', async () => {
    api.transitions = [transition('a1', 's2')]
    const answer = await server().inject('/api/v1/alarms?active=true&sensor=s2')
    expect(() => alarmTransition.parse(answer.json().items[0])).not.toThrow()
    expect(answer.json().total).toBe(1)
    expect(answer.json().items[0]).toMatchObject({
      transitionId: 'a1-unack',
      raisedTime: '2023-11-14T22:13:20.000Z',
      alarm: { id: 'a1', eventTime: '2023-11-14T22:13:20.000Z', detectedTime: '2023-11-14T22:13:20.100Z' },
    })
    expect(api.asked).toEqual([{ active: true, sensor: 's2', offset: 0, limit: 100 }])
    expect((await server().inject('/api/v1/alarms?active=yes')).statusCode).toBe(400)
  })

  it('lists an alarm whose time lies beyond the calendar with the end of the calendar', async () => {
    api.transitions = [{ ...transition('a1', 's2'), raisedTime: 8.64e15 + 60_000 }]
    expect((await server().inject('/api/v1/alarms')).json().items[0].raisedTime).toBe('+275760-09-13T00:00:00.000Z')
  })

  it('has no routes for commands that are not built', async () => {
    for (const command of ['ack', 'shelve', 'label']) {
      const answer = await server().inject({ method: 'POST', url: `/api/v1/alarms/a1/${command}` })
      expect(answer.statusCode).toBe(404)
    }
  })
})

describe('write route', () => {
  const lines = 'plant,sensor=s1 value=1.5 1700000000000000000\n'
  const post = (
    parts: Partial<ServerParts>,
    payload: string | Buffer,
    headers: Record<string, string> = {},
    query = '',
  ) => server(parts).inject({ method: 'POST', url: `/api/v1/write${query}`, payload, headers })

  it('hands the body to the ingress, in nanoseconds unless the query says otherwise', async () => {
    const ingress = new RecordedIngress()
    const answer = await post({ ingress }, lines, { 'content-type': 'text/plain' })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ accepted: 1, rejected: [] })
    expect(ingress.bodies).toEqual([lines])
    expect(ingress.precision).toBe('ns')
    await post({ ingress }, lines, { 'content-type': 'application/octet-stream' }, '?precision=ms')
    expect(ingress.precision).toBe('ms')
  })

  it('unpacks gzip, and refuses what only claims to be gzip or is packed otherwise', async () => {
    const ingress = new RecordedIngress()
    await post({ ingress }, gzipSync(lines), { 'content-encoding': 'gzip' })
    expect(ingress.bodies).toEqual([lines])
    expect((await post({ ingress }, lines, { 'content-encoding': 'gzip' })).statusCode).toBe(400)
    expect((await post({ ingress }, lines, { 'content-encoding': 'br' })).statusCode).toBe(415)
  })

  it('refuses a body of 5 MB with 413, also one that gets so large when unpacked', async () => {
    const ingress = new RecordedIngress()
    const large = Buffer.alloc(5_000_000, 'x')
    for (const answer of [
      await post({ ingress }, large, { 'content-type': 'text/plain' }),
      await post({ ingress }, gzipSync(large), { 'content-encoding': 'gzip' }),
    ]) {
      expect(answer.statusCode).toBe(413)
      expect(answer.json().error.code).toBe('too_large')
    }
    expect(ingress.bodies).toEqual([])
    expect(limits.messageBytesMax).toBeLessThan(5_000_000)
  })

  it('lists refused lines beside taken ones, and is 400 when none was taken', async () => {
    const ingress = new RecordedIngress()
    const rejected = [{ line: 2, reason: 'malformed', detail: 'no field' }]
    ingress.answer = () => ({ accepted: 1, rejected })
    expect((await post({ ingress }, lines)).json()).toEqual({ accepted: 1, rejected })
    ingress.answer = () => ({ accepted: 0, rejected })
    const answer = await post({ ingress }, lines)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error).toMatchObject({
      code: 'rejected',
      message: expect.stringContaining('line 2: malformed'),
    })
  })

  it('answers 503 with Retry-After while the pipeline is full, and 404 without an HTTP source', async () => {
    const ingress = new RecordedIngress()
    ingress.answer = () => {
      throw new OperatingError('busy', 'the pipeline is full')
    }
    const busy = await post({ ingress }, lines)
    expect(busy.statusCode).toBe(503)
    expect(busy.headers['retry-after']).toBe('2')
    const none = await post({}, lines)
    expect(none.statusCode).toBe(404)
    expect(none.json().error.code).toBe('no_http_source')
  })

  it('does not take readings from a page of another site', async () => {
    const ingress = new RecordedIngress()
    const foreign = await post({ ingress }, lines, { origin: 'https://evil.example', host: 'localhost:8080' })
    expect(foreign.statusCode).toBe(403)
    const own = await post({ ingress }, lines, { origin: 'http://localhost:8080', host: 'localhost:8080' })
    expect(own.statusCode).toBe(200)
  })

  it('says internal for a bug, without its text', async () => {
    const ingress = new RecordedIngress()
    ingress.answer = () => {
      throw new Error('secret detail')
    }
    const answer = await post({ ingress }, lines)
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('secret detail')
  })
})

describe('the page', () => {
  it('is served at / and checked by ETag each time; hashed assets are kept for a year', async () => {
    const app = server()
    const page = await app.inject('/')
    expect(page.body).toContain('Residua')
    expect(page.headers['cache-control']).toBe('no-cache')
    const again = await app.inject({ url: '/', headers: { 'if-none-match': String(page.headers.etag) } })
    expect(again.statusCode).toBe(304)
    const asset = await app.inject('/assets/main-abc123.js')
    expect(asset.headers['cache-control']).toContain('immutable')
  })

  it('carries headers that forbid everything foreign', async () => {
    for (const url of ['/', '/api/v1/status', '/nothing']) {
      const { headers } = await server().inject(url)
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  })

  it('says what to do when it is not built, while the API works', async () => {
    const app = server({ uiDirectory: join(directory, 'nowhere') })
    const answer = await app.inject('/')
    expect(answer.statusCode).toBe(503)
    expect(answer.json().error.hint).toContain('npm run build')
    expect((await app.inject('/healthz')).statusCode).toBe(200)
  })

  it('answers unknown paths and paths out of its folder with 404 in JSON', async () => {
    for (const url of ['/nothing', '/api/v2/sensors', '/../package.json', '/%2e%2e/package.json']) {
      const answer = await server().inject(url)
      expect(answer.statusCode, url).toBe(404)
      expect(answer.json().error.code).toBe('not_found')
    }
  })
})

import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { limits } from '../../../src/base/limits.ts'
import { silentLog } from '../../../src/ports/log.ts'
import { LiveClient } from '../../../src/server/live-client.ts'
import { createServer, type Server } from '../../../src/server/server.ts'
import { ScriptedApi, sensor, silentMetrics, transition } from './fixtures.ts'

/** A response whose socket takes nothing more after `room` writes, until it is drained. */
class SlowResponse extends EventEmitter {
  readonly writes: string[] = []
  room = Number.POSITIVE_INFINITY
  destroyed = false

  write(text: string): boolean {
    this.writes.push(text)
    this.room--
    return this.room > 0
  }

  get writableNeedDrain(): boolean {
    return this.room <= 0
  }

  get writable(): boolean {
    return !this.destroyed
  }

  destroy(): void {
    this.destroyed = true
  }

  end(): void {
    this.destroyed = true
  }

  drain(): void {
    this.room = Number.POSITIVE_INFINITY
    this.emit('drain')
  }

  events(name: string): string[] {
    return this.writes.filter((text) => text.includes(`event: ${name}\n`))
  }
}

function slow(hz = 10, sensors: ReadonlySet<string> | null = null) {
  const response = new SlowResponse()
  return { response, client: new LiveClient(response as unknown as ServerResponse, { hz, sensors }) }
}

describe('LiveClient', () => {
  afterEach(() => void vi.useRealTimers())

  it('frames an event with id, name and data', () => {
    const { client, response } = slow()
    client.alarm('{"a":1}')
    expect(response.writes).toEqual(['retry: 2000\n\n', 'id: 1\nevent: alarm\ndata: {"a":1}\n\n'])
  })

  it('coalesces scores to the newest row of a sensor and keeps to its rate', () => {
    vi.useFakeTimers()
    const { client, response } = slow(2)
    client.scores(new Map([['s1', '1']]))
    vi.advanceTimersByTime(0)
    for (const value of ['2', '3', '4']) client.scores(new Map([['s1', value]]))
    vi.advanceTimersByTime(499)
    expect(response.events('scores')).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(response.events('scores')[1]).toContain('"sensors":[4]')
  })

  it('sends only the sensors that were asked for', () => {
    vi.useFakeTimers()
    const { client, response } = slow(10, new Set(['s2']))
    client.scores(new Map([['s1', '1']]))
    client.scores(new Map([['s2', '2']]))
    vi.advanceTimersByTime(1_000)
    expect(response.events('scores')).toHaveLength(1)
    expect(response.events('scores')[0]).toContain('"sensors":[2]')
  })

  it('writes nothing to a full socket; afterwards every alarm in order, and only the newest scores', () => {
    vi.useFakeTimers()
    const { client, response } = slow()
    response.room = 0
    for (let index = 0; index < 50; index++) {
      client.scores(new Map([['s1', String(index)]]))
      client.alarm(`alarm-${index}`)
      client.status(`status-${index}`)
      vi.advanceTimersByTime(200)
    }
    expect(response.writes).toHaveLength(1)
    response.drain()
    vi.advanceTimersByTime(200)
    expect(response.events('alarm').map((text) => /alarm-\d+/.exec(text)?.[0])).toEqual(
      Array.from({ length: 50 }, (_, index) => `alarm-${index}`),
    )
    expect(response.events('scores')).toHaveLength(1)
    expect(response.events('scores')[0]).toContain('[49]')
    expect(response.events('status')).toHaveLength(1)
  })

  it('cuts a reader off rather than lose an alarm', () => {
    const { client, response } = slow()
    response.room = 0
    for (let index = 0; index <= limits.liveAlarmsPending; index++) client.alarm('x')
    expect(response.destroyed).toBe(true)
  })

  it('spreads many rows over several events', () => {
    vi.useFakeTimers()
    const { client, response } = slow()
    client.scores(new Map(Array.from({ length: limits.liveRowsPerEvent + 1 }, (_, index) => [`s${index}`, '1'])))
    vi.advanceTimersByTime(1_000)
    expect(response.events('scores')).toHaveLength(2)
  })
})

describe('/api/v1/live', () => {
  let server: Server
  const aborts: AbortController[] = []

  async function started(api: ScriptedApi) {
    server = createServer({
      api,
      metrics: silentMetrics,
      options: { host: '127.0.0.1', port: 0 },
      log: silentLog,
      uiDirectory: '/nonexistent',
      version: '0.1.0',
    })
    return (await server.listen()).url
  }

  async function reader(url: string) {
    const abort = new AbortController()
    aborts.push(abort)
    const answer = await fetch(url, { signal: abort.signal })
    let text = ''
    const body = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    return {
      answer,
      async until(pattern: RegExp): Promise<string> {
        while (!pattern.test(text)) {
          const part = await body?.read()
          if (part === undefined || part.done) throw new Error(`the stream ended before ${pattern}: ${text}`)
          text += part.value
        }
        return text
      },
      ended: async () => {
        while (!(await body?.read())?.done);
        return true
      },
    }
  }

  afterEach(async () => {
    for (const abort of aborts.splice(0)) abort.abort()
    await server.close()
  })

  it('starts with the status, then sends scores and alarms as they come, with times in milliseconds', async () => {
    const api = new ScriptedApi([sensor('s1')])
    const live = await reader(`${await started(api)}/api/v1/live?hz=10`)
    expect(live.answer.headers.get('content-type')).toContain('text/event-stream')
    expect(await live.until(/event: status/)).toContain('"plant":"north"')
    api.say({ type: 'scores', sensors: [sensor('s1', { value: 42 })] })
    api.say({ type: 'alarm', transition: transition('a1', 's1') })
    const text = await live.until(/event: scores\ndata: .*42/)
    expect(text).toContain('retry: 2000')
    for (const time of ['time', 'startedAt', 'raisedTime', 'eventTime'])
      expect(text).toContain(`"${time}":1700000000000`)
    expect(text).toMatch(/id: \d+\nevent: alarm\ndata: \{"type":"alarm"/)
  })

  it('subscribes to the pipeline only while somebody reads', async () => {
    const api = new ScriptedApi()
    const url = await started(api)
    expect(api.listeners.size).toBe(0)
    const live = await reader(`${url}/api/v1/live`)
    await live.until(/event: status/)
    expect(api.listeners.size).toBe(1)
    aborts.splice(0)[0]?.abort()
    await vi.waitFor(() => expect(api.listeners.size).toBe(0))
  })

  it('refuses one client more than the limit, and a rate beyond the fastest', async () => {
    const url = await started(new ScriptedApi())
    await Promise.all(Array.from({ length: limits.liveClients }, () => reader(`${url}/api/v1/live`)))
    const one = await fetch(`${url}/api/v1/live`)
    expect(one.status).toBe(503)
    expect(((await one.json()) as { error: { code: string } }).error.code).toBe('too_many_clients')
    expect((await fetch(`${url}/api/v1/live?hz=1000`)).status).toBe(400)
  })

  it('ends the stream when the server closes', async () => {
    const live = await reader(`${await started(new ScriptedApi())}/api/v1/live`)
    await live.until(/event: status/)
    const ended = live.ended()
    await server.close()
    expect(await ended).toBe(true)
  })

  it('says which address is taken', async () => {
    const url = new URL(await started(new ScriptedApi()))
    const second = createServer({
      api: new ScriptedApi(),
      metrics: silentMetrics,
      options: { host: '127.0.0.1', port: Number(url.port) },
      log: silentLog,
      uiDirectory: '/nonexistent',
      version: '0.1.0',
    })
    await expect(second.listen()).rejects.toMatchObject({ code: 'listen', message: expect.stringContaining(url.port) })
  })
})

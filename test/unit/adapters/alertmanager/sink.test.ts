import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertmanagerSink } from '../../../../src/adapters/alertmanager/index.ts'
import type { Sink, SinkContext } from '../../../../src/ports/sink.ts'
import { Receiver } from '../../../contract/receiver.ts'
import { sampleAlarm, sampleContext, sampleTimeMs } from '../../../contract/sink-samples.ts'
import { until } from '../../../servers/until.ts'

interface PostedAlert {
  readonly labels: Record<string, string>
  readonly startsAt: string
  readonly endsAt?: string
  readonly generatorURL?: string
}

describe('the Alertmanager sink', () => {
  const receiver = new Receiver()
  const opened: Sink[] = []

  beforeEach(async () => {
    await receiver.start()
    receiver.requests.length = 0
    receiver.answer = () => ({ status: 200 })
  })

  afterEach(async () => {
    for (const sink of opened.splice(0)) await sink.close()
    await receiver.stop()
  })

  async function open(context: SinkContext, options: Record<string, unknown> = {}): Promise<Sink> {
    const raw = { type: 'alertmanager', url: receiver.url, resendInterval: '1h', ...options }
    const sink = alertmanagerSink.create('am', alertmanagerSink.options.parse(raw))
    await sink.open(context)
    opened.push(sink)
    return sink
  }

  function posts(): PostedAlert[][] {
    return receiver.requests.map(({ body }) => JSON.parse(body))
  }

  it('posts to API v2 below the path prefix, with basic or bearer credentials', async () => {
    process.env['RESIDUA_TEST_AM'] = 'secret'
    const context = sampleContext()
    const password = '${RESIDUA_TEST_AM}'
    const basic = await open(context, { url: `${receiver.url}/alerts/`, username: 'ann', password })
    await basic.writeAlarms?.([sampleAlarm(context, { sensor: 's' })])
    const bearer = await open(context, { token: password })
    await bearer.writeAlarms?.([sampleAlarm(context, { sensor: 's' })])
    expect(receiver.requests.map(({ url }) => url)).toEqual(['/alerts/api/v2/alerts', '/api/v2/alerts'])
    expect(receiver.requests[0]?.headers.authorization).toBe(`Basic ${btoa('ann:secret')}`)
    expect(receiver.requests[1]?.headers.authorization).toBe('Bearer secret')
  })

  it('sends only the newest word on each alarm of a batch', async () => {
    const context = sampleContext()
    const sink = await open(context)
    const back = { sensor: 'a', state: 'rtn_unack', eventMs: sampleTimeMs + 1_000 } as const
    const transitions = [{ sensor: 'a' }, { sensor: 'b' }, back].map((sample) => sampleAlarm(context, sample))
    await sink.writeAlarms?.(transitions)
    const [alerts] = posts()
    expect(alerts?.map(({ labels, endsAt }) => [labels['sensor'], endsAt])).toEqual([
      ['b', undefined],
      ['a', '2024-01-01T00:00:01.000Z'],
    ])
  })

  it('ends an alarm now when the return lies in the future, because a sensor’s clock runs fast', async () => {
    const context = sampleContext({ clock: { now: () => sampleTimeMs + 60_000 } })
    const sink = await open(context)
    const back = { sensor: 'a', state: 'rtn_unack', eventMs: sampleTimeMs + 300_000 } as const
    await sink.writeAlarms?.([sampleAlarm(context, back)])
    expect(posts()[0]?.[0]?.endsAt).toBe('2024-01-01T00:01:00.000Z')
  })

  it('repeats what it sent and what has not returned, when no state can be asked', async () => {
    const context = sampleContext()
    const sink = await open(context, { resendInterval: '5ms' })
    const back = { sensor: 'gone', state: 'rtn_unack', eventMs: sampleTimeMs + 1_000 } as const
    await sink.writeAlarms?.([{ sensor: 'kept' }, { sensor: 'gone' }].map((sample) => sampleAlarm(context, sample)))
    await sink.writeAlarms?.([sampleAlarm(context, back)])
    receiver.requests.length = 0
    await until('two repeats', () => receiver.requests.length >= 2)
    for (const alerts of posts()) expect(alerts.map(({ labels }) => labels['sensor'])).toEqual(['kept'])
  })

  it('asks for nothing while nothing is active', async () => {
    let asked = 0
    const context = sampleContext({
      activeAlarms: () => {
        asked++
        return []
      },
    })
    await open(context, { resendInterval: '2ms' })
    await until('three rounds', () => asked >= 3)
    expect(receiver.requests).toHaveLength(0)
  })

  it('warns once of an outage of repeats, and goes on repeating', async () => {
    const warnings: string[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (_: unknown, message: string) => warnings.push(message) }
    const context = sampleContext({ log })
    const sink = await open(context, { resendInterval: '5ms' })
    await sink.writeAlarms?.([sampleAlarm(context, { sensor: 'a' })])
    receiver.answer = () => ({ status: 503 })
    receiver.requests.length = 0
    await until('three failures', () => receiver.requests.length >= 3)
    receiver.answer = () => ({ status: 200 })
    const failed = receiver.requests.length
    await until('a repeat that succeeds', () => receiver.requests.length > failed + 1)
    expect(warnings).toHaveLength(1)
  })

  it('splits a flood into several posts', async () => {
    const context = sampleContext()
    const sink = await open(context)
    await sink.writeAlarms?.(Array.from({ length: 600 }, (_, index) => sampleAlarm(context, { sensor: `s${index}` })))
    expect(posts().map((alerts) => alerts.length)).toEqual([250, 250, 100])
  })

  it('says what is wrong with an address that has no API v2', async () => {
    receiver.answer = () => ({ status: 404, body: 'page not found' })
    const context = sampleContext()
    const sink = await open(context)
    const write = sink.writeAlarms?.([sampleAlarm(context, { sensor: 's' })])
    await expect(write).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('prefix') })
  })

  it.each([
    ['a user without a password', { username: 'ann' }],
    ['both a login and a token', { username: 'ann', password: '${P}', token: '${T}' }],
    ['an interval without a unit', { resendInterval: 60 }],
    ['scores, which it does not take', { scores: 'all' }],
  ])('refuses %s', (_what, options) => {
    expect(alertmanagerSink.options.safeParse({ type: 'alertmanager', url: 'http://am', ...options }).success).toBe(
      false,
    )
  })
})

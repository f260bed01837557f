import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webhookSink } from '../../../../src/adapters/webhook/index.ts'
import type { Sink } from '../../../../src/ports/sink.ts'
import { Receiver } from '../../../contract/receiver.ts'
import { sampleAlarm, sampleContext, sampleTimeMs } from '../../../contract/sink-samples.ts'

describe('the webhook sink', () => {
  const receiver = new Receiver()
  const context = sampleContext()
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

  async function open(options: Record<string, unknown> = {}): Promise<Sink> {
    const raw = { type: 'webhook', url: `${receiver.url}/hook?channel=7`, ...options }
    const sink = webhookSink.create('hook', webhookSink.options.parse(raw))
    await sink.open(context)
    opened.push(sink)
    return sink
  }

  it('posts Alertmanager’s version 4 with every alarm’s id, labels, times and fingerprint', async () => {
    const sink = await open({ externalUrl: 'https://residua.example/plant/', receiver: 'ops' })
    const raised = sampleAlarm(context, { sensor: 'pump/7', priority: 'high' })
    const other = { sensor: 'pump/8', priority: 'high', state: 'rtn_unack', eventMs: sampleTimeMs + 9_000 } as const
    const returned = sampleAlarm(context, other)
    await sink.writeAlarms?.([raised, returned])
    const [request] = receiver.requests
    expect(request?.url).toBe('/hook?channel=7')
    const labels = {
      ...{ alertname: 'ResiduaProcessAnomaly', plant: 'north', sensor: 'pump/7', class: 'process', priority: 'high' },
    }
    const { sensor: _, ...commonLabels } = labels
    expect(JSON.parse(request!.body)).toMatchObject({
      ...{ version: '4', groupKey: '{}:{plant="north"}', truncatedAlerts: 0, status: 'firing', receiver: 'ops' },
      ...{ groupLabels: { plant: 'north' }, commonLabels, externalURL: 'https://residua.example/plant/' },
      alerts: [
        {
          ...{ status: 'firing', labels, fingerprint: raised.alarm.fingerprint, endsAt: '0001-01-01T00:00:00Z' },
          startsAt: '2024-01-01T00:00:00.000Z',
          generatorURL: 'https://residua.example/plant/#/sensor/pump%2F7',
          annotations: {
            ...{ id: raised.alarm.id, state: 'unack', score: '0.9', value: '93.5', expected: '71.25' },
            ...{ lower: '69', upper: '73.5', summary: raised.alarm.message },
          },
        },
        { status: 'resolved', endsAt: '2024-01-01T00:00:09.000Z', fingerprint: returned.alarm.fingerprint },
      ],
    })
  })

  it('is resolved when no alarm in it fires', async () => {
    const sink = await open()
    await sink.writeAlarms?.([sampleAlarm(context, { sensor: 's', state: 'rtn_unack' })])
    expect(JSON.parse(receiver.requests[0]!.body).status).toBe('resolved')
  })

  it('says once that an alarm is over, not again when its return becomes normal', async () => {
    const sink = await open()
    const back = sampleAlarm(context, { sensor: 's', state: 'rtn_unack' })
    await sink.writeAlarms?.([{ ...back, from: 'rtn_unack', alarm: { ...back.alarm, state: 'normal' } }])
    expect(receiver.requests).toHaveLength(0)
    await sink.writeAlarms?.([back])
    expect(receiver.requests).toHaveLength(1)
  })

  it('signs exactly the bytes it sends, with the secret of the moment', async () => {
    process.env['RESIDUA_TEST_WEBHOOK'] = 'first'
    const sink = await open({ secret: '${RESIDUA_TEST_WEBHOOK}' })
    await sink.writeAlarms?.([sampleAlarm(context, { sensor: 'größe 🔥' })])
    process.env['RESIDUA_TEST_WEBHOOK'] = 'second'
    await sink.writeAlarms?.([sampleAlarm(context, { sensor: 'größe 🔥' })])
    for (const [index, key] of ['first', 'second'].entries()) {
      const { body, headers } = receiver.requests[index]!
      const expected = createHmac('sha256', key).update(body).digest('hex')
      expect(headers['x-residua-signature']).toBe(`sha256=${expected}`)
    }
  })

  it('does not sign without a secret', async () => {
    await (await open()).writeAlarms?.([sampleAlarm(context, { sensor: 's' })])
    expect(receiver.requests[0]?.headers['x-residua-signature']).toBeUndefined()
  })

  it('names a delivery by its transitions: a retry has the same name, other transitions another', async () => {
    const sink = await open()
    const one = [sampleAlarm(context, { sensor: 'a' })]
    await sink.writeAlarms?.(one)
    await sink.writeAlarms?.(one)
    await sink.writeAlarms?.([sampleAlarm(context, { sensor: 'b' })])
    const names = receiver.requests.map(({ headers }) => headers['x-residua-delivery'])
    expect(names[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(names[1]).toBe(names[0])
    expect(names[2]).not.toBe(names[0])
  })

  it('sends only alarms of the least priority and above, and nothing when none is left', async () => {
    const sink = await open({ minPriority: 'high' })
    const all = (['low', 'medium', 'high', 'critical'] as const).map((priority) =>
      sampleAlarm(context, { sensor: priority, priority }),
    )
    await sink.writeAlarms?.(all)
    await sink.writeAlarms?.(all.slice(0, 2))
    expect(receiver.requests).toHaveLength(1)
    const body = JSON.parse(receiver.requests[0]!.body)
    expect(body.alerts.map((alert: { labels: Record<string, string> }) => alert.labels['priority'])).toEqual([
      'high',
      'critical',
    ])
  })

  it('splits a flood into requests of a hundred, in order', async () => {
    const sink = await open()
    await sink.writeAlarms?.(Array.from({ length: 250 }, (_, index) => sampleAlarm(context, { sensor: `s${index}` })))
    const sizes = receiver.requests.map(({ body }) => JSON.parse(body).alerts.length)
    expect(sizes).toEqual([100, 100, 50])
  })

  it('sends headers in the clear and secret ones by reference', async () => {
    process.env['RESIDUA_TEST_WEBHOOK_TOKEN'] = 'Bearer abc'
    const sink = await open({
      headers: { 'x-team': 'ops' },
      secretHeaders: { authorization: '${RESIDUA_TEST_WEBHOOK_TOKEN}' },
    })
    await sink.writeAlarms?.([sampleAlarm(context, { sensor: 's' })])
    expect(receiver.requests[0]?.headers).toMatchObject({ 'x-team': 'ops', authorization: 'Bearer abc' })
  })

  it('follows no redirect', async () => {
    receiver.answer = () => ({ status: 307, headers: { location: `${receiver.url}/elsewhere` } })
    const write = (await open()).writeAlarms?.([sampleAlarm(context, { sensor: 's' })])
    await expect(write).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('redirect') })
    expect(receiver.requests).toHaveLength(1)
  })

  it('says at which header a secret stands in the clear, and where it belongs', () => {
    const raw = { type: 'webhook', url: 'http://h', headers: { 'X-Api-Key': 'abc' } }
    const [issue] = webhookSink.options.safeParse(raw).error?.issues ?? []
    expect(issue).toMatchObject({ path: ['headers', 'X-Api-Key'], message: expect.stringContaining('secretHeaders') })
  })

  it.each([
    ['a secret in the clear', { secret: 'hunter2' }],
    ['a credential among the clear headers', { headers: { authorization: 'Bearer x' } }],
    ['a header that is the webhook’s own', { headers: { 'X-Residua-Signature': 'x' } }],
    ['no header name', { headers: { 'bad name': 'x' } }],
    ['a login in the address', { url: 'https://me:pw@hooks.example/' }],
    ['another protocol', { url: 'ftp://hooks.example/' }],
    ['an unknown priority', { minPriority: 'urgent' }],
    ['the policy of scores, which it does not take', { policy: 'drop' }],
  ])('refuses %s', (_what, options) => {
    expect(webhookSink.options.safeParse({ type: 'webhook', url: 'http://h', ...options }).success).toBe(false)
  })
})

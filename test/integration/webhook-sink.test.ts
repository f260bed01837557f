import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertmanagerSink } from '../../src/adapters/alertmanager/index.ts'
import { webhookSink } from '../../src/adapters/webhook/index.ts'
import { Receiver } from '../contract/receiver.ts'
import { sampleAlarm, sampleContext } from '../contract/sink-samples.ts'
import { type Alertmanager, startAlertmanager } from '../servers/index.ts'
import { until } from '../servers/until.ts'

/** The names and types of a JSON value, without its values; a map of labels is one type. */
function shapeOf(value: unknown, name = ''): unknown {
  if (/labels|annotations/i.test(name)) return 'map of strings'
  if (Array.isArray(value)) return value.map((item) => shapeOf(item))
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, shapeOf(item, key)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}

describe('the webhook beside the one of a real Alertmanager', () => {
  const theirs = new Receiver()
  const ours = new Receiver()
  let server: Alertmanager

  beforeAll(async () => {
    theirs.answer = () => ({ status: 200 })
    await Promise.all([theirs.start(), ours.start()])
    server = await startAlertmanager({ webhookUrl: theirs.url })
  })

  afterAll(async () => {
    await server.stop()
    await Promise.all([theirs.stop(), ours.stop()])
  })

  it('posts a body of the same shape, with the same fingerprint, labels and times', async () => {
    process.env['RESIDUA_TEST_HOOK'] = 'hook secret'
    const context = sampleContext()
    context.catalog.intern('pump', { area: 'hall 1' })
    const am = alertmanagerSink.create('am', alertmanagerSink.options.parse({ type: 'alertmanager', url: server.url }))
    const hook = webhookSink.create(
      'hook',
      webhookSink.options.parse({ type: 'webhook', url: ours.url, secret: '${RESIDUA_TEST_HOOK}' }),
    )
    const raised = sampleAlarm(context, { sensor: 'pump', raisedMs: Date.now() - 5_000 })
    for (const sink of [am, hook]) {
      await sink.open(context)
      await sink.writeAlarms?.([raised])
      await sink.close()
    }
    const [request] = await until('the notification', () => (theirs.requests.length > 0 ? theirs.requests : undefined))
    const their = JSON.parse(request!.body)
    const our = JSON.parse(ours.requests[0]!.body)
    expect(shapeOf(our)).toEqual(shapeOf(their))
    expect(our.version).toBe(their.version)
    expect(our.alerts[0].fingerprint).toBe(their.alerts[0].fingerprint)
    expect(our.alerts[0].labels).toEqual(their.alerts[0].labels)
    // Go leaves out zeros at the end of a fraction.
    expect(Date.parse(our.alerts[0].startsAt)).toBe(Date.parse(their.alerts[0].startsAt))
    expect(our.alerts[0].endsAt).toBe(their.alerts[0].endsAt)
    const expected = createHmac('sha256', 'hook secret').update(ours.requests[0]!.body).digest('hex')
    expect(ours.requests[0]!.headers['x-residua-signature']).toBe(`sha256=${expected}`)
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { alertmanagerSink } from '../../src/adapters/alertmanager/index.ts'
import { OperatingError } from '../../src/base/errors.ts'
import type { AlarmTransition } from '../../src/domain/alarm.ts'
import type { Sink, SinkContext } from '../../src/ports/sink.ts'
import { Receiver } from '../contract/receiver.ts'
import { hostileIds, sampleAlarm, sampleContext } from '../contract/sink-samples.ts'
import { type Alertmanager, startAlertmanager } from '../servers/index.ts'
import { until } from '../servers/until.ts'

interface GottenAlert {
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
  readonly startsAt: string
  readonly endsAt: string
  readonly updatedAt: string
  readonly fingerprint: string
  readonly status: { readonly state: string }
}

interface Notification {
  readonly status: string
  readonly alerts: { readonly status: string; readonly labels: Record<string, string>; readonly fingerprint: string }[]
}

describe('the Alertmanager sink with a real Alertmanager', () => {
  const receiver = new Receiver()
  let server: Alertmanager
  const opened: Sink[] = []

  beforeAll(async () => {
    await receiver.start()
    receiver.answer = () => ({ status: 200 })
    server = await startAlertmanager({ webhookUrl: receiver.url })
  })

  afterEach(async () => {
    for (const sink of opened.splice(0)) await sink.close()
  })

  afterAll(async () => {
    await server.stop()
    await receiver.stop()
  })

  async function open(context: SinkContext, options: Record<string, unknown> = {}): Promise<Sink> {
    const parsed = alertmanagerSink.options.parse({ type: 'alertmanager', url: server.url, ...options })
    const sink = alertmanagerSink.create('am', parsed)
    await sink.open(context)
    opened.push(sink)
    return sink
  }

  async function alertsOf(sensor: string): Promise<GottenAlert[]> {
    const alerts = (await (await fetch(`${server.url}/api/v2/alerts`)).json()) as GottenAlert[]
    return alerts.filter((alert) => alert.labels['sensor'] === sensor)
  }

  function notified(sensor: string, status: string): Notification['alerts'] {
    return receiver.requests
      .flatMap((request) => (JSON.parse(request.body) as Notification).alerts)
      .filter((alert) => alert.labels['sensor'] === sensor && alert.status === status)
  }

  it('gives every alarm the fingerprint that Alertmanager itself computes, whatever the labels hold', async () => {
    const context = sampleContext()
    const sink = await open(context)
    const transitions: AlarmTransition[] = []
    for (const [index, sensor] of [...hostileIds, 'two\nlines'].entries()) {
      const labels = { area: 'hall 1', 'line-no': '7', '0x': 'digit', empty: '', größe: 'a', sensor: 'shadowed' }
      context.catalog.intern(sensor, index % 2 === 0 ? labels : { asset: 'pump-7' })
      transitions.push(sampleAlarm(context, { sensor, raisedMs: Date.now() }))
      transitions.push(sampleAlarm(context, { sensor, alarmClass: 'instrument', raisedMs: Date.now() }))
    }
    await sink.writeAlarms?.(transitions)
    for (const { alarm } of transitions) {
      const alerts = await until(alarm.sensor, async () => {
        const found = await alertsOf(alarm.sensor)
        return found.length === 2 ? found : undefined
      })
      const alert = alerts.find(({ labels }) => labels['class'] === alarm.class)
      expect(alert?.fingerprint, alarm.sensor).toBe(alarm.fingerprint)
      expect(alert?.annotations).toMatchObject({ id: alarm.id, summary: alarm.message, value: '93.5', score: '0.9' })
      expect(alert?.labels['alertname']).toBe(
        alarm.class === 'process' ? 'ResiduaProcessAnomaly' : 'ResiduaInstrumentFault',
      )
    }
  })

  it('raises, notifies, and resolves with the event times of raise and return', async () => {
    const context = sampleContext()
    const sink = await open(context)
    const raisedMs = Date.now() - 30_000
    await sink.writeAlarms?.([sampleAlarm(context, { sensor: 'pump', raisedMs, priority: 'critical' })])
    await until('the notification', () => notified('pump', 'firing').length > 0)
    const [firing] = await alertsOf('pump')
    expect(firing).toMatchObject({ startsAt: new Date(raisedMs).toISOString(), status: { state: 'active' } })
    expect(firing?.labels['priority']).toBe('critical')
    const back = {
      sensor: 'pump',
      raisedMs,
      eventMs: raisedMs + 20_000,
      state: 'rtn_unack',
      priority: 'critical',
    } as const
    await sink.writeAlarms?.([sampleAlarm(context, back)])
    await until('the resolution', () => notified('pump', 'resolved').length > 0)
    expect(await alertsOf('pump')).toEqual([])
  })

  it('is one alert, however often the score changes or the batch is repeated', async () => {
    const context = sampleContext()
    const sink = await open(context)
    for (const score of [0.6, 0.7, 0.7, 0.99]) {
      await sink.writeAlarms?.([sampleAlarm(context, { sensor: 'same', raisedMs: Date.now() - 1_000, score })])
    }
    const alerts = await until('the newest score', async () => {
      const found = await alertsOf('same')
      return found[0]?.annotations['score'] === '0.99' ? found : undefined
    })
    expect(alerts).toHaveLength(1)
  })

  it('keeps an alarm active by repeating it, and asks the state which ones stand', async () => {
    const standing: AlarmTransition[] = []
    const context = sampleContext({ activeAlarms: () => standing })
    standing.push(sampleAlarm(context, { sensor: 'restarted', raisedMs: Date.now() - 3_600_000 }))
    // A fresh sink, as after a restart: nobody feeds the raise again, the state alone knows it.
    await open(context, { resendInterval: '100ms' })
    const first = await until('the repeated alarm', async () => (await alertsOf('restarted'))[0])
    await until('a later repeat', async () => (await alertsOf('restarted'))[0]?.updatedAt !== first.updatedAt)
    expect((await alertsOf('restarted'))[0]?.endsAt).not.toBe(first.endsAt)
  })

  it('never revives an alarm whose return was written while a repeat was under way', async () => {
    const context = sampleContext()
    const sink = await open(context, { resendInterval: '1ms' })
    for (let round = 0; round < 20; round++) {
      const raisedMs = Date.now() - 2_000
      await sink.writeAlarms?.([sampleAlarm(context, { sensor: 'flapping', raisedMs })])
      const back = { sensor: 'flapping', raisedMs, eventMs: raisedMs + 1_000, state: 'rtn_unack' } as const
      await sink.writeAlarms?.([sampleAlarm(context, back)])
      expect(await alertsOf('flapping')).toEqual([])
    }
  })

  it('says unreachable while Alertmanager is down, and delivers when it is back', async () => {
    const context = sampleContext()
    const sink = await open(context)
    const transition = sampleAlarm(context, { sensor: 'later', raisedMs: Date.now() })
    await server.stop()
    const failure = await sink.writeAlarms?.([transition]).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(OperatingError)
    expect(failure).toMatchObject({ code: 'unreachable', retryable: true })
    await server.restart()
    await sink.writeAlarms?.([transition])
    await until('the alert', async () => (await alertsOf('later')).length === 1)
  })
})

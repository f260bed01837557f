import { afterEach, describe, expect, it } from 'vitest'
import { sinkAdapters } from '../../src/adapters/registry.ts'
import { OperatingError } from '../../src/base/errors.ts'
import type { SinkAdapter } from '../../src/ports/adapter.ts'
import type { Sink } from '../../src/ports/sink.ts'
import { type Answer, Receiver } from './receiver.ts'
import { consolePlace, filePlace, httpPlace, httpSinks, prometheusPlace, sinkOf } from './sink-places.ts'
import { sampleAlarm, sampleContext, sampleScores } from './sink-samples.ts'
import { type SinkHarness, sinkSuite } from './sink-suite.ts'

/** How each kind of the registry is driven here, or where it is driven instead and why. */
const places: Readonly<
  Record<keyof typeof sinkAdapters, Readonly<Record<string, () => Promise<SinkHarness>>> | string>
> = {
  influxdb: {
    'InfluxDB 1': () => httpPlace('InfluxDB 1'),
    'InfluxDB 2': () => httpPlace('InfluxDB 2'),
    'InfluxDB 3': () => httpPlace('InfluxDB 3'),
  },
  alertmanager: { Alertmanager: () => httpPlace('Alertmanager') },
  webhook: { webhook: () => httpPlace('webhook') },
  prometheus: { Prometheus: prometheusPlace },
  console: { console: consolePlace },
  file: { file: filePlace },
  kafka: 'a Kafka sink needs a broker: test/integration/sink-brokers.test.ts runs the same suite',
  mqtt: 'an MQTT sink needs a broker: test/integration/sink-brokers.test.ts runs the same suite',
}

for (const place of Object.values(places)) {
  if (typeof place === 'string') it.skip(place)
  else for (const [label, open] of Object.entries(place)) sinkSuite(label, open)
}

describe('the registry of sinks', () => {
  it.each(Object.entries(sinkAdapters) as [string, SinkAdapter<unknown>][])(
    'lists %s under its own type, with options that refuse an unknown key and another type',
    (type, adapter) => {
      expect(adapter.type).toBe(type)
      expect(adapter.options.safeParse({ type: 'something-else' }).success).toBe(false)
      const { error } = adapter.options.safeParse({ type, version: 1, noSuchOption: 1 })
      expect(JSON.stringify(error?.issues)).toContain('noSuchOption')
    },
  )
})

describe.each(Object.entries(httpSinks))(
  'what the %s sink makes of a receiver that fails',
  (_label, { type, options }) => {
    const opened: { receiver: Receiver; sink: Sink }[] = []

    afterEach(async () => {
      for (const { receiver, sink } of opened.splice(0)) {
        await sink.close()
        await receiver.stop()
      }
    })

    /** One write to a receiver that answers so; gives the error, or undefined. */
    async function attempt(
      answer: Answer,
    ): Promise<{ failure: unknown; again: () => Promise<void>; receiver: Receiver }> {
      const receiver = await new Receiver().start()
      receiver.answer = () => answer
      const context = sampleContext()
      const sink = sinkOf(type, { url: receiver.url, timeout: '300ms', ...options })
      opened.push({ receiver, sink })
      await sink.open(context)
      const again = async (): Promise<void> => {
        if (sink.settings.scores === 'none') await sink.writeAlarms?.([sampleAlarm(context, { sensor: 's' })])
        else await sink.writeScores?.(sampleScores(context, [{ sensor: 's', value: 1 }]))
      }
      const failure = await again().then(
        () => undefined,
        (error: unknown) => error,
      )
      return { failure, again, receiver }
    }

    const verdicts: readonly [answer: Answer, code: string, retryable: boolean][] = [
      [{ status: 400, body: '{"error":"partial write: field type conflict"}' }, 'rejected', false],
      [{ status: 401, body: '{"error":"authorization failed"}' }, 'denied', true],
      [{ status: 403 }, 'denied', true],
      [{ status: 404 }, 'rejected', false],
      [{ status: 413 }, 'rejected', false],
      [{ status: 429 }, 'busy', true],
      [{ status: 500, body: '{"error":"engine: cache maximum memory size exceeded"}' }, 'server', true],
      [{ status: 503 }, 'server', true],
      [{ status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } }, 'rejected', false],
      ['hang', 'timeout', true],
      ['cut', 'unreachable', true],
    ]

    it.each(verdicts)('calls %j %s', async (answer, code, retryable) => {
      const { failure, receiver } = await attempt(answer)
      expect(failure).toBeInstanceOf(OperatingError)
      expect(failure).toMatchObject({ code, retryable })
      expect((failure as Error).message).toContain(new URL(receiver.url).host)
      if (typeof answer === 'object' && answer.status === 400)
        expect((failure as Error).message).toContain('partial write')
    })

    it('says unreachable when nobody listens, opens all the same, and writes when somebody does again', async () => {
      const { again, receiver } = await attempt({ status: 204 })
      await receiver.stop()
      await expect(again()).rejects.toMatchObject({ code: 'unreachable', retryable: true })
      await receiver.start()
      await again()
      expect(receiver.requests.length).toBeGreaterThanOrEqual(2)
    })

    it('does not ask again by itself: retrying is the runtime’s', async () => {
      const { receiver } = await attempt({ status: 503 })
      expect(receiver.requests).toHaveLength(1)
    })
  },
)

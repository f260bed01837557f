import { describe, expect, it } from 'vitest'
import { httpSource } from '../../../../src/adapters/http/index.ts'
import type { Delivery, SourceContext } from '../../../../src/ports/source.ts'

/** A runtime that keeps what is delivered; the test decides what becomes of it. */
function runtime() {
  const deliveries: Delivery[] = []
  const states: boolean[] = []
  const context: SourceContext = {
    clock: { now: () => 1_700_000_000_000 },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    positions: {},
    deliver: async (delivery) => {
      deliveries.push(delivery)
    },
    revoked() {},
    connected: (up) => states.push(up),
    lag() {},
    failed() {},
  }
  return { deliveries, states, context }
}

function source(options: Record<string, unknown> = {}) {
  return httpSource.create('http', httpSource.options.parse({ type: 'http', ...options }))
}

interface Read {
  readonly sensor: string
  readonly timeMs: number | undefined
  readonly value: number
}

function decode(http: ReturnType<typeof source>, delivery: Delivery): Read[] {
  const readings: Read[] = []
  for (const record of delivery.records) {
    http.decoder.decode(record, {
      reading: (sensor, timeMs, value) => readings.push({ sensor, timeMs, value }),
      reject: () => {},
    })
  }
  return readings
}

const line = Buffer.from('temperature,sensor=s1 value=12.5 1700000000000\n')

describe('the HTTP source', () => {
  it('answers a write only when sinks and state have it, with what decoding found', async () => {
    const { deliveries, states, context } = runtime()
    const http = source()
    await http.start(context)
    expect(states).toEqual([true])
    let answered = false
    const write = http.write(line, { precision: 'ms' }).finally(() => {
      answered = true
    })
    const [delivery] = deliveries
    delivery!.decoded?.(1, [{ reason: 'malformed', detail: 'no value', line: 2 }])
    await Promise.resolve()
    expect(answered).toBe(false)
    await delivery!.acknowledge()
    expect(await write).toEqual({ accepted: 1, rejected: [{ reason: 'malformed', detail: 'no value', line: 2 }] })
  })

  it('decodes each body in the precision of its own request', async () => {
    const { deliveries, context } = runtime()
    const http = source()
    await http.start(context)
    const bodies = { ns: '1700000000123456789', us: '1700000000123456', ms: '1700000000123', s: '1700000000' } as const
    for (const [precision, time] of Object.entries(bodies)) {
      void http.write(Buffer.from(`m,sensor=s value=1 ${time}`), { precision: precision as keyof typeof bodies })
    }
    const times = deliveries.map((delivery) => Math.floor(decode(http, delivery)[0]?.timeMs ?? 0))
    expect(times).toEqual([1_700_000_000_123, 1_700_000_000_123, 1_700_000_000_123, 1_700_000_000_000])
  })

  it('records the arrival of each body and keeps no positions', async () => {
    const { deliveries, context } = runtime()
    const http = source()
    await http.start(context)
    void http.write(line, { precision: 'ns' })
    expect(deliveries[0]).toMatchObject({ positions: {}, records: [{ arrivalMs: 1_700_000_000_000, topic: '' }] })
  })

  it('is busy beyond its bound of waiting bytes, and takes more when there is room again', async () => {
    const { deliveries, context } = runtime()
    const http = source({ inFlight: '4MiB' })
    await http.start(context)
    const large = new Uint8Array(3 * 1024 * 1024)
    const first = http.write(large, { precision: 'ns' })
    await expect(http.write(large, { precision: 'ns' })).rejects.toMatchObject({ code: 'busy', retryable: true })
    await deliveries[0]!.acknowledge()
    await first
    const second = http.write(large, { precision: 'ns' })
    await deliveries[1]!.acknowledge()
    await second
  })

  it('is busy before it started and after it stopped', async () => {
    const { context } = runtime()
    const http = source()
    await expect(http.write(line, { precision: 'ns' })).rejects.toMatchObject({ code: 'busy' })
    await http.start(context)
    await http.stop()
    await expect(http.write(line, { precision: 'ns' })).rejects.toMatchObject({ code: 'busy' })
  })

  it('still answers after it stopped what is acknowledged before it closed, and asks the others to come again', async () => {
    const { deliveries, context } = runtime()
    const http = source()
    await http.start(context)
    const taken = http.write(line, { precision: 'ns' })
    const abandoned = http.write(line, { precision: 'ns' })
    const forgotten = http.write(line, { precision: 'ns' })
    const refusals = [abandoned, forgotten].map((write) => expect(write).rejects.toMatchObject({ code: 'busy' }))
    await http.stop()
    await deliveries[0]!.acknowledge()
    deliveries[1]!.abandon?.()
    await http.close()
    expect(await taken).toEqual({ accepted: 0, rejected: [] })
    await Promise.all(refusals)
  })

  it('passes on that the runtime could not take a delivery', async () => {
    const { context } = runtime()
    const http = source()
    await http.start({ ...context, deliver: () => Promise.reject(new Error('the engine is closed')) })
    await expect(http.write(line, { precision: 'ns' })).rejects.toThrow('the engine is closed')
  })

  it('refuses a bound below one body', () => {
    expect(httpSource.options.safeParse({ type: 'http', inFlight: '1KiB' }).success).toBe(false)
  })
})

import { afterEach, expect, test } from 'vitest'
import { silentLog } from '../../src/ports/log.ts'
import type { Delivery, Source, SourceContext } from '../../src/ports/source.ts'
import { until } from '../servers/until.ts'

/** A runtime in the place of the real one: it keeps what is delivered and acknowledges when the test says so. */
export class Probe implements SourceContext {
  readonly clock = { now: () => Date.now() }
  readonly log = silentLog
  readonly positions: Readonly<Record<string, string>>
  readonly deliveries: Delivery[] = []
  readonly states: string[] = []
  readonly revocations: string[] = []
  readonly failures: unknown[] = []
  lagReadings = 0
  /** While true, `deliver` does not resolve: the runtime is full. */
  full = false
  readonly #waiting: (() => void)[] = []

  constructor(positions: Readonly<Record<string, string>> = {}) {
    this.positions = positions
  }

  deliver(delivery: Delivery): Promise<void> {
    this.deliveries.push(delivery)
    if (!this.full) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** There is room again. */
  drain(): void {
    this.full = false
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  revoked(names: readonly string[]): void {
    this.revocations.push(...names)
  }

  connected(up: boolean, reason?: string): void {
    this.states.push(up ? 'up' : `down: ${reason}`)
  }

  lag(readings: number): void {
    this.lagReadings = readings
  }

  failed(error: unknown): void {
    this.failures.push(error)
  }

  /** The delivered records as text, in order. */
  texts(): string[] {
    return this.deliveries.flatMap(({ records }) => records.map((record) => Buffer.from(record.bytes).toString()))
  }

  /** Waits until as many records came, then says which. */
  async received(count: number): Promise<string[]> {
    await until(`${count} records, got ${this.texts().length}`, () => this.texts().length >= count)
    return this.texts()
  }

  /** Acknowledges every delivery so far and says the positions that a checkpoint would hold. */
  async acknowledgeAll(): Promise<Record<string, string>> {
    const positions: Record<string, string> = { ...this.positions }
    for (const delivery of this.deliveries.splice(0)) {
      Object.assign(positions, delivery.positions)
      await delivery.acknowledge()
    }
    return positions
  }
}

/** One kind of source over a real place, as the suite drives it. */
export interface SourceHarness {
  /** A source over this harness' place; a second one goes on where the first one stopped. */
  create(): Source
  /** Puts records into the place, in order; resolves when they are there. */
  send(texts: readonly string[]): Promise<void>
  /** Whether `send` works only while no source runs (a file is read once). */
  readonly sendFirst?: boolean
  /** Whether the outside system knows what was acknowledged; otherwise only positions do. */
  readonly remembers: boolean
  close?(): Promise<void>
}

function numbered(from: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `{"sensor":"s","ts":${1_700_000_000_000 + from + index},"value":1}`,
  )
}

/** What every source must do, whatever it reads from. Call it once a source; each test opens a place of its own. */
export function sourceSuite(label: string, open: () => Promise<SourceHarness>): void {
  const cleanups: (() => Promise<void>)[] = []

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  async function place(): Promise<SourceHarness> {
    const harness = await open()
    if (harness.close !== undefined) cleanups.push(harness.close.bind(harness))
    return harness
  }

  async function run(harness: SourceHarness, probe: Probe): Promise<Source> {
    const source = harness.create()
    cleanups.push(() => source.close())
    await source.start(probe)
    return source
  }

  async function leave(source: Source): Promise<void> {
    await source.stop()
    await source.close()
  }

  async function sent(harness: SourceHarness, texts: readonly string[], probe: Probe): Promise<Source> {
    if (harness.sendFirst) await harness.send(texts)
    const source = await run(harness, probe)
    if (!harness.sendFirst) {
      await until('the source is connected', () => probe.states.includes('up'))
      await harness.send(texts)
    }
    return source
  }

  test(`${label} delivers every record once, in order`, async () => {
    const harness = await place()
    const probe = new Probe()
    await sent(harness, numbered(0, 250), probe)
    expect(await probe.received(250)).toEqual(numbered(0, 250))
    expect(probe.failures).toEqual([])
  })

  test(`${label} delivers again what was not acknowledged when it stopped`, async () => {
    const harness = await place()
    const first = new Probe()
    const source = await sent(harness, numbered(0, 15), first)
    await first.received(15)
    await leave(source)
    const second = new Probe()
    await run(harness, second)
    expect(await second.received(15)).toEqual(numbered(0, 15))
  })

  test(`${label} goes on after the acknowledged records`, async () => {
    const harness = await place()
    const first = new Probe()
    const source = await sent(harness, numbered(0, 10), first)
    await first.received(10)
    const positions = await first.acknowledgeAll()
    await leave(source)
    await harness.send(numbered(10, 5))
    const second = new Probe(positions)
    await run(harness, second)
    expect(await second.received(5)).toEqual(numbered(10, 5))
  })

  test(`${label} knows without positions what was acknowledged, if the outside remembers it`, async (context) => {
    const harness = await place()
    if (!harness.remembers) return context.skip('only positions say how far it was read')
    const first = new Probe()
    const source = await sent(harness, numbered(0, 10), first)
    await first.received(10)
    await first.acknowledgeAll()
    await leave(source)
    await harness.send(numbered(10, 5))
    const second = new Probe()
    await run(harness, second)
    expect(await second.received(5)).toEqual(numbered(10, 5))
  })

  test(`${label} waits while the runtime is full, and stops promptly all the same`, async () => {
    const harness = await place()
    const probe = new Probe()
    probe.full = true
    const source = await sent(harness, numbered(0, 900), probe)
    await until('a first delivery', () => probe.deliveries.length > 0)
    const started = performance.now()
    await source.stop()
    await source.close()
    expect(performance.now() - started).toBeLessThan(3_000)
    expect(probe.deliveries.length).toBeLessThanOrEqual(2)
    probe.drain()
  })
}

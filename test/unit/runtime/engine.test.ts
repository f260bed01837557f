import { afterEach, describe, expect, it } from 'vitest'
import { limits } from '../../../src/base/limits.ts'
import { SensorCatalog } from '../../../src/domain/sensor.ts'
import { systemClock } from '../../../src/ports/clock.ts'
import { silentLog } from '../../../src/ports/log.ts'
import type { DeadLetter } from '../../../src/ports/sink.ts'
import type { StateStore } from '../../../src/ports/state-store.ts'
import { createEngine } from '../../../src/runtime/engine.ts'
import type { Engine } from '../../../src/runtime/engine-options.ts'
import { createMemoryStore } from '../../../src/state/memory-store.ts'
import { down, FakePipeline, FakeSink, FakeSource, fakeMetrics, until } from './fakes.ts'

interface World {
  engine: Engine
  source: FakeSource
  scores: FakeSink
  alarms: FakeSink
  pipeline: FakePipeline
  catalog: SensorCatalog
  metrics: ReturnType<typeof fakeMetrics>
  letters: DeadLetter[]
}

const engines: Engine[] = []

async function world(
  options: { store?: StateStore; finite?: boolean; sensors?: number; allowKernelChange?: boolean } = {},
): Promise<World> {
  const catalog = new SensorCatalog(options.sensors ?? 10)
  const pipeline = new FakePipeline(catalog)
  const source = new FakeSource('in', options.finite)
  const scores = new FakeSink('scores', { alarms: false })
  const alarms = new FakeSink('alarms', { scores: 'none' })
  const metrics = fakeMetrics()
  const letters: DeadLetter[] = []
  const engine = createEngine({
    pipeline,
    catalog,
    sources: [source],
    sinks: [scores, alarms],
    deadLetter: {
      name: 'dead',
      open: async () => undefined,
      write: async (batch) => {
        letters.push(...batch)
      },
      close: async () => undefined,
    },
    store: options.store ?? createMemoryStore(),
    metrics,
    clock: systemClock,
    log: silentLog,
    plant: 'p',
    modelName: () => 'fake',
    ticks: false,
    drainMs: 50,
    allowKernelChange: options.allowKernelChange === true,
  })
  engines.push(engine)
  await engine.start()
  return { engine, source, scores, alarms, pipeline, catalog, metrics, letters }
}

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop()
})

describe('engine', () => {
  it('acknowledges only after the score sink took the rows and the state is committed', async () => {
    const store = createMemoryStore()
    const { source, scores } = await world({ store })
    let release: () => void = () => undefined
    scores.hang = new Promise((resolve) => {
      release = resolve
    })
    await source.send('s,1,10')
    await until(() => scores.attempts > 0, 'the sink is being written')
    expect(source.acknowledged).toBe(0)
    expect([...store.load().rows]).toEqual([])
    release()
    await until(() => source.acknowledged === 1, 'the delivery is acknowledged')
    expect(store.load().positions).toEqual({ in: { at: '1' } })
    expect([...store.load().rows].map((row) => row.id)).toEqual(['s'])
  })

  it('goes on when an acknowledgement throws: the sender will send again', async () => {
    const store = createMemoryStore()
    const { source } = await world({ store })
    source.refusal = new Error('the connection is gone')
    await source.send('s,1,10')
    await until(() => store.load().positions['in']?.['at'] === '1', 'the state is committed')
    source.refusal = undefined
    await source.send('s,2,10')
    await until(() => source.acknowledged === 1, 'the next delivery is acknowledged')
  })

  it('sends an alarm although the score sink is down', async () => {
    const { source, scores, alarms } = await world()
    scores.failure = down()
    await source.send('s,1,90')
    await until(() => alarms.transitions.length === 1, 'the alarm is delivered')
    expect(source.acknowledged).toBe(0)
    expect(scores.rows).toEqual([])
  })

  it('answers an acceptance when state and journal have it, and tells receivers', async () => {
    const store = createMemoryStore()
    const { engine, source, alarms } = await world({ store })
    await source.send('s,7,90')
    await until(() => alarms.transitions.length === 1, 'the alarm is delivered')
    const who = { by: 'operator at hall', reason: 'new bearing' }
    const { id } = alarms.transitions[0]!.alarm
    expect(await engine.api.acceptAlarm(id, who)).toMatchObject({
      from: 'unack',
      alarm: { id, state: 'rtn_unack', message: 'accepted by operator at hall: new bearing' },
    })
    const [row] = [...store.load().rows]
    expect(new Float64Array(row!.bytes.slice().buffer)).toEqual(new Float64Array([90, 0]))
    expect(store.journal.newest(1)[0]?.transition.transitionId).toBe(`${id}-accepted`)
    await until(() => alarms.transitions.length === 2, 'the end is delivered')
    expect(await engine.api.acceptAlarm(id, who)).toBe('over')
    expect(await engine.api.acceptAlarm('nobody', who)).toBe('unknown')
  })

  it('repeats no alarm and loses none when it is killed between the journal and the checkpoint', async () => {
    const store = createMemoryStore()
    const first = await world({ store })
    first.scores.failure = down()
    await first.source.send('s,1,90')
    await until(() => first.alarms.transitions.length === 1, 'the alarm is delivered')
    // The process is killed here: the state was never committed, so the sender sends the reading again.
    const second = await world({ store })
    expect(second.source.position).toBe(0)
    await second.source.send('s,1,90')
    await second.source.send('s,2,10')
    await until(() => second.alarms.transitions.length === 1, 'the return is delivered')
    expect(second.alarms.transitions.map((entry) => entry.alarm.state)).toEqual(['rtn_unack'])
  })

  it('goes on after a restart with the state and the positions that belong together', async () => {
    const store = createMemoryStore()
    const first = await world({ store })
    for (let i = 1; i <= 5; i++) await first.source.send(`s,${i},10`)
    await first.engine.stop()
    expect(first.source.acknowledged).toBe(5)
    const second = await world({ store })
    expect(second.source.position).toBe(5)
    expect(second.pipeline.sums[second.catalog.find('s')!]).toBe(50)
    expect(second.engine.api.sensor('s')).toMatchObject({ time: 1, value: 50, expected: null })
  })

  it('refuses a state that was written with another model', async () => {
    const store = createMemoryStore()
    await store.commit({
      meta: { format: 1, kernel: 'fake', model: 'other', calendar: 'UTC' },
      rows: [],
      removed: [],
      positions: {},
    })
    await expect(world({ store })).rejects.toThrow(/model other/)
    await expect(world({ store, allowKernelChange: true })).rejects.toThrow(/model other/)
  })

  it('goes on with a state of another calendar, whose own then stands in the next checkpoint', async () => {
    const store = createMemoryStore()
    const meta = { format: 1, kernel: 'fake', model: 'fake-1', calendar: 'Europe/Berlin 1' }
    await store.commit({ meta, rows: [], removed: [], positions: {} })
    const { source, engine } = await world({ store })
    await source.send('s,1,10')
    await engine.stop()
    expect(store.load().meta).toEqual({ ...meta, calendar: 'UTC' })
  })

  it('refuses a state whose rows are laid out otherwise, with the way out', async () => {
    const store = createMemoryStore()
    await store.commit({
      meta: { format: 2, kernel: 'fake', model: 'fake-1', calendar: 'UTC' },
      rows: [],
      removed: [],
      positions: {},
    })
    await expect(world({ store, allowKernelChange: true })).rejects.toThrow(
      'the state was written with format 2, this program has 1; use that one, or move the state directory away',
    )
  })

  it('refuses a state of another kernel, and takes it over when it may and its rows fit', async () => {
    const store = createMemoryStore()
    const first = await world({ store })
    await first.source.send('s,1,10')
    await first.engine.stop()
    const writtenBy = (kernel: string) =>
      store.commit({
        meta: { format: 1, kernel, model: 'fake-1', calendar: 'UTC' },
        rows: [],
        removed: [],
        positions: {},
      })
    await writtenBy('other fake')
    await expect(world({ store })).rejects.toThrow(
      /kernel other fake, this program has fake; .*or go on from its states with --allow-kernel-change/,
    )
    const second = await world({ store, allowKernelChange: true })
    await second.source.send('s,2,20')
    await second.engine.stop()
    expect(second.pipeline.sums[second.catalog.find('s')!]).toBe(30)
    expect(store.load().meta?.kernel).toBe('fake')
    await writtenBy('old fake')
    await expect(world({ store })).rejects.toThrow(/kernel old fake, .* use that one, or move the state/)
    await expect(world({ store, allowKernelChange: true })).rejects.toThrow(
      /--allow-kernel-change cannot help \(rows of old fake are longer\)/,
    )
  })

  it('counts what cannot be decoded and hands its bytes to the dead letter before it acknowledges', async () => {
    const { source, metrics, letters, scores } = await world()
    await source.send('s,1,10\nnonsense\ns,2,20')
    await until(() => source.acknowledged === 1, 'the delivery is acknowledged')
    expect(metrics.rejections).toEqual(['malformed'])
    expect(letters.map((letter) => letter.reason)).toEqual(['malformed'])
    expect(scores.rows.map((row) => row.value)).toEqual([10, 20])
  })

  it('refuses a message that is too large and goes on', async () => {
    const { source, letters, scores } = await world()
    await source.send('x'.repeat(limits.messageBytesMax + 1))
    await source.send('s,1,10')
    await until(() => source.acknowledged === 2, 'both are acknowledged')
    expect(letters.map((letter) => letter.reason)).toEqual(['too_large'])
    expect(scores.rows).toHaveLength(1)
  })

  it('refuses sensors beyond the limit and keeps scoring the others', async () => {
    const { source, metrics, scores } = await world({ sensors: 2 })
    await source.send('a,1,1\nb,1,1\nc,1,1\na,2,1')
    await until(() => source.acknowledged === 1, 'the delivery is acknowledged')
    expect(metrics.rejections).toEqual(['sensor_limit'])
    expect(scores.rows.map((row) => row.sensor)).toEqual(['a', 'b', 'a'])
  })

  it('takes a message with more readings than a frame', async () => {
    const { source, scores } = await world()
    const count = limits.frameRows * 2 + 7
    await source.send(Array.from({ length: count }, (_, i) => `s,${i},1`).join('\n'))
    await until(() => source.acknowledged === 1, 'the delivery is acknowledged')
    expect(scores.rows).toHaveLength(count)
    expect(scores.rows.every((row, i) => row.timeMs === i)).toBe(true)
  })

  it('stops taking records while a blocking sink is down, so that memory stays bounded', async () => {
    const { source, scores, catalog, pipeline } = await world()
    scores.failure = down()
    let sent = 0
    const text = Array.from({ length: 1_000 }, (_, i) => `s,${i},1`).join('\n')
    for (; sent < 150; sent++) void source.send(text)
    const processed = () => pipeline.sums[catalog.find('s') ?? 0]!
    await until(() => processed() >= limits.unacknowledgedReadings, 'the bound is reached')
    await new Promise((resolve) => setImmediate(resolve))
    expect(processed()).toBeLessThanOrEqual(limits.unacknowledgedReadings + limits.frameRows)
    scores.failure = undefined
    await until(() => source.acknowledged === sent, 'everything is acknowledged')
    expect(scores.rows).toHaveLength(150_000)
  })

  it('resolves finished when the sources are finite and everything is committed', async () => {
    const { source, engine, alarms } = await world({ finite: true })
    await source.send('s,1,90')
    source.end()
    await engine.finished
    expect(source.acknowledged).toBe(1)
    expect(alarms.transitions).toHaveLength(1)
  })

  it('frees a sensor on request, ends its alarm and forgets its state', async () => {
    const store = createMemoryStore()
    const { source, engine, catalog, alarms } = await world({ store })
    await source.send('a,1,90\nb,1,10')
    await until(() => source.acknowledged === 1, 'the delivery is acknowledged')
    expect(await engine.api.removeSensor('a')).toBe(true)
    await until(() => alarms.transitions.length === 2, 'its alarm is ended')
    expect(alarms.transitions.map(({ alarm }) => alarm.state)).toEqual(['unack', 'normal'])
    expect(await engine.api.removeSensor('a')).toBe(false)
    expect(catalog.find('a')).toBeUndefined()
    await until(() => [...store.load().rows].length === 1, 'the row is gone from the store')
  })

  it('shows sensors, history and alarms, and pushes live events', async () => {
    const { source, engine, catalog } = await world()
    const events: string[] = []
    const unsubscribe = engine.api.subscribe((event) => events.push(event.type), { hz: 100 })
    await source.send('plant/a,1,10\nplant/a,2,90\nplant/b,1,5')
    await until(() => events.includes('scores') && events.includes('alarm'), 'both events arrived')
    unsubscribe()
    expect(engine.api.sensors({ offset: 0, limit: 10, search: 'A' }).items.map((item) => item.id)).toContain('plant/a')
    catalog.intern('s-7', { area: 'North Hall' })
    expect(engine.api.sensors({ offset: 0, limit: 10, search: 'north h' }).items.map((item) => item.id)).toEqual([
      's-7',
    ])
    expect(engine.api.history('plant/a', { points: 10 })?.value).toEqual([10, 90])
    expect(engine.api.alarms({ offset: 0, limit: 10, active: true }).total).toBe(1)
    expect(engine.api.status().readings).toBe(3)
    expect(engine.api.ready()).toEqual({ ready: true, reasons: [] })
  })
})

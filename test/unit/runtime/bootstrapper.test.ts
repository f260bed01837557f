import { afterEach, describe, expect, it } from 'vitest'
import { OperatingError } from '../../../src/base/errors.ts'
import { SensorCatalog } from '../../../src/domain/sensor.ts'
import { systemClock } from '../../../src/ports/clock.ts'
import { silentLog } from '../../../src/ports/log.ts'
import type { StateStore } from '../../../src/ports/state-store.ts'
import { createEngine } from '../../../src/runtime/engine.ts'
import type { BootstrapOptions, Engine } from '../../../src/runtime/engine-options.ts'
import { createMemoryStore } from '../../../src/state/memory-store.ts'
import { FakePipeline, FakeSink, FakeSource, fakeMetrics, until } from './fakes.ts'

const engines: Engine[] = []

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop()
})

/** A history that gives these texts and ends, or fails behind them. */
class FakeHistory extends FakeSource {
  starts = 0
  readonly #texts: readonly string[]
  readonly #failure: Error | undefined

  constructor(texts: readonly string[], failure?: Error) {
    super('history', true)
    this.#texts = texts
    this.#failure = failure
  }

  override async start(context: NonNullable<FakeSource['context']>) {
    await super.start(context)
    this.starts += 1
    for (const text of this.#texts) await this.send(text)
    if (this.#failure !== undefined) context.failed(this.#failure)
    else this.end()
  }
}

function world(store: StateStore, source: FakeHistory, changes: Partial<BootstrapOptions> = {}) {
  const catalog = new SensorCatalog(10)
  const pipeline = new FakePipeline(catalog)
  const live = new FakeSource('in')
  const scores = new FakeSink('scores', { alarms: false })
  const alarms = new FakeSink('alarms', { scores: 'none' })
  const engine = createEngine({
    pipeline,
    catalog,
    sources: [live],
    sinks: [scores, alarms],
    store,
    metrics: fakeMetrics(),
    clock: systemClock,
    log: silentLog,
    plant: 'p',
    modelName: () => 'fake',
    ticks: false,
    drainMs: 50,
    bootstrap: {
      source,
      key: 'history 1',
      sinceMs: Number.NEGATIVE_INFINITY,
      untilMs: Number.POSITIVE_INFINITY,
      isOptional: false,
      ...changes,
    },
  })
  engines.push(engine)
  const sum = (id: string) => pipeline.sums[catalog.find(id) ?? -1]
  return { engine, pipeline, catalog, live, scores, alarms, sum }
}

function stored(store: StateStore): string[] {
  return [...store.load().rows].map(({ id }) => id)
}

describe('bootstrap', () => {
  it('commits what history taught before anything live is taken, and sends nothing of it to sinks', async () => {
    const store = createMemoryStore()
    const { engine, live, scores, alarms, sum } = world(store, new FakeHistory(['a,1,90\nb,1,5', 'a,2,95']))
    let atStart: string[] = []
    const begin = live.start.bind(live)
    live.start = async (context) => {
      atStart = stored(store)
      await begin(context)
    }
    await engine.start()
    expect(atStart).toEqual(['a', 'b'])
    expect(sum('a')).toBe(185)
    expect(engine.api.history('a', { points: 10 })?.time).toEqual([1, 2])
    await live.send('a,3,96')
    await until(
      () => alarms.transitions.length === 1,
      'the alarm that still stands is raised by the first live reading',
    )
    expect(alarms.transitions[0]?.raisedTime).toBe(3)
    await until(() => scores.rows.length > 0, 'the live score is written')
    expect(scores.rows.map(({ timeMs }) => timeMs)).toEqual([3])
  })

  it('leaves sensors that have a state where they are, and does not read the same history twice', async () => {
    const store = createMemoryStore()
    const first = world(store, new FakeHistory(['a,1,10']))
    await first.engine.start()
    await first.live.send('a,2,7')
    await until(() => first.live.acknowledged === 1, 'the live reading is committed')
    await first.engine.stop()
    const again = new FakeHistory(['a,1,10\nb,1,20'])
    const second = world(store, again)
    await second.engine.start()
    expect([again.starts, second.sum('a'), second.sum('b')]).toEqual([0, 17, undefined])
    await second.engine.stop()
    const third = world(store, new FakeHistory(['a,1,10\nb,1,20']), { key: 'history 2' })
    await third.engine.start()
    expect([third.sum('a'), third.sum('b')]).toEqual([17, 20])
    expect(store.load().positions[':bootstrap']).toEqual({ 'history 2': '2' })
  })

  it('takes readings of the times that were asked for alone', async () => {
    const { engine, sum } = world(createMemoryStore(), new FakeHistory(['a,1,1\na,2,2\na,3,4\na,4,8']), {
      sinceMs: 2,
      untilMs: 3,
    })
    await engine.start()
    expect(sum('a')).toBe(6)
  })

  it('refuses to start without a history that breaks off, which changed nothing', async () => {
    const store = createMemoryStore()
    const broken = () => new FakeHistory(['a,1,10'], new OperatingError('read', 'history.csv: damaged'))
    const { engine, catalog } = world(store, broken())
    await expect(engine.start()).rejects.toThrow(
      'the history to learn from cannot be read: history.csv: damaged; mend it, take `bootstrap` out, or set bootstrap.onFailure: continue',
    )
    expect([stored(store), catalog.size]).toEqual([[], 0])
    const willing = world(store, broken(), { isOptional: true })
    await willing.engine.start()
    expect([willing.catalog.size, willing.engine.api.sensors({ offset: 0, limit: 10 }).total]).toEqual([0, 0])
    await willing.live.send('a,1,3')
    await until(() => willing.live.acknowledged === 1, 'live readings are taken')
    expect(willing.sum('a')).toBe(3)
  })

  it('refuses a history without a reading', async () => {
    const { engine } = world(createMemoryStore(), new FakeHistory(['nonsense']))
    await expect(engine.start()).rejects.toThrow('it has no reading of the times that are asked for')
  })

  it('breaks off when it is stopped, and the next start reads the whole anew', async () => {
    const store = createMemoryStore()
    class Endless extends FakeHistory {
      override end() {}
    }
    const { engine } = world(store, new Endless(['a,1,10']))
    const starting = engine.start()
    await until(() => engine.api.history('a', { points: 1 })?.time.length === 1, 'the history is read')
    await Promise.all([expect(starting).rejects.toThrow('stopped while the history was read'), engine.stop()])
    expect(stored(store)).toEqual([])
  })
})

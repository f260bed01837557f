import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { OperatingError } from '../../../src/base/errors.ts'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { Quality } from '../../../src/domain/quality.ts'
import { SensorCatalog } from '../../../src/domain/sensor.ts'
import { silentLog } from '../../../src/ports/log.ts'
import { ScoreLane } from '../../../src/runtime/score-lane.ts'
import { SpillQueue } from '../../../src/runtime/spill.ts'
import { down, FakeSink, fakeMetrics, scores, until } from './fakes.ts'

const none = new OutcomeFrame(0)
const lanes: ScoreLane[] = []
const folders: string[] = []

function lane(sink: FakeSink, metrics = fakeMetrics(), spill?: SpillQueue): ScoreLane {
  const made = new ScoreLane(sink, spill, metrics, silentLog)
  made.start()
  lanes.push(made)
  return made
}

function spillFolder(): { folder: string; catalog: SensorCatalog } {
  const folder = mkdtempSync(join(tmpdir(), 'residua-spill-'))
  folders.push(folder)
  const catalog = new SensorCatalog(10)
  catalog.intern('s')
  return { folder, catalog }
}

afterEach(async () => {
  for (const made of lanes.splice(0)) await made.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const values = (sink: FakeSink) => sink.rows.map((row) => row.value)

describe('ScoreLane', () => {
  it('batches rows and says when they are taken', async () => {
    const sink = new FakeSink('a', { batchMs: 10_000 })
    const made = lane(sink)
    made.offer(scores([1, 2]), none)
    made.offer(scores([3]), none)
    await made.taken(made.mark())
    expect(values(sink)).toEqual([1, 2, 3])
    expect(sink.attempts).toBeLessThanOrEqual(2)
  })

  it('gives a sink for changes only the selected rows', async () => {
    const sink = new FakeSink('a', { scores: 'changes' })
    const made = lane(sink)
    made.offer(scores([1, 2]), scores([2]))
    await made.taken(made.mark())
    expect(values(sink)).toEqual([2])
  })

  it('keeps duplicates and late rows from a store, where they would overwrite, and gives them to a replay file', async () => {
    const frame = scores([1, 2, 3, 4])
    frame.quality.set([Quality.good, Quality.duplicate, Quality.late, Quality.bad])
    const store = new FakeSink('store')
    const file = new FakeSink('file', { scores: 'every' })
    for (const sink of [store, file]) {
      const made = lane(sink)
      made.offer(frame, none)
      await made.taken(made.mark())
    }
    expect(values(store)).toEqual([1, 4])
    expect(values(file)).toEqual([1, 2, 3, 4])
  })

  it('block keeps everything in order until the sink is back', async () => {
    const sink = new FakeSink('a')
    sink.failure = down()
    const made = lane(sink)
    made.offer(scores([1, 2]), none)
    await until(() => sink.attempts > 2, 'the sink was tried several times')
    made.offer(scores([3]), none)
    expect(made.health().up).toBe(false)
    sink.failure = undefined
    await made.taken(made.mark())
    expect(values(sink)).toEqual([1, 2, 3])
    expect(made.health().up).toBe(true)
  })

  it('drop counts every row that it forgets and goes on with the next', async () => {
    const sink = new FakeSink('a', { policy: 'drop' })
    const metrics = fakeMetrics()
    sink.failure = down()
    const made = lane(sink, metrics)
    made.offer(scores([1, 2]), none)
    await made.taken(made.mark())
    sink.failure = undefined
    await until(() => {
      made.offer(scores([3]), none)
      return values(sink).includes(3)
    }, 'the sink is written again')
    expect(values(sink)).not.toContain(1)
    expect(metrics.dropped).toBeGreaterThanOrEqual(2)
  })

  it('a batch that the sink refuses for good is counted and does not stand in the way', async () => {
    const sink = new FakeSink('a')
    const metrics = fakeMetrics()
    sink.failure = new OperatingError('rejected', 'field type conflict')
    const made = lane(sink, metrics)
    made.offer(scores([1]), none)
    await made.taken(made.mark())
    sink.failure = undefined
    made.offer(scores([2]), none)
    await made.taken(made.mark())
    expect(values(sink)).toEqual([2])
    expect(metrics.dropped).toBe(1)
    expect(metrics.sinkErrors).toEqual(['rejected'])
  })

  it('spill takes rows at once while the sink is down and sends them in order when it is back', async () => {
    const sink = new FakeSink('a', { policy: 'spill' })
    const { folder, catalog } = spillFolder()
    const spill = new SpillQueue(folder, catalog, 1_000_000)
    sink.failure = down()
    const made = lane(sink, fakeMetrics(), spill)
    for (let batch = 0; batch < 5; batch++) {
      made.offer(scores([batch * 2, batch * 2 + 1], batch * 10), none)
      await made.taken(made.mark())
    }
    expect(spill.readings).toBe(10)
    sink.failure = undefined
    made.offer(scores([100], 999), none)
    await made.taken(made.mark())
    await until(() => spill.readings === 0, 'the spill is drained')
    made.offer(scores([101], 1_000), none)
    await made.taken(made.mark())
    expect(values(sink)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101])
    expect(readdirSync(folder)).toEqual([])
    await spill.close()
  })

  it('a spill left by a killed process is sent before anything new', async () => {
    const { folder, catalog } = spillFolder()
    const before = new SpillQueue(folder, catalog, 1_000_000)
    await before.append(scores([1, 2]))
    await before.close()
    const sink = new FakeSink('a', { policy: 'spill' })
    const spill = new SpillQueue(folder, catalog, 1_000_000)
    const made = lane(sink, fakeMetrics(), spill)
    made.offer(scores([3]), none)
    await made.taken(made.mark())
    await until(() => sink.rows.length === 3, 'all three rows arrived')
    expect(values(sink)).toEqual([1, 2, 3])
    await spill.close()
  })
})

describe('SpillQueue', () => {
  it('drops and counts the oldest segment beyond its limit', async () => {
    const { folder, catalog } = spillFolder()
    const spill = new SpillQueue(folder, catalog, 4_000, 500)
    let dropped = 0
    for (let batch = 0; batch < 60; batch++) dropped += await spill.append(scores([batch, batch]))
    expect(spill.bytes).toBeLessThanOrEqual(4_000)
    expect(dropped).toBeGreaterThan(0)
    expect(spill.readings + dropped).toBe(120)
    const first = await spill.peek()
    expect(first?.value[0]).toBe(dropped / 2)
    await spill.close()
  })

  it('gives back what it got, with NaN where there was no number, and skips a line cut off by a crash', async () => {
    const { folder, catalog } = spillFolder()
    const spill = new SpillQueue(folder, catalog, 1_000_000)
    const frame = scores([1.25, 1e300])
    frame.expected[0] = Number.NaN
    frame.expected[1] = -0.1
    await spill.append(frame)
    await spill.close()
    const { appendFileSync } = await import('node:fs')
    appendFileSync(join(folder, readdirSync(folder)[0]!), '{"n":1,"ids":["s"],"ro')
    const again = new SpillQueue(folder, catalog, 1_000_000)
    expect(again.readings).toBe(2)
    const batch = await again.peek()
    expect([...batch!.value.slice(0, 2)]).toEqual([1.25, 1e300])
    expect(batch!.expected[0]).toBeNaN()
    expect(batch!.expected[1]).toBe(-0.1)
    await again.remove()
    expect(await again.peek()).toBeUndefined()
    await again.close()
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { OperatingError } from '../../src/base/errors.ts'
import type { Sink, SinkContext } from '../../src/ports/sink.ts'
import { until } from '../servers/until.ts'
import { hostileIds, sampleAlarm, sampleContext, sampleScores, sampleTimeMs } from './sink-samples.ts'

/** One kind of sink over a place that takes what it writes, as the suite drives it. */
export interface SinkHarness {
  create(): Sink
  /** One text for each score, or each alarm transition, that the place holds now; the order does not matter. */
  stored(kind: 'scores' | 'alarms'): Promise<readonly string[]>
  /** The sensor ids that the place holds now, as a reader of it would see them. */
  sensors(kind: 'scores' | 'alarms'): Promise<readonly string[]>
  /** Why a batch that is written again may stand there twice. Absent: it overwrites, as `Sink` asks. */
  readonly repeats?: string
  /** What the sink needs from the runtime beyond the usual. */
  readonly context?: Partial<SinkContext>
  close?(): Promise<void>
}

/** What every sink must do, wherever it writes. Call it once a sink; each test opens a place of its own. */
export function sinkSuite(label: string, open: () => Promise<SinkHarness>): void {
  const cleanups: (() => Promise<void>)[] = []

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  async function place(): Promise<{ harness: SinkHarness; sink: Sink; context: SinkContext }> {
    const harness = await open()
    if (harness.close !== undefined) cleanups.push(harness.close.bind(harness))
    const context = sampleContext(harness.context)
    const sink = harness.create()
    await sink.open(context)
    cleanups.push(() => sink.close())
    return { harness, sink, context }
  }

  const kinds = ['scores', 'alarms'] as const
  type Kind = (typeof kinds)[number]

  /** Whether the sink takes this kind at all, as it tells the runtime. */
  function takes(sink: Sink, kind: Kind): boolean {
    if (kind === 'alarms') return sink.settings.alarms && sink.writeAlarms !== undefined
    return sink.settings.scores !== 'none' && sink.writeScores !== undefined
  }

  /** As the runtime does: what may be tried again is tried again, because a sink may still be connecting. */
  async function confirmed(write: () => Promise<void> | undefined): Promise<void> {
    let fatal: unknown
    await until('a confirmed write', async () => {
      try {
        await write()
      } catch (error) {
        if (error instanceof OperatingError && error.retryable) throw error
        fatal = error
      }
      return true
    })
    if (fatal !== undefined) throw fatal
  }

  async function write(sink: Sink, context: SinkContext, kind: Kind, sensors: readonly string[]): Promise<void> {
    if (kind === 'alarms') {
      const transitions = sensors.map((sensor) => sampleAlarm(context, { sensor }))
      await confirmed(() => sink.writeAlarms?.(transitions))
      return
    }
    const rows = sensors.map((sensor, row) => ({ sensor, value: row, score: 0.4 }))
    const scores = sampleScores(context, rows)
    await confirmed(() => sink.writeScores?.(scores))
  }

  describe(`the ${label} sink`, () => {
    it('says what it takes: at least one kind, and only what it can write', async () => {
      const { sink } = await place()
      const { scores, alarms } = sink.settings
      expect(scores !== 'none' || alarms).toBe(true)
      if (scores !== 'none') expect(sink.writeScores).toBeDefined()
      if (alarms) expect(sink.writeAlarms).toBeDefined()
    })

    it.each(kinds)('has each of its %s outside when the write resolves', async (kind) => {
      const { harness, sink, context } = await place()
      if (!takes(sink, kind)) return
      const ids = Array.from({ length: 150 }, (_, index) => `sensor-${index}`)
      await write(sink, context, kind, ids)
      expect([...(await harness.sensors(kind))].sort()).toEqual([...ids].sort())
    })

    it.each(kinds)('changes nothing outside when the same %s come again', async (kind) => {
      const { harness, sink, context } = await place()
      if (!takes(sink, kind) || harness.repeats !== undefined) return
      await write(sink, context, kind, ['a', 'b', 'c'])
      const once = await harness.stored(kind)
      expect(once).toHaveLength(3)
      await write(sink, context, kind, ['a', 'b', 'c'])
      expect([...(await harness.stored(kind))].sort()).toEqual([...once].sort())
    })

    it.each(kinds)('gives every sensor id of its %s back as it was', async (kind) => {
      const { harness, sink, context } = await place()
      if (!takes(sink, kind)) return
      await write(sink, context, kind, hostileIds)
      expect([...(await harness.sensors(kind))].sort()).toEqual([...hostileIds].sort())
    })

    it('never writes a number that is none', async () => {
      const { harness, sink, context } = await place()
      if (!takes(sink, 'scores')) return
      const rows = [{ sensor: 'unscored', value: 5 }, { sensor: 'unread' }, { sensor: 'scored', value: 1, expected: 2 }]
      await confirmed(() => sink.writeScores?.(sampleScores(context, rows)))
      const stored = await harness.stored('scores')
      expect(stored).toHaveLength(3)
      for (const text of stored) expect(text).not.toMatch(/NaN|Infinity|undefined/)
    })

    it('keeps the order of an alarm: its return is the last word', async () => {
      const { harness, sink, context } = await place()
      if (!takes(sink, 'alarms')) return
      const back = { sensor: 's', state: 'rtn_unack', eventMs: sampleTimeMs + 1_000 } as const
      const both = [sampleAlarm(context, { sensor: 's' }), sampleAlarm(context, back)]
      await confirmed(() => sink.writeAlarms?.(both))
      expect((await harness.stored('alarms')).at(-1)).toMatch(/rtn_unack|RETURN/)
    })

    it('takes an empty batch as nothing to do', async () => {
      const { harness, sink, context } = await place()
      for (const kind of kinds) {
        if (!takes(sink, kind)) continue
        await write(sink, context, kind, [])
        expect(await harness.stored(kind)).toEqual([])
      }
    })

    it('closes without ever having written', async () => {
      const { harness } = await place()
      const sink = harness.create()
      await sink.open(sampleContext(harness.context))
      await sink.close()
    })
  })
}

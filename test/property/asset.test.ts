import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPrng } from '../../src/base/prng.ts'
import { machine, Plant, type Reading, readingsOf, stepMs } from '../unit/core/asset/plant.ts'

const kinds = ['together', 'scattered'] as const

/** A seeded machine that breaks, with missing readings, duplicates and gaps; its channels speak together or at their own times. */
function readingsOfWorld(seed: number, kind: (typeof kinds)[number]): Reading[] {
  const random = createPrng(seed)
  const broken = machine(seed, (values, row) => {
    if (row > 420) values['pressure'] = 6 - values['pressure']!
  })
  let lateMs = 0
  return readingsOf(broken, 0, 480).flatMap((reading, at) => {
    if (at % 4 === 0 && random.uniform() < 0.004) lateMs += 50 * stepMs
    const u = random.uniform()
    const own = kind === 'scattered' ? 1_300 * (at % 4) : 0
    const timeMs = reading.timeMs + lateMs + own
    if (u < 0.01) return []
    const value = u < 0.02 ? Number.NaN : reading.value
    return u < 0.03
      ? [
          { ...reading, timeMs, value },
          { ...reading, timeMs, value: value + 1 },
        ]
      : [{ ...reading, timeMs, value }]
  })
}

/** Everything that was said of the asset, as text, so that bits are compared. */
function said(
  readings: readonly Reading[],
  frames: (random: ReturnType<typeof createPrng>) => number,
  restart: number,
): string[] {
  const random = createPrng(readings.length)
  const texts: string[] = []
  const open = (order: readonly string[]) => new Plant({ tracks: true }, { learn: { rows: 250 } }, order)
  let plant = open([])
  const take = (): void => {
    for (const tick of plant.ticks.splice(0)) texts.push(JSON.stringify(tick))
    for (const tick of plant.changes.splice(0)) texts.push(`change ${JSON.stringify(tick)}`)
    for (const transition of plant.transitions.splice(0)) texts.push(JSON.stringify(transition))
  }
  for (let from = 0; from < readings.length; ) {
    const to = from + frames(random)
    plant.read(readings.slice(from, to), readings.length)
    from = to
    take()
    if (random.uniform() >= restart) continue
    const before = plant
    plant = open(['temperature', 'flow'])
    for (const [, slot] of before.catalog.ids()) {
      plant.pipeline.restore(plant.catalog.intern(before.catalog.key(slot)), before.pipeline.snapshot(slot))
    }
  }
  plant.finish()
  take()
  return texts.sort()
}

describe('the same readings in the same order give the same bits of an asset', () => {
  const worlds = fc.record({ seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }), kind: fc.constantFrom(...kinds) })

  test('whatever the split into frames, and whatever the restarts, into other slots', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 200 }), ({ seed, kind }, rows) => {
        const readings = readingsOfWorld(seed, kind)
        const whole = said(readings, () => readings.length, 0)
        expect(whole.length).toBeGreaterThan(300)
        expect(said(readings, (random) => 1 + random.integer(rows), 0.1)).toEqual(whole)
      }),
      { numRuns: 8 },
    )
  })

  test('and a snapshot while it learns and afterwards is what it was restored from', () => {
    for (const rows of [100, 400]) {
      const plant = new Plant({}, { learn: { rows: 250 } })
      plant.read(readingsOf(machine(9), 0, rows))
      const bytes = plant.pipeline.snapshot(0)
      const again = new Plant({}, { learn: { rows: 250 } })
      // As a store hands it over: somewhere within a larger buffer.
      again.pipeline.restore(0, Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(5)]).subarray(3, 3 + bytes.length))
      expect(Buffer.compare(again.pipeline.snapshot(0), bytes)).toBe(0)
      expect(again.pipeline.last(0)).toEqual(plant.pipeline.last(0))
    }
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPrng, type Prng } from '../../src/base/prng.ts'
import { loadModelFiles } from '../../src/cli/model-files.ts'
import { createPipeline } from '../../src/core/live-pipeline.ts'
import { Frame } from '../../src/domain/frame.ts'
import { OutcomeFrame } from '../../src/domain/outcome.ts'
import { defaultSpec, SensorCatalog } from '../../src/domain/sensor.ts'
import { parseArchitecture } from '../../src/model/architecture.ts'
import { initialModel } from '../../src/train/fit/initial-weights.ts'

const model = loadModelFiles('base')
/** A sensor's own model, unlike the general one in everything: cell, horizons, target, inputs. */
const own = initialModel(
  parseArchitecture({
    modules: [
      { type: 'LSTM', name: 'lstm', input_size: 3, hidden_size: 5 },
      { type: 'Linear', name: 'head', in_features: 5, out_features: 3 },
    ],
  }),
  { seed: 3, name: 'own', forecast: { horizons: 3, inputClip: 4, target: 'level', calendar: ['day'] } },
)
const minTime = Date.UTC(2024, 0, 1)

/** What a sensor does: a reading, or, for all, a tick of the wall clock. */
type Event =
  | {
      readonly kind: 'reading'
      readonly sensor: string
      readonly timeMs: number
      readonly value: number
      readonly quality: number
      readonly arrivalMs: number
    }
  | { readonly kind: 'tick'; readonly nowMs: number }

/** A seeded day of some sensors: rhythm, noise, steps, glitches, NaN, bad quality, duplicates, late rows, gaps, silence. */
function eventsOf(seed: number): Event[] {
  const random = createPrng(seed)
  const sensors = ['a', 'b', 'c'].map((id) => ({
    id,
    level: random.between(-50, 50),
    timeMs: minTime,
    phase: random.uniform(),
    rows: 0,
  }))
  const events: Event[] = []
  for (let i = 0; i < 1200; i++) {
    const sensor = sensors[random.integer(sensors.length)]!
    sensor.timeMs += 10_000 * gapOf(random)
    sensor.rows++
    if (random.uniform() < 0.003) sensor.level += 20 * random.normal()
    const wave = Math.fround(3 * (((sensor.rows / 40 + sensor.phase) % 1) - 0.5))
    const value = glitchOf(random, sensor.level + wave + 0.3 * random.normal())
    const timeMs = random.uniform() < 0.01 ? sensor.timeMs - 60_000 * random.integer(3) : sensor.timeMs
    const quality = random.uniform() < 0.01 ? 1 + random.integer(2) : 0
    events.push({
      kind: 'reading',
      sensor: sensor.id,
      timeMs: clockOf(random, timeMs),
      value,
      quality,
      arrivalMs: timeMs + 50,
    })
    if (random.uniform() < 0.01) events.push({ kind: 'tick', nowMs: Math.max(...sensors.map((s) => s.timeMs)) })
  }
  return events
}

/** Now and then a clock that is a day ahead or starts at 1970. */
function clockOf(random: Prng, timeMs: number): number {
  const u = random.uniform()
  return u < 0.003 ? timeMs + 86_400_000 : u < 0.006 ? 1000 : timeMs
}

function gapOf(random: Prng): number {
  const u = random.uniform()
  return u < 0.004 ? 200 : u < 0.01 ? 15 : u < 0.02 ? 0 : 1
}

function glitchOf(random: Prng, value: number): number {
  const u = random.uniform()
  if (u < 0.002) return 1e9
  if (u < 0.003) return 1e300
  return u < 0.008 ? Number.NaN : value
}

/** How the same events reach the pipeline. */
interface Way {
  /** Largest frame; each frame's size is drawn from 1 to this. */
  readonly rows: number
  readonly seed: number
  /** Chance of a restart after a frame: new pipeline, other slots, states by id. */
  readonly restart: number
  /** Whether rows of different sensors change places within a frame. */
  readonly shuffle: boolean
}

interface World {
  readonly catalog: SensorCatalog
  readonly pipeline: ReturnType<typeof createPipeline>
}

function open(order: readonly string[]): World {
  const spec = (id: string) => ({
    ...defaultSpec(id),
    ...(id === 'c' && { latenessMs: 90_000, adapt: 'both' as const }),
    ...(id === 'b' && {
      alarm: { direction: 'high' as const, delayOnMs: 20_000, delayOffMs: 60_000 },
      adapt: 'scale' as const,
      rateMax: 500,
      high: 1e6,
    }),
  })
  const catalog = new SensorCatalog(8, spec)
  for (const id of order) catalog.intern(id)
  const models = { model, own: new Map([['b', own]]) }
  const pipeline = createPipeline({ ...models, catalog, plant: 'p', quarantine: true, learn: { rows: 200 } })
  return { catalog, pipeline }
}

/** Runs the events one way; everything that was said, by sensor, as text, so that bits are compared. */
function run(events: readonly Event[], way: Way): Record<string, string[]> {
  const random = createPrng(way.seed)
  const said: Record<string, string[]> = {}
  const frame = new Frame(way.rows)
  let world = open(['a', 'b', 'c'])
  let size = 1 + random.integer(way.rows)
  const flush = (): void => {
    if (frame.count > 0) {
      const out = new OutcomeFrame(frame.count)
      world.pipeline.step(way.shuffle ? shuffled(frame, random) : frame, out)
      record(said, world, out, 'row')
      record(said, world, world.pipeline.changes, 'change')
    }
    frame.clear()
    size = 1 + random.integer(way.rows)
    if (random.uniform() < way.restart) world = restarted(world, random)
  }
  for (const event of events) {
    if (event.kind === 'tick') {
      flush()
      const out = new OutcomeFrame(0)
      world.pipeline.tick(event.nowMs, out)
      record(said, world, out, 'row')
      continue
    }
    frame.push(world.catalog.intern(event.sensor), event.timeMs, event.value, event.quality, event.arrivalMs)
    if (frame.count >= size) flush()
  }
  flush()
  for (const [id, slot] of world.catalog.ids())
    said[`${id} state`] = [Buffer.from(world.pipeline.snapshot(slot)).toString('base64')]
  return said
}

function record(said: Record<string, string[]>, world: World, out: OutcomeFrame, kind: string): void {
  for (let row = 0; row < out.count; row++) {
    const id = world.catalog.spec(out.slot[row]!).id
    const numbers = [
      out.timeMs,
      out.arrivalMs,
      out.value,
      out.expected,
      out.lower,
      out.upper,
      out.residual,
      out.score,
      out.alarm,
      out.quality,
    ]
    say(said, `${id} ${kind}`, numbers.map((column) => column[row]).join())
  }
  for (const transition of out.transitions) say(said, `${transition.alarm.sensor} alarm`, JSON.stringify(transition))
}

function say(said: Record<string, string[]>, name: string, text: string): void {
  said[name] = said[name] ?? []
  said[name].push(text)
}

/** The same rows with the sensors in another order; each sensor's own rows keep theirs. */
function shuffled(frame: Frame, random: Prng): Frame {
  const left = Array.from({ length: frame.count }, (_, row) => row)
  const out = new Frame(frame.count)
  while (left.length > 0) {
    const slot = frame.slot[left[random.integer(left.length)]!]!
    const row = left.splice(
      left.findIndex((candidate) => frame.slot[candidate] === slot),
      1,
    )[0]!
    out.push(slot, frame.timeMs[row]!, frame.value[row]!, frame.quality[row]!, frame.arrivalMs[row]!)
  }
  return out
}

function restarted(world: World, random: Prng): World {
  const ids = ['a', 'b', 'c', 'idle']
  for (let i = ids.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    ;[ids[i], ids[j]] = [ids[j]!, ids[i]!]
  }
  const next = open(ids)
  for (const [id, slot] of world.catalog.ids())
    next.pipeline.restore(next.catalog.intern(id), world.pipeline.snapshot(slot))
  return next
}

function withoutIdle(said: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(said).filter(([name]) => !name.startsWith('idle')))
}

describe('the same readings in the same order per sensor give the same bits', () => {
  const whole = { rows: 5000, seed: 0, restart: 0, shuffle: false }
  const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 })
  const runs = { numRuns: 12 }

  test('whatever the split into frames', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 300 }), (seed, rows) => {
        const events = eventsOf(seed)
        expect(run(events, { ...whole, rows, seed })).toEqual(run(events, whole))
      }),
      runs,
    )
  })

  test('whatever the order of sensors within a frame', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const events = eventsOf(seed)
        expect(run(events, { ...whole, rows: 64, seed, shuffle: true })).toEqual(run(events, whole))
      }),
      runs,
    )
  })

  test('whatever the restarts, into other slots', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 100 }), (seed, rows) => {
        const events = eventsOf(seed)
        const ways = { ...whole, rows, seed, restart: 0.3, shuffle: true }
        expect(withoutIdle(run(events, ways))).toEqual(withoutIdle(run(events, whole)))
      }),
      runs,
    )
  })

  test('and no input, however absurd, gives a score outside 0…1 or an expected value that is not finite', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const events = eventsOf(seed)
        const world = open(['a', 'b', 'c'])
        const frame = new Frame(events.length)
        for (const event of events) {
          if (event.kind === 'reading')
            frame.push(world.catalog.intern(event.sensor), event.timeMs, event.value, event.quality, event.arrivalMs)
        }
        const out = new OutcomeFrame(frame.count)
        world.pipeline.step(frame, out)
        for (let row = 0; row < out.count; row++) {
          expect(out.score[row]! >= 0 && out.score[row]! <= 1).toBe(true)
          if (out.quality[row]! > 1) expect(out.expected[row]).toBeNaN()
          else expect(Number.isFinite(out.lower[row]! + out.upper[row]!)).toBe(true)
        }
      }),
      runs,
    )
  })
})
